"""What the pages know of snoozing: the question when, the deed, and bringing back what is due."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from webmail import errors
from webmail.actions import snooze
from webmail.actions.deeds import Deed
from webmail.imap import mailboxes
from webmail.languages import N_
from webmail.mail import flags, snoozed
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Mailbox
from webmail.web import filters, listing, session
from webmail.web.nav import Nav, build
from webmail.web.rows import Moment
from webmail.web.words import _

_WHY: Final = {
    "empty": N_("Choose a day and a time first: nothing was snoozed."),
    "odd": N_("This is no day and time that can be read: nothing was snoozed. Write it like 2026-07-20 07:00."),
    "past": N_("That moment is over: nothing was snoozed. Choose one that is to come."),
    "far": N_("That is more than ten years away: nothing was snoozed. Choose an earlier day."),
}


@dataclass(frozen=True, slots=True)
class WhenPage:
    """Until when? fields: what the form had, to be sent again. count: 0 for all that is listed. typed: into the field.

    problem: why the last answer was not taken, or "".
    """

    nav: Nav
    count: int
    choices: tuple[Moment, ...]
    do_url: str
    back_url: str
    fields: tuple[tuple[str, str], ...]
    typed: str
    problem: str
    zone: str


def why_not(text: str) -> str:
    """Why nothing can be snoozed until this; "" when it can."""
    try:
        _until(text)
    except ValueError as error:
        return _(_WHY[str(error)])
    return ""


def deed(text: str) -> tuple[Deed, str]:
    """Moving to the folder of this moment, which is made now; and the moment in words. Raises ValueError, MailError."""
    when = _until(text)
    name = session.borrow(lambda conn: snooze.place(conn, when))
    return Deed(remove=(flags.WOKEN,), to=name), filters.moment(when)


def ask(mailbox: MailboxName | None, back_url: str, problem: str, count: int) -> Response:
    """The page that asks until when; it holds what was chosen."""
    zone = filters.zone_of(request)
    kept = ("uid", "whole", "upto", "next", "back")
    fields = [(name, value) for name, value in request.form.items(multi=True) if name in kept]
    if alone := request.form.get("snooze"):
        fields = [("uid", alone), *((name, value) for name, value in fields if name == "back")]
    page = WhenPage(
        nav=build(session.borrow(mailboxes.list_mailboxes), mailbox),
        count=0 if request.form.get("whole") and not alone else count,
        choices=listing.snoozes(), do_url=request.full_path.rstrip("?"),
        back_url=back_url,
        fields=tuple(fields), typed=request.form.get("until", "")[:40], problem=problem, zone=zone.key,
    )  # fmt: skip
    return make_response(render_template("act/snooze.html", page=page), 400 if problem else 200)


def woken(known: tuple[Mailbox, ...]) -> bool:
    """Bring back what is due, if anything is: then the list is another one. No reason for a page to fail: when another
    device does the same, Dovecot hangs up on whoever has the folder open that is deleted."""
    if not snooze.is_due(known):
        return False
    with suppress(errors.MailError):
        session.borrow(snooze.wake)
    return True


def at_sign_in() -> None:
    """Whatever was due meanwhile is there when the inbox opens. Whoever signs in gets in whatever becomes of it."""
    with suppress(errors.MailError):
        session.borrow(snooze.wake)


def _until(text: str) -> datetime:
    return snoozed.chosen(text, datetime.now(UTC), filters.zone_of(request))
