"""Where in a folder the reader is, and that page of the list as a pane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from flask import get_flashed_messages, request, url_for

from webmail.imap import fetch
from webmail.imap.connection import Connection
from webmail.imap.fetch import Page, Selected
from webmail.mail.flags import TAGS
from webmail.mail.ids import MailboxName, MessageRef, Uid
from webmail.mail.labels import Label, labels
from webmail.mail.mailbox import Mailbox, Role
from webmail.web import converters, filters, live, rows, session
from webmail.web.nav import folder_title
from webmail.web.services import services

Only = Literal["all", "unread", "starred"]
_FILTERS: Final[tuple[tuple[Only, str], ...]] = (("all", "All"), ("unread", "Unread"), ("starred", "Starred"))
_NOTHING: Final[dict[Only, str]] = {
    "all": "Nothing in this folder", "unread": "Nothing unread here", "starred": "Nothing starred here",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """Keyed by UID, never by offset: deliveries and deletions between two pages lose or repeat no row."""

    only: Only = "all"
    before: Uid | None = None
    after: Uid | None = None

    def query(self) -> dict[str, Any]:
        """The same as arguments of a URL."""
        given: dict[str, Any] = {} if self.only == "all" else {"only": self.only}
        if self.before is not None:
            given["before"] = self.before
        if self.after is not None:
            given["after"] = self.after
        return given


def place_from(values: Mapping[str, str]) -> Place:
    """Read a place from the arguments of a URL or the fields of a form; nonsense is the newest page."""
    wanted = values.get("only")
    only: Only = next((key for key, _ in _FILTERS if key == wanted), "all")
    return Place(only, _uid(values.get("before")), _uid(values.get("after")))


def _uid(text: str | None) -> Uid | None:
    """Digits are counted before they are read: int() refuses very long ones with an error of its own."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 10:
        return None
    return Uid(int(text)) if 0 < int(text) < 2**32 else None


def page(conn: Connection, mailbox: MailboxName, place: Place) -> Page:
    """One page of the folder."""
    size = services().settings.page_size
    return fetch.page(conn, mailbox, size=size, before=place.before, after=place.after, only=place.only)


def pane(
    folders: Sequence[Mailbox], found: Page, place: Place, *, current: MessageRef | None, with_rows: bool = True
) -> rows.ListPane:
    """The page as the template wants it. with_rows: False where only what stands around them is printed."""
    name = found.selected.name
    here = next((m for m in folders if m.name == name), Mailbox(name, None))
    zone = filters.zone_of(request)
    can_change, now = not found.selected.read_only, datetime.now(zone)
    who = session.current()
    look = rows.Look(
        who.record_key, now.date(), zone.key, here.role in (Role.SENT, Role.DRAFTS), can_change, who.address,
        url_for("message.show", mailbox=name, pick=rows.PICK, **place.query()),
    )  # fmt: skip
    listed = rows.days(found.rows if with_rows else (), look, now=now, zone=zone, current=current)
    unread = here.unseen if here.unseen is not None else found.selected.unseen or 0
    total = found.selected.messages
    # A part that script asks for by itself must not swallow the words that are meant for the next page.
    flashed = [] if "X-Part" in request.headers else [str(text) for text in get_flashed_messages()]
    return rows.ListPane(
        name=converters.mailbox_to_url(name),
        title=folder_title(here),
        url=_url(name, place),
        do_url=url_for("act.do", mailbox=name, **place.query()),
        unread=unread,
        total=total,
        summary=_summary(unread, total),
        filters=tuple(rows.Choice(label, _url(name, Place(key)), key == place.only) for key, label in _FILTERS),
        days=listed,
        position=_position(found),
        older_url=_url(name, Place(place.only, before=found.older)) if found.older else None,
        newer_url=_url(name, Place(place.only, after=found.newer)) if found.newer else None,
        empty=None if listed else _NOTHING[place.only],
        targets=tuple(_target(m) for m in folders if m.selectable and m.name != name),
        can_change=can_change,
        can_archive=here.role is not Role.ARCHIVE,
        can_delete=here.role is not Role.TRASH,
        can_junk=here.role not in (Role.DRAFTS, Role.SENT),
        is_junk=here.role is Role.JUNK,
        is_trash=here.role is Role.TRASH,
        can_keep=found.selected.keywords,
        labels=_labels(found.selected),
        whole=_whole(found),
        whole_count=filters.number(found.total),
        notice=flashed[-1] if flashed else None,
        at=live.token(found.stamp),
    )


def _labels(selected: Selected) -> tuple[Label, ...]:
    """What the folder keeps: Thunderbird's five wherever new keywords may be made, and what is there already."""
    return labels({*selected.permanent_flags, *(TAGS if selected.keywords else ())})


def _whole(found: Page) -> str:
    """All that is listed, up to the newest that this page knows of."""
    if found.total <= len(found.rows):
        return ""
    newest = max(row.ref.uid for row in found.rows) if found.rows else 0
    up_to = Uid(max(newest, (found.selected.uidnext or 1) - 1, 1))
    return converters.pick_to_text(converters.Pick(found.selected.uidvalidity, up_to))


def _target(mailbox: Mailbox) -> rows.Choice:
    """Deeper folders show their way: "Clients / Berlin"."""
    label = folder_title(mailbox) if mailbox.role else " / ".join(mailbox.path)
    return rows.Choice(label, converters.mailbox_to_url(mailbox.name))


def _url(name: MailboxName, place: Place) -> str:
    return url_for("mailbox.show", mailbox=name, **place.query())


def _summary(unread: int, total: int) -> str:
    if not total:
        return "empty"
    return (
        f"{filters.number(unread)} unread of {filters.number(total)}" if unread else f"{filters.number(total)} in all"
    )


def _position(found: Page) -> str:
    if not found.rows:
        return ""
    return f"{filters.number(found.first)}\u2013{filters.number(found.last)} of {filters.number(found.total)}"
