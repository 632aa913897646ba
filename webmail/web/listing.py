"""Where in a folder the reader is, and that page of the list as a pane."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from flask import get_flashed_messages, request, url_for

from webmail.imap import fetch
from webmail.imap.connection import Connection
from webmail.imap.fetch import How, Only, Page, Selected, Sort
from webmail.languages import N_
from webmail.mail import flags, snoozed
from webmail.mail.ids import MailboxName, MessageRef, Uid
from webmail.mail.labels import Label
from webmail.mail.mailbox import Mailbox, Role, is_templates
from webmail.mail.mailboxes import Mailboxes
from webmail.web import converters, filters, live, preferences, rows, session
from webmail.web.labels import labels
from webmail.web.nav import folder_title, places, way
from webmail.web.services import services
from webmail.web.words import _, language, ngettext, number, pgettext

# Translators: links above a list, each shows some of its messages; and what stands there when there are none.
_FILTERS: Final[dict[Only, tuple[Callable[[], str], str]]] = {
    "all": (lambda: pgettext("messages", "All"), N_("Nothing in this folder")),
    "unread": (lambda: pgettext("messages", "Unread"), N_("Nothing unread here")),
    "starred": (lambda: pgettext("messages", "Starred"), N_("Nothing starred here")),
    "pinned": (lambda: pgettext("messages", "Pinned"), N_("Nothing pinned here")),
    "files": (lambda: _("With files"), N_("Nothing with files here")),
    "mine": (lambda: _("To me"), N_("Nothing written to you here")),
}
# Translators: orders of a list.
_SORTS: Final[dict[Sort, Callable[[], str]]] = {
    "newest": lambda: _("Newest first"),
    "oldest": lambda: _("Oldest first"),
    "unread": lambda: _("Unread first"),
    "starred": lambda: _("Starred first"),
    "sender": lambda: pgettext("an order", "Sender"),
    "subject": lambda: pgettext("an order", "Subject"),
    "size": lambda: _("Largest first"),
}
_TOGETHER: Final = frozenset({"newest", "oldest", "unread", "starred"})
"""In the other orders letters stand one by one: a conversation has no one sender and no one size."""

_HEADINGS: Final[dict[Sort, rows.Heading]] = {
    "unread": lambda row: _fresh(any(flags.SEEN not in told for _each, told in row.letters)),
    "starred": lambda row: _starred(any(flags.FLAGGED in told for _each, told in row.letters)),
    "sender": lambda row: "",
    "subject": lambda row: "",
    "size": lambda row: "",
}
_PINS: Final = re.compile(r"[1-9][0-9]{0,9}(\.[1-9][0-9]{0,9}){0,239}", re.ASCII)
_WALK: Final = re.compile(r"([1-9][0-9]{0,15})\.([0-9]{1,10})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """Keyed by UID, never by offset: deliveries and deletions between two pages lose or repeat no row.

    walk: in a list with an order of its own, which order the page before was made from, and where in it this begins.
    pins: what came first on its first page, because it is pinned or back.
    """

    only: Only = "all"
    before: Uid | None = None
    after: Uid | None = None
    sort: Sort = "newest"
    walk: tuple[int, int] = (0, 0)
    pins: tuple[Uid, ...] = ()

    def query(self) -> dict[str, Any]:
        """The same as arguments of a URL."""
        given: dict[str, Any] = {} if self.only == "all" else {"only": self.only}
        if self.sort != "newest":
            given["sort"] = self.sort
        if self.before is not None:
            given["before"] = self.before
        if self.after is not None:
            given["after"] = self.after
        if self.walk[0]:
            given["walk"] = "{}.{}".format(*self.walk)
        if self.pins:
            given["pins"] = ".".join(map(str, self.pins))
        return given

    @property
    def raises(self) -> bool:
        """Whether what is pinned, or back from Snoozed, comes first in this list."""
        return self.sort == "newest" and self.only == "all"

    def first(self) -> Place:
        """The first page of the same list."""
        return Place(self.only, sort=self.sort)


def place_from(values: Mapping[str, str]) -> Place:
    """Read a place from the arguments of a URL or the fields of a form; nonsense is the newest page."""
    only: Only = next((key for key in _FILTERS if key == values.get("only")), "all")
    sort: Sort = next((key for key in _SORTS if key == values.get("sort")), "newest")
    walk = _WALK.fullmatch(values.get("walk", ""))
    return Place(
        only, _uid(values.get("before")), _uid(values.get("after")), sort,
        (int(walk[1]), int(walk[2])) if walk else (0, 0), _pins(values.get("pins", "")),
    )  # fmt: skip


def _pins(text: str) -> tuple[Uid, ...]:
    return tuple(Uid(int(one)) for one in text.split(".")) if _PINS.fullmatch(text) else ()


def _uid(text: str | None) -> Uid | None:
    """Digits are counted before they are read: int() refuses very long ones with an error of its own."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 10:
        return None
    return Uid(int(text)) if 0 < int(text) < 2**32 else None


def how(mailbox: MailboxName, place: Place) -> How:
    """Which list that is, as the reader has chosen."""
    chosen = preferences.current()
    together = place.sort in _TOGETHER and chosen.together(mailbox)
    mine = (session.current().address, *(one.who.address for one in chosen.people)) if place.only == "mine" else ()
    return How(place.sort, place.only, together, mine)


def page(conn: Connection, mailbox: MailboxName, place: Place) -> Page:
    """One page of the folder, what is pinned first."""
    found = _page(conn, mailbox, place)
    if not place.raises:
        return found
    if place.before is None and (place.after is None or found.newer is None):
        return fetch.raised(conn, found)
    left = fetch.behind(found, place.pins)
    while found.rows and not left.rows and found.older and place.before:
        # All of it came first; what follows takes its place.
        found = _page(conn, mailbox, replace(place, before=found.older, walk=_walk(found)))
        left = fetch.behind(found, place.pins)
    return left


def _page(conn: Connection, mailbox: MailboxName, place: Place) -> Page:
    size = services().settings.page_size
    return fetch.page(
        conn, mailbox, size=size, before=place.before, after=place.after, how=how(mailbox, place), walk=place.walk
    )


def _walk(found: Page) -> tuple[int, int]:
    return (found.walk, found.older_at) if found.walk else (0, 0)


def pane(
    folders: Sequence[Mailbox], found: Page, place: Place, *, current: MessageRef | None, with_rows: bool = True
) -> rows.ListPane:
    """The page as the template wants it. with_rows: False where only what stands around them is printed."""
    name = found.selected.name
    here = Mailboxes.of(folders).named(name) or Mailbox(name, None)
    can_change = not found.selected.read_only
    targets, more = places(folders, name)
    # Without the right to take messages out the server keeps no \\Deleted (RFC 4314 4).
    leaves = flags.DELETED.lower() in {flag.lower() for flag in found.selected.permanent_flags}
    listed = _days(found if with_rows else None, here, place, can_change=can_change, current=current)
    unread = here.unseen if here.unseen is not None else found.selected.unseen or 0
    total = found.selected.messages
    apart = here.role is Role.DRAFTS or is_templates(here) or place.sort not in _TOGETHER
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
        filters=_filters(found.selected, place),
        sorts=tuple(
            rows.Choice(label(), _url(name, Place(place.only, sort=key)), key == place.sort)
            for key, label in _SORTS.items()
        ),
        sorted="" if place.sort == "newest" else _SORTS[place.sort](),
        together=not apart and preferences.current().together(name),
        together_url=None if apart else url_for("settings.folder", mailbox=name, **place.first().query()),
        days=listed,
        position=_position(found),
        older_url=_older(found, name, place),
        newer_url=_newer(found, name, place),
        empty=None if listed else _("Nothing further here") if found.pins else _(_FILTERS[place.only][1]),
        targets=tuple(rows.Choice(way(m), converters.mailbox_to_url(m.name)) for m in targets),
        more_targets=more,
        can_change=can_change,
        can_archive=leaves and here.role is not Role.ARCHIVE,
        can_delete=leaves and here.role is not Role.TRASH,
        can_junk=leaves and here.role not in (Role.DRAFTS, Role.SENT),
        is_junk=here.role is Role.JUNK,
        is_trash=here.role is Role.TRASH,
        can_keep=found.selected.keywords,
        labels=_labels(found.selected),
        snoozes=snoozes() if can_change and here.role not in _NEVER_SNOOZED else (),
        is_asleep=snoozed.moment(here) is not None,
        whole=_whole(found),
        whole_count=_whole_count(found, place),
        notice=flashed[-1] if flashed else None,
        remark=_remark(found, place),
        moves="order" if place.sort != "newest" else "filter" if place.only != "all" else "",
        at=live.token(found.stamp),
        tidy_url=url_for("cleanup.show", mailbox=name),
    )


_NEVER_SNOOZED: Final = frozenset({Role.DRAFTS, Role.JUNK, Role.TRASH})


def snoozes() -> tuple[rows.Moment, ...]:
    """Moments to choose from, with their dates, in the reader's zone."""
    zone = filters.zone_of(request)
    now = datetime.now(zone)
    return tuple(
        rows.Moment(_(title), filters.moment(when, now), when.isoformat(timespec="minutes"))
        for title, when in snoozed.choices(now, zone)
    )


def _labels(selected: Selected) -> tuple[Label, ...]:
    """What the folder keeps: Thunderbird's five wherever new keywords may be made, and what is there already."""
    return labels({*selected.permanent_flags, *(flags.TAGS if selected.keywords else ())})


def _whole(found: Page) -> str:
    """All that is listed, up to the newest that this page knows of."""
    if found.older is None and found.newer is None:
        return ""
    newest = max(row.ref.uid for row in found.rows) if found.rows else 0
    up_to = Uid(max(newest, (found.selected.uidnext or 1) - 1, 1))
    return converters.pick_to_text(converters.Pick(found.selected.uidvalidity, up_to))


def _whole_count(found: Page, place: Place) -> str:
    """So many messages; "" where only conversations were counted."""
    if place.only == "all":
        return number(found.selected.messages)
    together = place.sort in _TOGETHER and preferences.current().together(found.selected.name)
    return "" if together or found.total is None else number(found.total)


def _days(
    found: Page | None, here: Mailbox, place: Place, *, can_change: bool, current: MessageRef | None
) -> tuple[rows.Day, ...]:
    zone, who = filters.zone_of(request), session.current()
    now = datetime.now(zone)
    look = rows.Look(
        who.record_key, language().tag, now.date(), zone.key, here.role in (Role.SENT, Role.DRAFTS), can_change,
        who.address,
        url_for("message.show", mailbox=here.name, pick=rows.PICK, **place.query()),
    )  # fmt: skip
    if found is None:
        return ()
    first = found.pinned + found.woken
    # Translators: headings over messages of a list that stand above all others.
    pinned, back = pgettext("messages", "Pinned"), _("Back from Snoozed")
    titles = iter([pinned] * found.pinned + [back] * found.woken)
    above = rows.days(found.rows[:first], look, now=now, zone=zone, current=current, heading=lambda row: next(titles))
    others = rows.days(found.rows[first:], look, now=now, zone=zone, current=current, heading=_HEADINGS.get(place.sort))
    return (*(replace(day, pinned=True) for day in above), *others)


def _filters(selected: Selected, place: Place) -> tuple[rows.Choice, ...]:
    hidden = set() if session.current().address.isascii() else {"mine"}
    # Where nothing was ever pinned the filter would only take room.
    hidden |= set() if flags.PINNED in selected.permanent_flags or place.only == "pinned" else {"pinned"}
    return tuple(
        rows.Choice(
            words(),
            _url(selected.name, Place(key, sort=place.sort)),
            key == place.only,
            "g s" if key == "starred" else "",
        )
        for key, (words, _nothing) in _FILTERS.items()
        if key not in hidden
    )


def _url(name: MailboxName, place: Place) -> str:
    return url_for("mailbox.show", mailbox=name, **place.query())


def _older(found: Page, name: MailboxName, place: Place) -> str | None:
    if found.older is None:
        return None
    return _url(name, replace(place.first(), before=found.older, walk=_walk(found), pins=found.pins))


def _newer(found: Page, name: MailboxName, place: Place) -> str | None:
    if found.newer is None:
        return None
    if not found.walk:
        return _url(name, replace(place.first(), after=found.newer, pins=found.pins))
    back = replace(place.first(), before=found.newer, walk=(found.walk, found.newer_at), pins=found.pins)
    return _url(name, back if found.newer else place.first())


def _fresh(unread: bool) -> str:
    # Translators: headings of a list that has the unread messages first.
    return pgettext("messages", "Unread") if unread else pgettext("messages", "Read")


def _starred(starred: bool) -> str:
    # Translators: headings of a list that has the messages with a star first.
    return pgettext("messages", "Starred") if starred else _("Without a star")


def _summary(unread: int, total: int) -> str:
    """Script says the same when the numbers change (counts.js)."""
    if not total:
        # Translators: beside the name of a folder.
        return _("empty")
    if unread:
        # Translators: beside the name of a folder: how many of its messages are unread.
        return _("%(unread)s unread of %(total)s", unread=number(unread), total=number(total))
    return _("%(total)s in all", total=number(total))


def _position(found: Page) -> str:
    if not found.rows:
        return ""
    here = f"{number(found.first)}\u2013{number(found.last)}"
    # Translators: which messages of a list these are, as in "1 to 50 of 1,204".
    return here if found.total is None else _("%(range)s of %(total)s", range=here, total=number(found.total))


def _remark(found: Page, place: Place) -> str | None:
    """What the mail server cannot do, and what was done here in its place, is said on the page."""
    if found.considered is None:
        return None
    newest = found.considered
    if place.sort in _TOGETHER:
        return ngettext(
            "Conversations are found among the newest %(count)s message; older ones stand one by one.",
            "Conversations are found among the newest %(count)s messages; older ones stand one by one.",
            newest,
        )
    return ngettext(
        "The newest %(count)s message is sorted; older ones follow, the newest first.",
        "The newest %(count)s messages are sorted; older ones follow, the newest first.",
        newest,
    )
