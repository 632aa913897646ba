"""What the page of all folders and that of one share: finding one, where one can lie, why something was not done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import flash, get_flashed_messages, url_for
from flask import session as cookie

from webmail import errors
from webmail.languages import N_
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Mailbox
from webmail.web import converters
from webmail.web.errors import sentence_for
from webmail.web.nav import MOST_BESIDE, folder_title, in_order, way
from webmail.web.rows import Choice
from webmail.web.words import _

LONGEST: Final = 1000
"""Letters of a name that are read from a form. A name that can be is much shorter, and is not cut in silence."""

_WHY: Final = {
    "empty": N_("Type a name first."),
    "long": N_("This name is too long."),
    "letters": N_("This name has letters that cannot be in it."),
    "delimiter": N_("The name of a folder cannot have “%(mark)s” in it on this mail server."),
    "place": N_("There is no such folder to put it in."),
    "flat": N_("This mail server lets no folder lie there."),
}


def found(known: Sequence[Mailbox], name: MailboxName) -> Mailbox:
    """Raises MailboxMissing."""
    it = next((one for one in known if one.name == name), None)
    if it is None:
        raise errors.MailboxMissing
    return it


def chosen(known: Sequence[Mailbox], text: str) -> Mailbox | None:
    """The folder of a choice, or one that was typed as its way; None for the top. Raises BadFolderName."""
    if not text.strip():
        return None
    try:
        return found(known, converters.mailbox_from_url(text))
    except (ValueError, errors.MailboxMissing):
        typed = " ".join(text.split()).casefold()
        it = next((one for one in known if typed in (way(one).casefold(), folder_title(one).casefold())), None)
        if it is None:
            raise errors.BadFolderName("place") from None
        return it


def places(known: Sequence[Mailbox]) -> tuple[Choice, ...]:
    """Where a folder can lie: none of them when they are too many to choose from, and the way is typed."""
    if len(known) > MOST_BESIDE:
        return ()
    holding = (one for one in in_order(known) if one.delimiter and "\\noinferiors" not in one.attributes)
    return tuple(Choice(way(one), converters.mailbox_to_url(one.name)) for one in holding)


def why(error: errors.MailError | None) -> str:
    """Why it was not done; "" for no error."""
    if error is None:
        return ""
    if isinstance(error, errors.BadFolderName):
        return _(_WHY[error.why], mark=error.mark)
    sentence = sentence_for(error)
    return f"{sentence.stopped} {sentence.text} {sentence.safe}"


@dataclass(frozen=True, slots=True)
class Undo:
    """The form that takes back what was done to a folder. url takes POST do, and was: the name that it had."""

    url: str
    do: str
    was: str = ""


_LAST: Final = "folder"
_LARGEST: Final = 1500
"""Letters of names that a cookie carries to the next page (browsers drop one over 4 KB)."""


def done(words: str, name: MailboxName, do: str, was: str = "") -> None:
    """What was done, for the page that follows; and do: what takes it back, at this folder."""
    flash(words)
    if len(name) + len(was) <= _LARGEST:
        cookie[_LAST] = (words, name, do, was)


def undo(said: str) -> Undo | None:
    """For the line of this page, once. said: what it says."""
    words, name, do, was = cookie.pop(_LAST, None) or ("", "", "", "")
    if not said or said != words:
        return None
    url = url_for("folders.do") if do == "remake" else url_for("folder.change", mailbox=MailboxName(name))
    return Undo(url, do, was)


def notice() -> str:
    """What the last action did, or ""."""
    flashed = [str(text) for text in get_flashed_messages()]
    return flashed[-1] if flashed else ""
