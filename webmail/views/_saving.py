"""Saving in words: why a form came back, and the piece of a page that answers a save without leaving the letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from flask import render_template, request

from webmail import errors
from webmail.mail.ids import MessageRef
from webmail.views import _drafts, _place
from webmail.views._drafts import Tile
from webmail.web import filters, session
from webmail.web.converters import ref_to_text
from webmail.web.errors import sentence_for
from webmail.web.forms import upload_failed, upload_overflowed, upload_refused
from webmail.web.letter import Letter
from webmail.web.words import _

PART: Final = "draft"
"""X-Part of a save that wants the letter's new place, and not a page."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the form came back. tone: "bad" or "warn". title: what happened. text: what is safe and what to do.

    details: (address, what the server said) pairs. server_text: the server's words, shown in a fold, or "". both: label
    of the button that keeps this letter as a second draft, or "". other: the draft that is in the way, as form value;
    other_url: where it opens. acts: what its writer can do now, as (value of the button, word on it) pairs. doubts: it
    is a question, about these; sending again answers it, by a button of this value (anyway).
    """

    tone: str
    title: str
    text: str
    details: tuple[tuple[str, str], ...] = ()
    server_text: str = ""
    both: str = ""
    other: str = ""
    other_url: str = ""
    acts: tuple[tuple[str, str], ...] = ()
    doubts: tuple[str, ...] = ()
    anyway: str = "send"


@dataclass(frozen=True, slots=True)
class DraftPart:
    """What a save changes in the page. state: "saved" or "unsaved". saved: "Saved in Drafts 09:52" or "".

    url: where the draft opens now. rest: seconds until the next save of itself. hidden, files: as in the form.
    """

    state: str
    saved: str = ""
    url: str = ""
    rest: int = 0
    hidden: Mapping[str, str] = field(default_factory=dict)
    files: tuple[Tile, ...] = ()
    problem: Problem | None = None


def answer(written: Letter) -> tuple[str, int]:
    """Save, and tell: never a page, and never anything of what was typed."""
    if not written.mine(session.current().address):
        return _part(DraftPart("unsaved", problem=somebody_elses(written))), 409
    try:
        stored = _drafts.store(written, insist=False)
    except session.SessionEnded:
        raise
    except errors.MailError as error:
        return _part(DraftPart("unsaved", problem=unsaved(error))), sentence_for(error).status
    problem = None if _drafts.complete(written, stored) else files_gone(_("Saved without a file."))
    files = session.borrow(lambda conn: _drafts.shown(conn, stored))
    home = stored.draft
    url = _place.of_draft(home, stored.message_id) if home else ""
    return _part(DraftPart("saved", _drafts.saved_now(), url, stored.rest, stored.hidden(), files, problem)), 200


def refused(problem: Problem) -> tuple[str, int]:
    """What is too large for a letter is not read, and not saved."""
    return _part(DraftPart("unsaved", problem=problem)), 413


def _part(part: DraftPart) -> str:
    return render_template("compose/_draft.html", part=part)


def unsaved(error: errors.MailError) -> Problem:
    """Why it is not in Drafts."""
    if isinstance(error, errors.DraftConflict):
        return _conflict(error)
    if isinstance(error, errors.TooLarge):
        return too_large()
    if _drafts.fresh_files():
        here = _("What you typed is still here, but not in Drafts; files have to be chosen again.")
    else:
        here = _("What you typed is still here, but not in Drafts.")
    text = f"{sentence_for(error).text} {here}"
    return Problem("bad", _("Not saved."), text, (), error.server_text)


def _conflict(error: errors.DraftConflict) -> Problem:
    """Nothing was overwritten, and the writer says what is to become of it."""
    here = _("Nothing was overwritten, and what you typed is still here.")
    other = error.other if isinstance(error.other, MessageRef) else None
    if other is not None:
        url = _place.of_draft(other)
        late = isinstance(error, errors.DraftOlder)
        if late:
            by = _("This letter was saved by a later state of this page since this page was loaded.")
        else:
            by = _("This letter was saved by another window or another program since this page was loaded.")
        return Problem(
            "warn", _("Not saved: there is a newer draft."), f"{by} {here}", both=_("Keep both"),
            other=ref_to_text(other), other_url=url,
        )  # fmt: skip
    if error.sent:
        text = f"{_('It went out from another window or program.')} {here}"
        return Problem("warn", _("Not saved: this letter was sent."), text, both=_("Keep this as a new draft"))
    text = f"{_('It was discarded, or moved, in another window or program.')} {here}"
    return Problem("warn", _("Not saved: this draft is gone."), text, both=_("Keep this as a new draft"))


def somebody_elses(written: Letter) -> Problem:
    """Two people at one browser: what one of them writes never gets into the other's mailbox."""
    # Translators: two addresses.
    text = _(
        "This letter was begun by %(writer)s, and you are signed in as %(reader)s. Nothing was saved or sent. The "
        "words are still here; files and the draft are in the other mailbox.",
        writer=written.owner[:100], reader=session.current().address,
    )  # fmt: skip
    return Problem("bad", _("Somebody else is signed in."), text)


def files_gone(title: str) -> Problem:
    """A letter never goes out with less than its writer saw."""
    text = _(
        "A file of it is no longer where it was: the message it comes from was moved or deleted, or this draft was "
        "changed in another window. Everything else is here and in Drafts. Attach the file again, or send without it."
    )
    return Problem("bad", title, text)


def too_large() -> Problem:
    """Over the limit of one letter."""
    # Translators: size: "25 MB".
    text = _("All files of one letter together may have %(size)s. Your text is still here; choose smaller files.",
             size=filters.limit_text(_drafts.limit()))  # fmt: skip
    return Problem("bad", _("Not sent: the files are too large."), text)


def lost_upload() -> tuple[Problem, int] | None:
    """A file of this post that did not arrive whole, and the status that says so; its text did."""
    lost = upload_refused() or (errors.NoRoom() if upload_failed() else None)
    if lost is not None:
        sentence = sentence_for(lost)
        return Problem("bad", sentence.stopped, f"{sentence.text} {sentence.safe}"), sentence.status
    return (too_large(), 413) if upload_overflowed() else None


def wants_part() -> bool:
    """Whether script asks, for a piece of the page."""
    return request.headers.get("X-Part") == PART
