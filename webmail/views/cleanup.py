"""Clearing a folder: what lies in it in piles, counted first; then a pile is deleted, archived or marked at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webmail.actions import which
from webmail.actions.deeds import DEEDS
from webmail.actions.order import Among, Order, State
from webmail.imap import fetch, mailboxes, survey
from webmail.imap.connection import Connection
from webmail.imap.survey import Survey
from webmail.languages import N_
from webmail.mail import lists, piles
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Mailbox, Role
from webmail.mail.piles import KINDS, SIZES, Kind
from webmail.views import _acts, _told
from webmail.web import converters, filters, session
from webmail.web.converters import Pick
from webmail.web.filters import size_text
from webmail.web.nav import Nav, build, folder_title
from webmail.web.rows import Choice
from webmail.web.words import _, ngettext, number

blueprint = Blueprint("cleanup", __name__)

# Translators: how messages are sorted into piles: by who sent them, by their mailing list.
_TABS: Final[dict[Kind, str]] = {
    "sender": N_("By sender"), "list": N_("By list"), "size": N_("By size"), "age": N_("By age"),
}  # fmt: skip
_SHOWN: Final = 200
_LONGEST: Final = 1000
_DEEDS: Final = ("delete", "archive", "read")

# Translators: which messages these are: "They are from before 1 May 2026 (older than a month), in the folder Inbox."
_OLDER: Final = {
    1: N_("from before %(day)s (older than a month)"), 3: N_("from before %(day)s (older than three months)"),
    6: N_("from before %(day)s (older than half a year)"), 12: N_("from before %(day)s (older than a year)"),
    24: N_("from before %(day)s (older than two years)"), 60: N_("from before %(day)s (older than five years)"),
}  # fmt: skip
# Translators: the same as the title of a pile of messages.
_OLDER_PILE: Final = {
    1: N_("From before %(day)s (older than a month)"), 3: N_("From before %(day)s (older than three months)"),
    6: N_("From before %(day)s (older than half a year)"), 12: N_("From before %(day)s (older than a year)"),
    24: N_("From before %(day)s (older than two years)"), 60: N_("From before %(day)s (older than five years)"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One pile. value: of its button. size: "" where it was not counted."""

    title: str
    hint: str
    count: str
    size: str
    value: str


@dataclass(frozen=True, slots=True)
class CleanPage:
    """The piles of one kind. note: how much was counted. more: piles that are not printed."""

    nav: Nav
    title: str
    url: str
    folder_url: str
    kind: Kind
    tabs: tuple[Choice, ...]
    lines: tuple[Line, ...]
    note: str
    more: int


@dataclass(frozen=True, slots=True)
class PilePage:
    """One pile, counted exactly. what: in words. sure: where the folder ended when it was counted. ways: what can be
    done (value, label)."""

    nav: Nav
    title: str
    url: str
    back_url: str
    kind: Kind
    key: str
    what: str
    count: int
    size: str
    sure: str
    ways: tuple[tuple[str, str], ...]


@blueprint.get("/m/<mailbox:mailbox>/clean-up")
def show(mailbox: MailboxName) -> str:
    """Count, and do nothing."""
    given = request.args.get("by", "")
    kind: Kind = given if given in KINDS else "sender"
    (lines, note), folders = session.borrow(
        lambda conn: (_counted(conn, mailbox, kind), mailboxes.list_mailboxes(conn))
    )
    here = url_for("cleanup.show", mailbox=mailbox)
    page = CleanPage(
        nav=build(folders, mailbox), title=_title(folders, mailbox), url=here,
        folder_url=url_for("mailbox.show", mailbox=mailbox), kind=kind,
        tabs=tuple(Choice(_(label), f"{here}?by={one}", one == kind) for one, label in _TABS.items()),
        lines=tuple(lines[:_SHOWN]), note=note, more=max(0, len(lines) - _SHOWN),
    )  # fmt: skip
    return render_template("cleanup/show.html", page=page)


@blueprint.post("/m/<mailbox:mailbox>/clean-up")
def do(mailbox: MailboxName) -> str | Response:
    """Ask about one pile with its number; or, asked already, do it. Names of people are in the form, not the URL."""
    kind, key = _pile()
    wish = request.form.get("do", "")
    if not wish:
        found, folders = session.borrow(
            lambda conn: (survey.pile(conn, mailbox, kind, key), mailboxes.list_mailboxes(conn))
        )
        return _asked(folders, mailbox, kind, key, found, f"{url_for('cleanup.show', mailbox=mailbox)}?by={kind}")
    if wish not in _DEEDS:
        abort(400)
    try:
        sure = converters.pick_from_text(request.form.get("sure", ""))
    except ValueError:
        abort(400)
    resolver = which.piled(mailbox, sure.uidvalidity, kind, key, sure.uid)
    order = Order((Among(mailbox, sure.uidvalidity, resolver),), DEEDS[wish], wish)
    job = _acts.begin(order, large=True)
    if job.error is not None and not job.count:
        raise job.error
    if job.state is not State.DONE:
        return redirect(url_for("act.job", token=job.token), 303)
    flash(_told.told(job))
    return redirect(url_for("mailbox.show", mailbox=mailbox), 303)


@blueprint.get("/m/<mailbox:mailbox>/<pick:pick>/all-like-it")
def like(mailbox: MailboxName, pick: Pick) -> str:
    """The question about all that came from the list of this message, or, where it names none, from its sender."""
    ref = pick.within(mailbox)

    def work(conn: Connection) -> tuple[Kind, str, Survey | None, tuple[Mailbox, ...]]:
        header = Headers.parse(fetch.message(conn, ref).header)
        named, senders = lists.identity(header), header.addresses("from")
        kind: Kind = "list" if named else "sender"
        key = named[0] if named else senders[0].address.lower() if senders else ""
        found = survey.pile(conn, mailbox, kind, key) if key else None
        return kind, key, found, mailboxes.list_mailboxes(conn)

    kind, key, found, folders = session.borrow(work)
    if found is None:
        abort(404)
    return _asked(folders, mailbox, kind, key, found, url_for("message.show", mailbox=mailbox, pick=ref))


def _pile() -> tuple[Kind, str]:
    kind, key = request.form.get("by", ""), request.form.get("what", "")
    if kind not in KINDS or not 0 < len(key) <= _LONGEST or not key.isprintable():
        abort(400)
    try:
        _words(kind, key)
    except ValueError:
        abort(400)
    return kind, key


def _asked(folders: tuple[Mailbox, ...], mailbox: MailboxName, kind: Kind, key: str, found: Survey, back: str) -> str:
    role = next((one.role for one in folders if one.name == mailbox), None)
    count = len(found.letters)
    # Translators: buttons about so many messages.
    ways = [
        ("delete", ngettext("Delete it", "Delete all %(count)s", count)),
        ("archive", ngettext("Archive it", "Archive all %(count)s", count)),
        ("read", ngettext("Mark it read", "Mark all %(count)s read", count)),
    ]
    never = {Role.TRASH: "delete", Role.ARCHIVE: "archive"}
    size = sum(one.size for one in found.letters)
    page = PilePage(
        nav=build(folders, mailbox), title=_title(folders, mailbox), url=url_for("cleanup.do", mailbox=mailbox),
        back_url=back, kind=kind, key=key, what=_words(kind, key), count=count,
        size=size_text(size) if size else "", sure=converters.pick_to_text(Pick(found.uidvalidity, found.up_to)),
        ways=tuple(way for way in ways if role is None or never.get(role) != way[0]),
    )  # fmt: skip
    return render_template("cleanup/pile.html", page=page)


# --- counting ---------------------------------------------------------------------------------------------------------


def _counted(conn: Connection, mailbox: MailboxName, kind: Kind) -> tuple[list[Line], str]:
    if kind in ("size", "age"):
        return _thresholds(conn, mailbox, kind)
    found = survey.newest(conn, mailbox)
    lines = [
        Line(pile.title, "" if pile.title == pile.key else pile.key, number(pile.count), size_text(pile.size), pile.key)
        for pile in piles.piles(found.letters, kind)
    ]
    if found.total > len(found.letters):
        note = ngettext(
            "Of %(count)s message the newest %(newest)s were counted here. "
            "Choose one and all of the folder is counted.",
            "Of %(count)s messages the newest %(newest)s were counted here. "
            "Choose one and all of the folder is counted.",
            found.total, newest=number(len(found.letters)),
        )  # fmt: skip
        return lines, note
    return lines, _all_of(found.total)


def _all_of(count: int) -> str:
    return ngettext("%(count)s message counted.", "%(count)s messages counted.", count)


def _thresholds(conn: Connection, mailbox: MailboxName, kind: Kind) -> tuple[list[Line], str]:
    keys = [str(size) for size in SIZES] if kind == "size" else [day.isoformat() for _, day in _ages()]
    lines, total = [], 0
    for key in keys:
        found = survey.pile(conn, mailbox, kind, key)
        total = found.total
        if found.letters:
            lines.append(Line(_words(kind, key, pile=True), "", number(len(found.letters)), "", key))
    return lines, _all_of(total)


def _ages() -> list[tuple[int, date]]:
    return piles.ages(datetime.now(filters.zone_of(request)).date())


def _words(kind: Kind, key: str, *, pile: bool = False) -> str:
    """Which messages these are, to stand in a sentence; pile: as a title. Raises ValueError."""
    if kind == "size":
        if not (key.isascii() and key.isdigit() and len(key) < len(str(10**9))):
            raise ValueError("no size")
        size = size_text(int(key))
        return _("Larger than %(size)s", size=size) if pile else _("larger than %(size)s", size=size)
    if kind == "age":
        day = date.fromisoformat(key)
        known = next((months for months, one in _ages() if one == day), None)
        text = filters.day_text(day)
        if known is not None:
            return _(_OLDER_PILE[known], day=text) if pile else _(_OLDER[known], day=text)
        return _("From before %(day)s", day=text) if pile else _("from before %(day)s", day=text)
    # Translators: which messages these are: from this sender, from this mailing list.
    return _("from %(sender)s", sender=key) if kind == "sender" else _("from the list %(list)s", list=key)


def _title(folders: tuple[Mailbox, ...], mailbox: MailboxName) -> str:
    return next((folder_title(one) for one in folders if one.name == mailbox), "")
