"""Why a letter came back, in words: what happened, what is safe, what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from webmail import errors
from webmail.web.errors import sentence_for
from webmail.web.services import services

_UNKNOWN: Final = (("sent", "Mark as sent"), ("again", "Send again"))


@dataclass(frozen=True, slots=True)
class Problem:
    """tone: "bad" or "warn". title: what happened. text: what is safe and what to do.

    details: (address, what the server said) pairs. server_text: the server's words, shown in a fold, or "". acts: what
    its writer can do now, as (value of the button, word on it) pairs. doubts: it is a question, about these; sending
    again answers it.
    """

    tone: str
    title: str
    text: str
    details: tuple[tuple[str, str], ...] = ()
    server_text: str = ""
    acts: tuple[tuple[str, str], ...] = ()
    doubts: tuple[str, ...] = ()


def of(error: errors.MailError, *, kept: bool) -> Problem:
    """Not sent, or nobody knows. kept: the letter is in Drafts."""
    sentence = sentence_for(error)
    text = f"{sentence.text} {sentence.safe} "
    text += "Your letter is in Drafts." if kept else "Your letter is only in this form; files have to be chosen again."
    details = tuple(error.refused.items()) if isinstance(error, errors.RecipientsRefused) else ()
    unknown = isinstance(error, errors.SubmissionUnknown)
    tone = "warn" if unknown or isinstance(error, errors.AlreadySending) else "bad"
    return Problem(tone, f"{sentence.title}.", text, details, error.server_text, _UNKNOWN if unknown else ())


def no_copy(error: errors.NoCopy) -> Problem:
    """Nothing goes out without a copy that nobody can lose, unless its writer says so."""
    sentence = sentence_for(error.cause)
    text = (
        f"Before a letter is sent, a copy of it is put into Drafts, and that was refused: {sentence.text} Nobody has "
        "received it. Your letter is only in this form. Try again, or send it without a copy: if something goes wrong "
        "on the way, its text is lost. Files have to be chosen again."
    )
    return Problem("bad", "Not sent.", text, (), error.server_text, (("bare", "Send without a copy"),))


def unsaved(error: errors.MailError) -> Problem:
    """Not in Drafts."""
    sentence = sentence_for(error)
    text = f"{sentence.text} What you typed is still here, but not in Drafts; files have to be chosen again."
    return Problem("bad", "Not saved.", text, (), error.server_text)


def files_gone(title: str) -> Problem:
    """A letter never goes out with less than its writer saw."""
    text = (
        "A file of it is no longer where it was: the message it comes from was moved or deleted, or this draft was "
        "changed in another window. Everything else is here and in Drafts. Attach the file again, or send without it."
    )
    return Problem("bad", title, text)


def too_large() -> Problem:
    """Over the limit of this site."""
    limit = services().settings.upload_limit_mb
    text = f"All files of one letter together may have {limit} MB. Your text is still here; choose smaller files."
    return Problem("bad", "Not sent: the files are too large.", text)
