"""The outbox: letters that wait to be sent, that were not, and those of which nobody knows."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, abort, flash, get_flashed_messages, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webmail import errors
from webmail.actions import send
from webmail.actions.recover import Waiting
from webmail.imap import mailboxes
from webmail.journal import State
from webmail.languages import N_
from webmail.mail.mailboxes import Mailboxes
from webmail.views import _archive, _sending
from webmail.views._sending import Strip
from webmail.web import converters, session, visit
from webmail.web.errors import sentence_for
from webmail.web.nav import Nav, build
from webmail.web.words import _

__all__ = ["blueprint", "install"]

blueprint = Blueprint("outbox", __name__)
install = _sending.install

_PATIENCE: Final = 2.0
"""Seconds that "Send now" waits for its result, so that the next page can tell it without script."""

_WORDS: Final = {
    State.HELD: ("warn", N_("Not sent yet: this site was restarted while the letter waited. It is in Drafts.")),
    State.UNKNOWN: ("warn", N_("It may have been sent: nobody heard the mail server's answer. Ask one of the "
        "recipients before you send it again.")),
    State.FAILED: ("bad", N_("Not sent: the mail server refused it, or could not be reached. It is in Drafts.")),
    # Translators: the subject of the letter follows.
    State.SENDING: ("", N_("Being sent")),
    State.ACCEPTED: ("", N_("Sent. Its copy has yet to be put into Sent; that is tried again by itself.")),
}  # fmt: skip
# Translators: buttons about a letter that was not sent, or perhaps.
_ACTS: Final = {
    State.HELD: (("again", N_("Send now")), ("dismiss", N_("Keep as draft"))),
    State.UNKNOWN: (("sent", N_("Mark as sent")), ("again", N_("Send again"))),
    State.FAILED: (("again", N_("Try again")), ("dismiss", N_("Keep as draft"))),
}


@dataclass(frozen=True, slots=True)
class OutboxPage:
    """strips: letters that the journal and Drafts tell of. moving: there are others, which this process is at. again:
    look again in so many seconds, 0: no need. notices: what was just done."""

    nav: Nav
    strips: tuple[Strip, ...]
    again: int
    moving: bool
    notices: tuple[str, ...] = ()


@blueprint.get("/outbox")
def show() -> str:
    """The letters, after what an earlier process left undone was seen to.

    "X-Part: outbox" asks for the lines above a list alone.
    """
    if request.headers.get("X-Part") == "outbox":
        return render_template("outbox/_strips.html")
    now = _sending.strips()
    try:
        seen, folders = _seen_to() if visit.is_reading() else [], session.borrow(mailboxes.list_mailboxes)
    except session.SessionEnded:
        raise
    except errors.MailError:
        # What waits in memory is told even while the mail server is away.
        seen, folders = [], Mailboxes()
    left = [_strip(one) for one in seen if one.key not in now.known]
    seconds = [strip.seconds for strip in now.strips if strip.seconds is not None]
    again = (min(seconds) + 2 if seconds else 2) if now.moving else 0
    notices = tuple(str(text) for text in get_flashed_messages())
    page = OutboxPage(build(folders), tuple(left), again, bool(now.strips), notices)
    return render_template("outbox/show.html", page=page)


@blueprint.post("/outbox/<key>/<any('undo', 'now', 'again', 'sent', 'dismiss'):act>")
def do(key: str, act: str) -> Response:
    """Take it back, send it now, send it (again), say that it was sent, or let it be a draft."""
    if len(key) != 64 or not set(key) <= set("0123456789abcdef"):
        abort(404)
    if act == "undo":
        return _undo(key)
    if act == "now" and _sending.outbox().now(_sending.mine(), key):
        _wait_for(key)
        return redirect(_back(), 303)
    copy = next((one for one in _seen_to() if one.key == key), None)
    if act == "dismiss":
        _dismiss(key, copy)
    elif copy is None:
        flash(_("This letter is no longer on its way: it was sent, or taken back."))
    else:
        _decided(copy, "again" if act == "now" else act)
    return redirect(_back(), 303)


def _undo(key: str) -> Response:
    ref = _sending.take_back(key)
    if ref is None:
        flash(_("Too late: it has been handed to the mail server."))
        return redirect(_back(), 303)
    if _archive.undone(key):
        flash(_("Taken back: nobody has received it. What it answers is where it was."), "saved")
    else:
        flash(_("Taken back: nobody has received it."), "saved")
    return redirect(_sending.edit_url(ref), 303)


def _decided(one: Waiting, act: str) -> None:
    """What its writer says about a letter of which nobody knows, or that was not sent."""
    outbox, ref = _sending.outbox(), one.copy.ref if one.copy else None
    outbox.dismiss(_sending.mine(), one.key)
    try:
        if ref is None:
            # It went out without a copy: there is nothing to send again, and nothing to file.
            if act == "sent":
                outbox.journal.note(_sending.mine(), one.key, State.DONE, after=(State.UNKNOWN,))
            flash(_("Marked as sent.") if act == "sent" else _("Its text is not here any more: write it anew."))
        elif act == "sent":
            filed = outbox.settle(session.account(), _sending.how(), ref)
            flash(_("Marked as sent.") if filed else _("Marked as sent. Its copy could not be put into Sent."))
        else:
            flash(_sending.told(outbox.again(session.account(), _sending.how(), ref)))
    except errors.MailError as error:
        sentence = sentence_for(error)
        flash(f"{sentence.stopped} {sentence.text} {sentence.safe}")


def _dismiss(key: str, one: Waiting | None) -> None:
    """It is an ordinary draft, or its news was read. What may have been sent is not dismissed but decided."""
    if one is not None and one.state in (State.HELD, State.FAILED):
        with suppress(errors.AlreadySending, errors.SubmissionUnknown):
            send.take_back(_sending.means(), key, one.copy.ref if one.copy else None)
    _sending.outbox().dismiss(_sending.mine(), key)


def _seen_to() -> list[Waiting]:
    """What an earlier process left is seen to; what is left of it."""
    outbox, account, how = _sending.outbox(), session.account(), _sending.how()
    return outbox.sweep(account, how)


def _wait_for(key: str) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end and any(one.key == key for one in _sending.outbox().held(_sending.mine())):
        time.sleep(0.03)


def _strip(one: Waiting) -> Strip:
    tone, text = _WORDS.get(one.state, ("", ""))
    sentence = _why(one)
    return Strip(
        one.key, tone, sentence or (_(text) if text else ""), one.copy.header.subject if one.copy else "",
        acts=tuple((act, _(word)) for act, word in _ACTS.get(one.state, ())),
        edit_url=_sending.edit_url(one.copy.ref) if one.copy else "",
        moving=one.state is State.SENDING, whole=one.state is not State.SENDING,
    )  # fmt: skip


def _why(one: Waiting) -> str:
    """The sentence of the fault that the journal names."""
    kind = getattr(errors, one.why, None) if one.state is State.FAILED else None
    if not (isinstance(kind, type) and issubclass(kind, errors.MailError)):
        return ""
    sentence = sentence_for(kind.__new__(kind))
    # Translators: a letter that was not sent. It follows the reason.
    drafts = _("It is in Drafts.")
    return f"{sentence.stopped} {sentence.text} {drafts}"


def _back() -> str:
    """The list that the button was on, or the outbox."""
    try:
        return url_for("mailbox.show", mailbox=converters.mailbox_from_url(request.form.get("in", "")))
    except ValueError:
        return url_for("outbox.show")
