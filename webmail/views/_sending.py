"""What the pages know of letters on their way: how to send as this reader, and one line for each that is not done."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, cast

from flask import Flask, current_app
from flask_login import current_user

from webmail import errors
from webmail.actions import recover
from webmail.actions.means import Means, Sent, Submission
from webmail.actions.outbox import Held, Outbox, Outcome
from webmail.journal import Entry, State, account_key
from webmail.languages import N_
from webmail.mail.ids import MessageRef
from webmail.views import _place
from webmail.web import session
from webmail.web.errors import sentence_for
from webmail.web.services import services
from webmail.web.words import _, ngettext

_NAME: Final = "pennypost-outbox"
_TOLD_FOR: Final = 60.0
_SOON: Final = 3.0
_FINAL_SECONDS: Final = 120
"""For the answer to the final dot: who gives up early does not know whether the letter was sent."""

# Translators: two buttons, for a letter that may have been sent: what its writer knows, or what is to be done.
_UNKNOWN: Final = (("sent", N_("Mark as sent")), ("again", N_("Send again")))


@dataclass(frozen=True, slots=True)
class Strip:
    """One letter on its way, in one line. tone: "", "good", "warn" or "bad". seconds: until it is sent, or None.

    acts: (name in the URL, word on the button) pairs. edit_url: where the letter can be changed, or "". moving: look
    again soon. whole: the text is a sentence, and what it speaks of stands before it.
    """

    key: str
    tone: str
    text: str
    subject: str = ""
    seconds: int | None = None
    acts: tuple[tuple[str, str], ...] = ()
    edit_url: str = ""
    details: tuple[tuple[str, str], ...] = ()
    server_text: str = ""
    moving: bool = False
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Strips:
    """What stands above a list. count: letters that only the outbox page can tell more about."""

    strips: tuple[Strip, ...] = ()
    count: int = 0
    known: frozenset[str] = field(default_factory=frozenset)

    @property
    def moving(self) -> bool:
        """Look again soon."""
        return any(strip.moving for strip in self.strips)

    @property
    def fading(self) -> bool:
        """Something here is only news."""
        return any(strip.tone == "good" for strip in self.strips)


def install(app: Flask, outbox: Outbox) -> None:
    """Make it known to the pages, and the lines to the templates."""
    app.extensions[_NAME] = outbox
    app.context_processor(_for_templates)


def _for_templates() -> dict[str, Any]:
    return {"outbox_strips": strips}


def outbox() -> Outbox:
    """The one of this process."""
    return cast(Outbox, current_app.extensions[_NAME])


def how() -> Submission:
    """How this reader sends. Raises SessionEnded."""
    settings, who, account = services().settings, session.current(), session.account()
    return Submission(
        who.server, who.login, account.password, session.smtp_context(),
        settings.connect_timeout, settings.command_timeout, max(settings.command_timeout, _FINAL_SECONDS),
    )  # fmt: skip


def means() -> Means:
    """What it takes to send as this reader. Raises SessionEnded."""
    return outbox().means(session.account(), how())


def reports() -> bool:
    """Whether the submission server tells what became of a letter (RFC 3461), when it is asked to."""
    told = outbox().offer(how())
    return told is not None and told.dsn


def mine() -> str:
    """This reader's account in the journal."""
    who = session.current()
    return account_key(who.server.imap.host, who.login)


def take_back(key: str) -> MessageRef | None:
    """A letter that waits is a draft again: where it lies. None when it is too late."""
    with suppress(errors.AlreadySending, errors.SubmissionUnknown):
        return outbox().undo(mine(), key) or outbox().undo_elsewhere(session.account(), how(), key)
    return None


def forget(key: str) -> None:
    """The letter was thrown away, or is to be an ordinary draft: nothing more is said of it."""
    outbox().dismiss(mine(), key)
    entry = outbox().journal.get(mine(), key)
    if entry is not None and entry.state is State.FAILED:
        outbox().journal.forget(mine(), key)


def look_again(*, promised: bool = False) -> None:
    """See to what an earlier process left, beside this request. promised: there is a letter that was to go by itself,
    so also when that was done a moment ago."""
    outbox().sweep_soon(session.account(), how(), *((_SOON,) if promised else ()))


def strips() -> Strips:
    """What is on its way, without asking the mail server."""
    if not current_user.is_authenticated:
        return Strips()
    account = mine()
    held, outcomes = outbox().held(account), outbox().outcomes(account)
    shown = [_held(one) for one in held]
    shown += [_outcome(one) for one in outcomes if not _stale(one)]
    known = frozenset(strip.key for strip in shown) | {one.key for one in outcomes}
    try:
        entries = {key: entry for key, entry in outbox().journal.waiting(account).items() if key not in known}
        promised = {key: entry for key, entry in entries.items() if _promised(entry)}
        if left := [entry for entry in entries.values() if _left_over(entry)]:
            look_again(promised=any(entry in left for entry in promised.values()))
        count = sum(_needs_a_look(entry) for key, entry in entries.items() if key not in promised)
    except errors.NotNoted:
        # What is on its way on other machines is not known for the moment; this page is about something else.
        return Strips(tuple(shown), 0, known)
    shown += [_elsewhere(key, entry) for key, entry in promised.items()]
    return Strips(tuple(shown), count, known | promised.keys())


def _promised(entry: Entry) -> bool:
    """It goes by itself soon: held by another machine, or by one that died and then taken over, perhaps just now."""
    return entry.state is State.HELD and time.time() - entry.due < recover.LATEST


def _elsewhere(key: str, entry: Entry) -> Strip:
    seconds = round(entry.due - time.time())
    if seconds < 0:
        return Strip(key, "", _("Sending now"), moving=True)
    return Strip(key, "", "", seconds=seconds, acts=(("undo", _("Undo")),), moving=True)


def _left_over(entry: Entry) -> bool:
    return entry.state is State.ACCEPTED or outbox().journal.abandoned(entry)


def _needs_a_look(entry: Entry) -> bool:
    """Not what another request is at, and not what is only waiting for its copy."""
    if entry.state in (State.UNKNOWN, State.FAILED):
        return True
    return entry.state is not State.ACCEPTED and outbox().journal.abandoned(entry)


def _held(one: Held) -> Strip:
    if not outbox().waits(mine(), one.key):
        # Translators: the subject of the letter follows, behind a colon; so it does twice more.
        return Strip(one.key, "", _("Sending now"), one.subject, moving=True, whole=False)
    acts = (("undo", _("Undo")), ("now", _("Send now")))
    if one.tries:
        text = _("Waiting for the mail server")
        return Strip(one.key, "warn", text, one.subject, acts=acts, moving=True, whole=False)
    return Strip(one.key, "", "", one.subject, one.seconds, acts, moving=True, whole=False)


def _stale(one: Outcome) -> bool:
    """What went well is news for a minute; the rest stays until its writer has read it."""
    well = one.sent is not None and one.sent.filed and not one.sent.refused
    return well and time.monotonic() - one.at > _TOLD_FOR


def _outcome(one: Outcome) -> Strip:
    if one.sent is not None:
        well = one.sent.filed and not one.sent.refused
        return Strip(
            one.key, "good" if well else "warn", told(one.sent), one.subject, acts=() if well else _read(),
            details=tuple(one.sent.refused.items()),
        )  # fmt: skip
    error = one.error or errors.MailError()
    sentence = sentence_for(error)
    tone = "warn" if isinstance(error, errors.SubmissionUnknown) else "bad"
    return Strip(
        one.key, tone, f"{sentence.stopped} {sentence.text}", one.subject, acts=acts_for(error),
        edit_url=edit_url(one.ref), details=details(error), server_text=error.server_text,
    )  # fmt: skip


def acts_for(error: errors.MailError) -> tuple[tuple[str, str], ...]:
    """What its writer can do about a letter that was not sent, or perhaps."""
    if isinstance(error, errors.SubmissionUnknown):
        return tuple((act, _(word)) for act, word in _UNKNOWN)
    if isinstance(error, errors.MessageMissing | errors.MailboxMissing | errors.MailboxRebuilt):
        return _read()
    return (("again", _("Try again")), ("dismiss", _("Keep as draft")))


def _read() -> tuple[tuple[str, str], ...]:
    # Translators: a button: this news was read, and may go.
    return (("dismiss", _("OK")),)


def edit_url(ref: MessageRef | None) -> str:
    """Where a draft is changed; "" when nobody knows where it is."""
    return _place.of_draft(ref) if ref else ""


def details(error: errors.MailError) -> tuple[tuple[str, str], ...]:
    """What the server said, address by address."""
    return tuple(error.refused.items()) if isinstance(error, errors.RecipientsRefused) else ()


def told(sent: Sent) -> str:
    """What became of a letter, in words."""
    if sent.again:
        return _("This letter had been sent already; it was not sent twice.")
    text = _("Sent.") if sent.filed else _("Sent. Its copy could not be put into Sent.")
    return f"{text} {_refused(list(sent.refused))}" if sent.refused else text


def _refused(people: Sequence[str]) -> str:
    # A cookie carries this to the next page, and browsers drop one over 4 KB.
    named, more = ", ".join(people[:5]), len(people) - 5
    if more <= 0:
        return _("The server refused %(people)s; everybody else will get it.", people=named)
    return ngettext(
        "The server refused %(people)s and %(count)s more; everybody else will get it.",
        "The server refused %(people)s and %(count)s more; everybody else will get it.",
        more,
        people=named,
    )
