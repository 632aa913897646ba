"""Why a letter was not sent, or perhaps, in words: what happened, what is safe, what can be done."""

from __future__ import annotations

from typing import Final

from webmail import errors
from webmail.views._saving import Problem
from webmail.web.errors import sentence_for

_UNKNOWN: Final = (("sent", "Mark as sent"), ("again", "Send again"))


def of(error: errors.MailError, *, kept: bool) -> Problem:
    """Not sent, or nobody knows. kept: the letter is in Drafts."""
    sentence = sentence_for(error)
    about = sentence.text
    if isinstance(error, errors.SenderRefused):
        about = f"The sending server does not let you write as {error.address}."
    text = f"{about} {sentence.safe} "
    text += "Your letter is in Drafts." if kept else "Your letter is only in this form; files have to be chosen again."
    details = tuple(error.refused.items()) if isinstance(error, errors.RecipientsRefused) else ()
    unknown = isinstance(error, errors.SubmissionUnknown)
    tone = "warn" if unknown or isinstance(error, errors.AlreadySending) else "bad"
    return Problem(tone, f"{sentence.title}.", text, details, error.server_text, acts=_UNKNOWN if unknown else ())


def no_copy(error: errors.NoCopy) -> Problem:
    """Nothing goes out without a copy that nobody can lose, unless its writer says so."""
    sentence = sentence_for(error.cause)
    text = (
        f"Before a letter is sent, a copy of it is put into Drafts, and that was refused: {sentence.text} Nobody has "
        "received it. Your letter is only in this form. Try again, or send it without a copy: if something goes wrong "
        "on the way, its text is lost. Files have to be chosen again."
    )
    return Problem("bad", "Not sent.", text, (), error.server_text, acts=(("bare", "Send without a copy"),))
