"""Acting on messages: on one, on the chosen ones, on a whole folder; and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webmail import errors
from webmail.actions import deeds, mute, snooze, which
from webmail.actions.deeds import DEEDS, SET, Deed
from webmail.actions.jobs import Job, Order, State
from webmail.imap import mailboxes
from webmail.mail import labels
from webmail.mail.ids import MailboxName, MessageRef, UidValidity
from webmail.mail.mailbox import Mailbox
from webmail.views import _acts, _snooze
from webmail.views._acts import Toast
from webmail.web import asked as found
from webmail.web import begun, converters, letter, listing, paper, session, visit
from webmail.web.converters import Pick
from webmail.web.errors import sentence_for
from webmail.web.letter import Letter
from webmail.web.nav import Nav, build, folder_title, way

__all__ = ["blueprint", "install"]

blueprint = Blueprint("act", __name__)
install = _acts.install

_DONE: Final = {
    "read": "marked as read", "unread": "marked as unread", "star": "starred", "unstar": "no longer starred",
    "pin": "pinned", "unpin": "no longer pinned", "mute": "muted", "unmute": "no longer muted",
    "archive": "moved to Archive", "delete": "moved to Trash", "erase": "deleted for ever", "junk": "moved to Junk",
    "notjunk": "moved to Inbox", "unsnooze": "back in Inbox",
}  # fmt: skip
_TO: Final = ("move", "copy")
_LABELS: Final = ("label", "unlabel")
# After these the reader stays where the row still is; after the others the message has left the folder.
_STAYING: Final = frozenset({"star", "unstar", "pin", "unpin", "mute", "unmute", "copy", *_LABELS})
_LEAVING: Final = frozenset({"archive", "delete", "erase", "junk", "notjunk", "move", "snooze", "unsnooze"})
_MOST: Final = 10_000
_LONGEST: Final = 11 * _MOST
_MOST_FILES: Final = 50
_MOST_TALKS: Final = 50
_SECONDS: Final = 2


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a form asks for. whole: all of the folder, up to the UID in it. until: the moment of a snooze, as sent."""

    name: str
    picks: list[Pick]
    whole: Pick | None
    until: str = ""

    @property
    def many(self) -> bool:
        """More than one request should do."""
        return self.whole is not None or len(self.picks) > SET


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
    asked = _asked()
    back = _back(mailbox, asked.name)
    if not asked.picks and asked.whole is None:
        return _said(back, "Choose a message first: nothing was changed.")
    validities = {pick.uidvalidity for pick in ((asked.whole and [asked.whole]) or asked.picks)}
    if len(validities) != 1:
        raise errors.MailboxRebuilt
    if asked.name == "print":
        uids = [converters.pick_to_text(pick) for pick in asked.picks]
        return redirect(url_for("printout.several", mailbox=mailbox, uid=uids), 303)
    if asked.name == "forward":
        return _passed_on([pick.within(mailbox) for pick in asked.picks], back)
    if asked.name in _TO and not _where():
        return _said(back, f"Choose a folder first: nothing was {'moved' if asked.name == 'move' else 'copied'}.")
    if asked.name == "erase" and not request.form.get("sure"):
        return _ask(mailbox, asked)
    if asked.name == "snooze" and (why := _snooze.why_not(asked.until)):
        return _said(back, why) if _in_part() else _snooze.ask(mailbox, asked.until and why, len(asked.picks))
    try:
        order = _order(mailbox, asked, validities.pop())
    except ValueError as error:
        return _said(back, _NAMING[str(error)])
    return _begin(order, asked, back)


def _begin(order: Order, asked: _Asked, back: str) -> Response:
    try:
        job = _acts.begin(order, large=asked.many)
    except errors.MailError as error:
        if not _in_part():
            raise
        return _part(_acts.failed(error), sentence_for(error).status)
    return _told(job, back)


def _asked() -> _Asked:
    """What to do and on what; a star button carries its own pick, the others act on the checked boxes."""
    for name in ("star", "unstar", "snooze", "unsnooze"):
        if request.form.get(name):
            return _Asked(name, _picks([request.form[name]]), None)
    whole = request.form.get("whole")
    name, _, until = request.form.get("do", "").partition(" ")
    return _Asked(
        name, _picks(request.form.getlist("uid")), _picks([whole])[0] if whole else None,
        until or request.form.get("until", ""),
    )  # fmt: skip


def _picks(texts: Sequence[str]) -> list[Pick]:
    """Each "uidvalidity.uid", or several of one row: "uidvalidity.uid,uid"."""
    try:
        found = [pick for text in texts[:_MOST] for pick in converters.picks_from_text(text[:_LONGEST])]
    except ValueError:
        abort(400)
    return list(dict.fromkeys(found))[:_MOST]


# --- what is asked for ------------------------------------------------------------------------------------------------

_NAMING: Final = {
    "nowhere": "There is no folder of that name: nothing was changed. The page “Folders” has all of them.",
    "empty": "Choose a label first, or name a new one: nothing was changed.",
    "long": "That name is too long for a label: nothing was changed. Choose a shorter one.",
    "taken": "That name is used by mail programs for their own marks: nothing was changed. Choose another one.",
}


def _order(mailbox: MailboxName, asked: _Asked, validity: UidValidity) -> Order:
    """Raises ValueError with one word where a label cannot be called so."""
    deed, done = _snooze.deed(asked.until) if asked.name == "snooze" else _deed(asked.name)
    uids = [pick.uid for pick in asked.picks]
    resolver = which.these(uids)
    if asked.whole is not None:
        how = listing.how(mailbox, listing.place_from(request.args))
        resolver = which.whole(mailbox, validity, how.only, asked.whole.uid, how.mine)
    elif asked.name in ("mute", "unmute"):
        resolver = which.talks(mailbox, validity, uids[:_MOST_TALKS])
    return Order(mailbox, validity, deed, done, resolver)


def _deed(name: str) -> tuple[Deed, str]:
    if name in DEEDS:
        return DEEDS[name], _DONE[name]
    if name in _LABELS:
        return _labelling(name)
    if name == "unsnooze":
        return snooze.BACK, _DONE[name]
    if name not in _TO:
        abort(400)
    folders = session.borrow(mailboxes.list_mailboxes)
    to = _destination(folders)
    deed = deeds.moving(to, copy=name == "copy")
    return deed, f"{'copied' if name == 'copy' else 'moved'} to {_acts.title(to.name, folders)}"


def _where() -> str:
    """The folder that was chosen, or its name or way that was typed."""
    return request.form.get("way", "").strip() or request.form.get("dest", "")


def _destination(folders: Sequence[Mailbox]) -> Mailbox:
    """Raises ValueError for a folder that was typed and is none."""
    if request.form.get("way", "").strip():
        typed = " ".join(_where().split()).casefold()
        found = next((one for one in folders if one.selectable and typed == way(one).casefold()), None)
        if found is None:
            raise ValueError("nowhere")
        return found
    try:
        wanted = converters.mailbox_from_url(_where())
    except ValueError:
        abort(400)
    return next((one for one in folders if one.name == wanted), Mailbox(wanted, None))


def _labelling(name: str) -> tuple[Deed, str]:
    typed, chosen = request.form.get("name", ""), request.form.get("label", "")
    keyword = labels.keyword(typed) if typed.strip() or not chosen else chosen
    if not labels.is_label(keyword):
        abort(400)
    title = labels.label(keyword).name[:100]
    if name == "label":
        return Deed(add=(keyword,)), f"labelled {title}"
    return Deed(remove=(keyword,)), f"no longer labelled {title}"


def _passed_on(refs: list[MessageRef], back: str) -> Response:
    """A letter with these messages as its files; one alone is passed on as from its own page, which marks it so."""
    if len(refs) > _MOST_FILES:
        return _said(back, f"Choose {_MOST_FILES} messages at most to forward at once.")
    if len(refs) == 1:
        return redirect(url_for("compose.answer", mailbox=refs[0].mailbox, pick=refs[0], mode="forward-eml"), 303)
    files = tuple(letter.whole(ref) for ref in refs)
    return redirect(begun.url(Letter(subject=f"Fwd: {len(refs)} messages", mode="forward", keep=files)), 303)


def _ask(mailbox: MailboxName, asked: _Asked) -> Response:
    folders = session.borrow(mailboxes.list_mailboxes)
    here = next((folder_title(one) for one in folders if one.name == mailbox), "")
    fields = [(name, value) for name, value in request.form.items(multi=True) if name in ("uid", "whole", "next")]
    count = None if asked.whole else len(asked.picks)
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
    if _in_part():
        return _part(Toast(words, "bad"), 400)
    flash(words)
    return redirect(back, 303)


def _told(job: Job, back: str) -> Response:
    if _in_part():
        return _part(_acts.toast(job))
    if job.state is not State.DONE:
        return redirect(url_for("act.job", token=job.token), 303)
    flash(_acts.told(job))
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
    return found.back() or url_for("mailbox.show", mailbox=mailbox, **place.query())


# --- jobs -------------------------------------------------------------------------------------------------------------


def _mine(token: str) -> Job:
    return _acts.find(token) or abort(404)


def _home(job: Job) -> str:
    return url_for("mailbox.show", mailbox=job.order.mailbox)


@blueprint.get("/jobs/<string(length=32):token>")
def job(token: str) -> Response:
    """How far it came. "X-Part: toast" asks for the line alone."""
    found = _mine(token)
    if _in_part():
        return _part(_acts.toast(found))
    # On a shared computer the clock would keep a reader signed in who has left.
    timed = found.state is State.RUNNING and not session.current().shared
    nav = Nav()
    with suppress(errors.MailError):
        # Perhaps it is just the server being away that this page has to tell.
        nav = build(session.borrow(mailboxes.list_mailboxes), found.order.mailbox)
    page = JobPage(nav, _acts.toast(found), token, _home(found), _SECONDS if timed else 0)
    return make_response(render_template("act/job.html", page=page))


@blueprint.post("/jobs/<string(length=32):token>/stop")
def stop(token: str) -> Response:
    """After the set under way."""
    found = _mine(token)
    _acts.jobs().stop(found)
    found.over.wait(1)
    return _followed(found)


@blueprint.post("/jobs/<string(length=32):token>/on")
def on(token: str) -> Response:
    """Go on with what is left."""
    found = _mine(token)
    _acts.go_on(found)
    return _followed(found)


@blueprint.post("/jobs/<string(length=32):token>/undo")
def undo(token: str) -> Response:
    """Take back what it did."""
    found = _mine(token)
    if not found.can_undo and not found.taken_back:
        return _said(_home(found), "There is nothing to undo.")
    try:
        back = _acts.undo(found)
    except errors.MailError as error:
        if not _in_part():
            raise
        return _part(_acts.failed(error), sentence_for(error).status)
    return _told(back, _home(found))


@blueprint.post("/quiet")
def quiet() -> Response:
    """Put away what answers a muted conversation: script asks for it when mail has come."""
    session.borrow(mute.put_away)
    return Response(status=204)


def _followed(found: Job) -> Response:
    if _in_part():
        return _part(_acts.toast(found))
    return redirect(url_for("act.job", token=found.token), 303)
