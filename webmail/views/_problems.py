"""Why a letter was not sent, or perhaps, in words: what happened, what is safe, what can be done. And what else its
writer should know when the form comes."""

from __future__ import annotations

from typing import Final

from flask import get_flashed_messages

from webmail import errors
from webmail.languages import N_
from webmail.views._saving import Problem
from webmail.web.errors import sentence_for
from webmail.web.letter import Letter
from webmail.web.words import _

# Translators: two buttons, for a letter that may have been sent: what its writer knows, or what is to be done.
_UNKNOWN: Final = (("sent", N_("Mark as sent")), ("again", N_("Send again")))


def begun_with(started: Letter) -> Problem | None:
    """What its writer should know of how this letter began. Nobody is written to unseen (R21)."""
    if handed := get_flashed_messages(category_filter=["handed"]):
        return Problem("warn", _("A file is missing."), str(handed[-1]))
    if not started.bcc:
        return None
    text = _("It has a blind copy. Look it over before you send it.")
    return Problem("warn", _("A link filled in this letter."), text)


def stale() -> Problem:
    """The page outlived its token."""
    text = _("This page was open for too long. Look it over and press the button again.")
    return Problem("warn", _("Not sent yet."), text)


def again() -> Problem:
    """Its writer signed in again."""
    text = _("Your letter is here as you left it. Files have to be chosen again.")
    return Problem("warn", _("You are signed in again."), text)


def of(error: errors.MailError, *, kept: bool) -> Problem:
    """Not sent, or nobody knows. kept: the letter is in Drafts."""
    sentence = sentence_for(error)
    about = sentence.text
    if isinstance(error, errors.SenderRefused):
        about = _("The sending server does not let you write as %(address)s.", address=error.address)
    if kept:
        where = _("Your letter is in Drafts.")
    else:
        where = _("Your letter is only in this form; files have to be chosen again.")
    details = tuple(error.refused.items()) if isinstance(error, errors.RecipientsRefused) else ()
    unknown = isinstance(error, errors.SubmissionUnknown)
    tone = "warn" if unknown or isinstance(error, errors.AlreadySending) else "bad"
    acts = tuple((value, _(word)) for value, word in _UNKNOWN) if unknown else ()
    text = f"{about} {sentence.safe} {where}"
    return Problem(tone, sentence.stopped, text, details, error.server_text, acts=acts)


def no_copy(error: errors.NoCopy) -> Problem:
    """Nothing goes out without a copy that nobody can lose, unless its writer says so."""
    sentence = sentence_for(error.cause)
    # Translators: why: a sentence: "The mail server has no room for more."
    text = _(
        "Before a letter is sent, a copy of it is put into Drafts, and that was refused: %(why)s Nobody has received "
        "it. Your letter is only in this form. Try again, or send it without a copy: if something goes wrong on the "
        "way, its text is lost. Files have to be chosen again.",
        why=sentence.text,
    )
    return Problem("bad", _("Not sent."), text, (), error.server_text, acts=(("bare", _("Send without a copy")),))
