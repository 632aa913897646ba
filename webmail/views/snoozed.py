"""All letters that are out of sight for a while: when they come back, now or at another moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from flask import Blueprint, Flask, get_flashed_messages, render_template, request, url_for

from webmail import errors
from webmail.actions import chores
from webmail.imap import fetch, mailboxes
from webmail.imap.connection import Connection
from webmail.imap.fetch import Page
from webmail.mail import snoozed
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Mailbox
from webmail.mail.message import Summary
from webmail.views import _snooze
from webmail.web import converters, filters, rows, session
from webmail.web.nav import Nav, build
from webmail.web.words import _, ngettext

blueprint = Blueprint("snoozed", __name__)

_MOMENTS: Final = 50
_LETTERS: Final = 25
"""Moments of one page (each is a folder to be opened), and letters that are shown of each."""

_FAR: Final = 10**6
_IN: Final[Mapping[int, Callable[[int], str]]] = {
    60 * 24: lambda n: ngettext("in %(count)s day", "in %(count)s days", n),
    60: lambda n: ngettext("in %(count)s hour", "in %(count)s hours", n),
    1: lambda n: ngettext("in %(count)s minute", "in %(count)s minutes", n),
}
"""Minutes -> how long it is until then, in so many of them."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One of them. pick: value of its buttons."""

    url: str
    pick: str
    who: str
    subject: str


@dataclass(frozen=True, slots=True)
class Group:
    """What comes back at one moment. when, away: "Tue 1 Dec 2026, 08:00", "in 13 hours". more: letters not shown.

    do_url takes POST unsnooze=pick, snooze=pick; or do=unsnooze with whole=pick, for all of them.
    """

    when: str
    away: str
    iso: str
    letters: tuple[Letter, ...]
    more: int
    url: str
    do_url: str
    whole: str


@dataclass(frozen=True, slots=True)
class SnoozedPage:
    """next_url, before_url: the moments after these and before them, or None. others: a link to messages that lie
    beside the moments, put there by something else, and how many; None where there are none."""

    nav: Nav
    groups: tuple[Group, ...]
    next_url: str | None
    before_url: str | None
    others: tuple[str, int] | None
    notice: str | None


def install(app: Flask) -> None:
    """Whoever has a page open has what is due brought back, at its second, and what is muted put away."""
    app.extensions["pennypost"].watcher.chore = chores.watch


@blueprint.get("/snoozed")
def show() -> str:
    """The next one first."""
    given = request.args.get("first", "0")
    first = int(given) if given.isascii() and given.isdigit() and len(given) < len(str(_FAR)) else 0
    known, found = session.borrow(lambda conn: _found(conn, first))
    if _snooze.woken(known):
        known, found = session.borrow(lambda conn: _found(conn, first))
    zone = filters.zone_of(request)
    now = datetime.now(zone)
    waiting = len(snoozed.dated(known))
    root = next((one for one in known if snoozed.is_root(one) and one.selectable and one.messages), None)
    flashed = [str(text) for text in get_flashed_messages()]
    page = SnoozedPage(
        nav=build(known, MailboxName(snoozed.SNOOZED)),
        groups=tuple(_group(when, listed, zone, now) for when, listed in found if listed.rows),
        next_url=url_for("snoozed.show", first=first + _MOMENTS) if waiting > first + _MOMENTS else None,
        before_url=url_for("snoozed.show", first=max(0, first - _MOMENTS)) if first else None,
        others=(url_for("mailbox.show", mailbox=root.name), root.messages or 0) if root else None,
        notice=flashed[-1] if flashed else None,
    )
    return render_template("snoozed/show.html", page=page)


def _found(conn: Connection, first: int) -> tuple[tuple[Mailbox, ...], list[tuple[datetime, Page]]]:
    known = mailboxes.list_mailboxes(conn)
    found = []
    # Counts may be some seconds old: an empty one is found out when it is opened.
    for when, one in snoozed.dated(known)[first : first + _MOMENTS]:
        # By now somebody may have brought them back.
        with suppress(errors.MailboxMissing, errors.ServerRefused):
            found.append((when, fetch.page(conn, one.name, size=_LETTERS, before=None, after=None, only="all")))
    return known, found


def _group(when: datetime, listed: Page, zone: tzinfo, now: datetime) -> Group:
    name = listed.selected.name
    here = filters.in_zone(when, zone)
    newest = max(row.ref.uid for row in listed.rows)
    return Group(
        when=filters.moment(here), away=_away(here, now), iso=here.isoformat(timespec="minutes"),
        letters=tuple(_letter(row) for row in listed.rows), more=max(0, (listed.total or 0) - len(listed.rows)),
        url=url_for("mailbox.show", mailbox=name), do_url=url_for("act.do", mailbox=name),
        whole=converters.pick_to_text(converters.Pick(listed.selected.uidvalidity, newest)),
    )  # fmt: skip


def _letter(row: Summary) -> Letter:
    me = session.current().address
    return Letter(
        url=url_for("message.show", mailbox=row.ref.mailbox, pick=row.ref),
        pick=converters.pick_to_text(row.ref),
        who=rows.names(row.senders, me)[:300] or _("(no sender)"),
        subject=(row.subject or _(rows.NO_SUBJECT))[:300],
    )


def _away(when: datetime, now: datetime) -> str:
    """How long it is until then, roughly."""
    minutes = (when - now).total_seconds() / 60
    if minutes <= 0:
        return _("due now")
    for size, said in _IN.items():
        if minutes >= size:
            return said(round(minutes / size))
    return _("in less than a minute")
