"""Acting on messages: on one, on the chosen ones, on a whole folder; and taking it back."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webmail import errors
from webmail.actions.jobs import Job
from webmail.actions.order import State
from webmail.imap import mailboxes
from webmail.languages import N_
from webmail.mail.ids import MailboxName, MessageRef
from webmail.views import _acts, _snooze, _told, _wanted
from webmail.views._acts import Toast
from webmail.views._wanted import Wanted
from webmail.web import asked, begun, converters, letter, listing, paper, session, visit
from webmail.web.errors import sentence_for
from webmail.web.letter import Letter
from webmail.web.nav import Nav, build, folder_title
from webmail.web.words import _, ngettext

__all__ = ["blueprint", "install"]

blueprint = Blueprint("act", __name__)
install = _acts.install

# After these the reader stays where the row still is; after the others the message has left the folder.
_STAYING: Final = frozenset({"star", "unstar", "pin", "unpin", "mute", "unmute", "copy", "label", "unlabel"})
_LEAVING: Final = frozenset({"archive", "delete", "erase", "junk", "notjunk", "move", "snooze", "unsnooze"})
_MOST_FILES: Final = 50
_SECONDS: Final = 2


@dataclass(frozen=True, slots=True)
class AskPage:
    """A question before what cannot be undone. fields: what the form had, to be sent again. count: None for all."""

    nav: Nav
    title: str
    count: int | None
    do_url: str
    back_url: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class JobPage:
    """A job that takes its time. again: seconds after which the page comes again by itself, 0 for never."""

    nav: Nav
    toast: Toast
    token: str
    back_url: str
    again: int


@blueprint.post("/m/<mailbox:mailbox>/do")
def do(mailbox: MailboxName) -> Response:
    """Act on the picked rows, or on all; then show the list (or the message) again with one line that says what was
    done. "X-Part: toast" asks for that line alone."""
    wanted = _wanted.here(mailbox)
    back = _back(mailbox, wanted.name)
    if wanted.name == "print" and wanted.refs:
        uids = [converters.pick_to_text(ref) for ref in wanted.refs]
        return redirect(url_for("printout.several", mailbox=mailbox, uid=uids), 303)
    if wanted.name == "erase" and wanted.any and not request.form.get("sure"):
        return _ask(mailbox, wanted)
    return _do(wanted, back, mailbox)


@blueprint.post("/found/do")
def found() -> Response:
    """The same with what a search found, in whatever folders; on all of it after one question with the number in it."""
    told = asked.read(request.args.get("found", ""))
    if told is None:
        return _said(url_for("search.start"), _("This search is not kept any more. Nothing was changed."))
    return _do(_wanted.found(told), asked.url(told), None)


def _do(wanted: Wanted, back: str, mailbox: MailboxName | None) -> Response:
    if not wanted.any:
        return _said(back, _("Choose a message first: nothing was changed."))
    if wanted.name == "forward":
        return _passed_on(list(wanted.refs), back)
    if wanted.name in ("move", "copy") and not _wanted.where():
        if wanted.name == "move":
            return _said(back, _("Choose a folder first: nothing was moved."))
        return _said(back, _("Choose a folder first: nothing was copied."))
    if wanted.name == "snooze" and (why := _snooze.why_not(wanted.until)):
        if _in_part():
            return _said(back, why)
        return _snooze.ask(mailbox, back, wanted.until and why, len(wanted.refs))
    try:
        job = _acts.begin(_wanted.order(wanted), large=wanted.many)
    except ValueError as error:
        return _said(back, _(_NAMING[str(error)]))
    except errors.MailError as error:
        if not _in_part():
            raise
        return _part(_acts.failed(error), sentence_for(error).status)
    return _answered(job, back)


_NAMING: Final = {
    "nowhere": N_("There is no folder of that name: nothing was changed. The page “Folders” has all of them."),
    "empty": N_("Choose a label first, or name a new one: nothing was changed."),
    "long": N_("That name is too long for a label: nothing was changed. Choose a shorter one."),
    "taken": N_("That name is used by mail programs for their own marks: nothing was changed. Choose another one."),
}


def _passed_on(refs: list[MessageRef], back: str) -> Response:
    """A letter with these messages as its files; one alone is passed on as from its own page, which marks it so."""
    if not refs:
        return _said(back, _("Choose a message first: nothing was changed."))
    if len(refs) > _MOST_FILES:
        # Translators: so many can be forwarded in one letter.
        most = ngettext(
            "Choose %(count)s message at most to forward at once.",
            "Choose %(count)s messages at most to forward at once.",
            _MOST_FILES,
        )
        return _said(back, most)
    if len(refs) == 1:
        return redirect(url_for("compose.answer", mailbox=refs[0].mailbox, pick=refs[0], mode="forward-eml"), 303)
    files = tuple(letter.whole(ref) for ref in refs)
    # Translators: the subject of a letter that has these messages as its files. "Fwd:" is the same in all languages.
    subject = ngettext("Fwd: %(count)s message", "Fwd: %(count)s messages", len(refs))
    return redirect(begun.url(Letter(subject=subject, mode="forward", keep=files)), 303)


def _ask(mailbox: MailboxName, wanted: Wanted) -> Response:
    folders = session.borrow(mailboxes.list_mailboxes)
    here = next((folder_title(one) for one in folders if one.name == mailbox), "")
    fields = [(name, value) for name, value in request.form.items(multi=True) if name in ("uid", "whole", "next")]
    count = None if wanted.whole else len(wanted.refs)
    place = listing.place_from(request.args)
    back_url = url_for("mailbox.show", mailbox=mailbox, **place.query())
    page = AskPage(build(folders, mailbox), here, count, request.full_path, back_url, tuple(fields))
    return make_response(render_template("act/ask.html", page=page))


# --- what is answered -------------------------------------------------------------------------------------------------


def _in_part() -> bool:
    return request.headers.get("X-Part") == "toast"


def _part(toast: Toast, status: int = 200) -> Response:
    return make_response(render_template("act/toast.html", toast=toast), status)


def _said(back: str, words: str) -> Response:
    """Nothing was done, and why."""
    return _part(Toast(words, "bad"), 400) if _in_part() else _told_so(back, words)


def _told_so(back: str, words: str) -> Response:
    if _in_part():
        return _part(Toast(words))
    flash(words)
    return redirect(back, 303)


def _answered(job: Job, back: str) -> Response:
    if _in_part():
        return _part(_acts.toast(job))
    if job.state is not State.DONE:
        return redirect(url_for("act.job", token=job.token), 303)
    flash(_told.told(job))
    return redirect(back, 303)


def _back(mailbox: MailboxName, name: str) -> str:
    """Where the reader was: the message when it still is in this folder, else the message that is to follow it, as the
    reader has chosen, else the same place of the list."""
    if request.form.get("back") == "snoozed":
        return url_for("snoozed.show")
    place = listing.place_from(request.args)
    # A button may name what opens next: "archive 1712.4801".
    named = request.form.get("do", "").partition(" ")[2] if name == "archive" else ""
    stay, following = request.form.get("stay", ""), named or request.form.get("next", "")
    stays = name in _STAYING or (name == "read" and stay in request.form.getlist("uid"))
    query = {**place.query(), **paper.choice(request.args)}
    try:
        if stays and stay:
            return url_for("message.show", mailbox=mailbox, pick=converters.pick_from_text(stay), **query)
        if name in _LEAVING and following:
            pick = converters.pick_from_text(following)
            return url_for("message.show", mailbox=mailbox, pick=pick, **query, **visit.PEEK)
    except ValueError:
        abort(400)
    return asked.back() or url_for("mailbox.show", mailbox=mailbox, **place.query())


# --- jobs -------------------------------------------------------------------------------------------------------------


def _mine(token: str) -> Job:
    return _acts.find(token) or abort(404)


def _home(job: Job) -> str:
    return asked.back() or url_for("mailbox.show", mailbox=job.order.among[0].mailbox)


@blueprint.get("/jobs/<string(length=32):token>")
def job(token: str) -> Response:
    """How far it came. "X-Part: toast" asks for the line alone."""
    it = _mine(token)
    if _in_part():
        return _part(_acts.toast(it))
    # On a shared computer the clock would keep a reader signed in who has left.
    timed = it.state is State.RUNNING and not session.current().shared
    nav = Nav()
    with suppress(errors.MailError):
        # Perhaps it is just the server being away that this page has to tell.
        nav = build(session.borrow(mailboxes.list_mailboxes), None if asked.back() else it.order.among[0].mailbox)
    page = JobPage(nav, _acts.toast(it), token, _home(it), _SECONDS if timed else 0)
    return make_response(render_template("act/job.html", page=page))


@blueprint.post("/jobs/<string(length=32):token>/stop")
def stop(token: str) -> Response:
    """After the set under way; where it was asked, this is the no."""
    it = _mine(token)
    if it.state is State.ASKED:
        _acts.jobs().drop(it)
        return _told_so(_home(it), _("Nothing was changed."))
    _acts.jobs().stop(it)
    it.over.wait(1)
    return _followed(it)


@blueprint.post("/jobs/<string(length=32):token>/on")
def on(token: str) -> Response:
    """Go on with what is left; where it was asked, this is the yes."""
    it = _mine(token)
    yes = it.state is State.ASKED
    _acts.go_on(it)
    return _answered(it, _home(it)) if yes else _followed(it)


@blueprint.post("/jobs/<string(length=32):token>/undo")
def undo(token: str) -> Response:
    """Take back what it did."""
    it = _mine(token)
    if not it.can_undo and not it.taken_back:
        return _said(_home(it), _("There is nothing to undo."))
    try:
        back = _acts.undo(it)
    except errors.MailError as error:
        if not _in_part():
            raise
        return _part(_acts.failed(error), sentence_for(error).status)
    return _answered(back, _home(it))


def _followed(it: Job) -> Response:
    if _in_part():
        return _part(_acts.toast(it))
    return redirect(url_for("act.job", token=it.token), 303)
