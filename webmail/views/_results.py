"""What a search found, as values for its page: one folder at length, or the newest of many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

from flask import request, url_for

from webmail.imap import find
from webmail.imap.connection import Connection
from webmail.imap.find import Hits
from webmail.mail import flags, scope
from webmail.mail.conditions import Node
from webmail.mail.ids import MailboxName, MessageRef, Uid
from webmail.mail.labels import Label
from webmail.mail.mailbox import Mailbox, Role
from webmail.mail.program import Asker
from webmail.web import asked, converters, filters, listing, rows, session
from webmail.web.asked import Asked
from webmail.web.labels import labels
from webmail.web.nav import places, way
from webmail.web.rows import Choice, Day, Moment
from webmail.web.services import services
from webmail.web.words import _, language, ngettext, number

DO: Final = "act.found"
"""Takes what is done to rows, of whatever folders."""


@dataclass(frozen=True, slots=True)
class Section:
    """What one folder holds. summary: how many. note: how that was found out, or "". url: all of it, where only the
    newest are here. role: of the folder. upto: the newest message that the page knows of, for whoever does something to
    all that is found; "" where that cannot be. failed: why it could not be searched, or "". place: its number among the
    folders that are searched; they stand in that order, whichever answers first.
    """

    title: str
    summary: str
    days: tuple[Day, ...] = ()
    note: str = ""
    url: str | None = None
    position: str = ""
    older_url: str | None = None
    newer_url: str | None = None
    can_change: bool = False
    role: str = ""
    upto: str = ""
    failed: str = ""
    place: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    """What can be done to what was found, as the bar of a list has it (web/rows.py)."""

    can_archive: bool
    can_delete: bool
    can_junk: bool
    is_junk: bool
    targets: tuple[Choice, ...]
    more_targets: bool
    labels: tuple[Label, ...]
    snoozes: tuple[Moment, ...]
    can_keep: bool = True
    can_print: bool = False
    is_trash: bool = False
    is_asleep: bool = False


def bar(folders: Sequence[Mailbox], role: str | None) -> Bar:
    """role: of the one folder, None where there are several. Those may allow different things; what one of them does
    not is said when it is tried, and done in the others."""
    targets, more = places(folders, MailboxName(""))
    return Bar(
        role != Role.ARCHIVE, role != Role.TRASH, role not in (Role.DRAFTS, Role.SENT), role == Role.JUNK,
        tuple(Choice(way(each), converters.mailbox_to_url(each.name)) for each in targets), more,
        labels(flags.TAGS), listing.snoozes(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything that was found. count: so many, "" where nobody counted."""

    count: str = ""


def asker() -> Asker:
    """Who asks, and what time it is there."""
    return Asker(session.current().address, datetime.now(filters.zone_of(request)), fuzzy=True)


def alone(conn: Connection, mailbox: Mailbox, root: Node, who: Asker, before: Uid | None, after: Uid | None) -> Hits:
    """One page of one folder."""
    size = services().settings.page_size
    return find.page(conn, mailbox.name, scope.within(root, mailbox), who, size=size, before=before, after=after)


def section(hits: Hits, mailbox: Mailbox, told: Asked, *, paged: bool) -> Section:
    """The folder's rows. paged: with its pages, else the newest and a link to all."""
    zone, token = filters.zone_of(request), asked.token(told)
    here = Asked(told.text, converters.mailbox_to_url(mailbox.name))
    # A folder that is one of several was only looked into: nobody asked what may be changed there.
    can_change = not paged or not hits.selected.read_only

    def page_url(**place: Any) -> str:
        return url_for("search.show", token=asked.token(here), **place)

    return Section(
        title=way(mailbox),
        summary=_summary(hits, paged=paged),
        days=_days(hits, mailbox, can_change, asked.token(here) if paged else token, zone),
        note=_note(hits),
        url=page_url() if not paged and hits.older is not None else None,
        position=_position(hits) if paged else "",
        older_url=page_url(before=hits.older) if paged and hits.older else None,
        newer_url=page_url(after=hits.newer) if paged and hits.newer else None,
        can_change=can_change,
        role=mailbox.role or "",
        upto=_upto(hits) if can_change else "",
    )


def _upto(hits: Hits) -> str:
    newest = max((row.ref.uid for row in hits.rows), default=1)
    last = MessageRef(hits.selected.name, hits.selected.uidvalidity, Uid(max(newest, (hits.selected.uidnext or 1) - 1)))
    return converters.ref_to_text(last)


def _days(hits: Hits, mailbox: Mailbox, can_change: bool, token: str, zone: tzinfo) -> tuple[Day, ...]:
    now, who = datetime.now(zone), session.current()
    look = rows.Look(
        who.record_key, language().tag, now.date(), str(zone), mailbox.role in (Role.SENT, Role.DRAFTS), can_change,
        who.address,
        url_for("message.show", mailbox=mailbox.name, pick=rows.PICK, found=token),
        mailbox.name,
    )  # fmt: skip
    return rows.days(hits.rows, look, now=now, zone=zone, current=None)


def _summary(hits: Hits, *, paged: bool) -> str:
    if not hits.loose:
        return ngettext("%(count)s found", "%(count)s found", hits.total)
    count = len(hits.rows)
    if hits.older is None and hits.newer is None:
        return ngettext("%(count)s found", "%(count)s found", count)
    if paged:
        # Translators: so many of the messages that a search finds are on this page.
        return ngettext("%(count)s here", "%(count)s here", count)
    return ngettext("%(count)s or more found", "%(count)s or more found", count)


def _note(hits: Hits) -> str:
    if not hits.loose:
        return ""
    looked = number(hits.looked)
    if hits.reads:
        # Translators: looked: messages that were read, of all that there are; newest: so many are read at most.
        return ngettext(
            "Your mail server does not search for letters outside ASCII. So messages are read here, the beginning of "
            "each: %(looked)s of %(count)s for this page, and the newest %(newest)s for all.",
            "Your mail server does not search for letters outside ASCII. So messages are read here, the beginning of "
            "each: %(looked)s of %(count)s for this page, and the newest %(newest)s for all.",
            hits.total, looked=looked, newest=number(find.READ_FOR_ALL),
        )  # fmt: skip
    if hits.older is None and hits.newer is None:
        return ""
    return ngettext(
        "Mail servers cannot search for files. So messages are looked at here: %(looked)s of %(count)s for this page.",
        "Mail servers cannot search for files. So messages are looked at here: %(looked)s of %(count)s for this page.",
        hits.total, looked=looked,
    )  # fmt: skip


def _position(hits: Hits) -> str:
    if hits.loose or not hits.rows:
        return ""
    last = hits.first + len(hits.rows) - 1
    here = f"{number(hits.first)}\u2013{number(last)}"
    return _("%(range)s of %(total)s", range=here, total=number(hits.total))
