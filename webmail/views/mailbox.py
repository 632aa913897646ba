"""One folder: its list of messages, and acting on rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import (
    Blueprint,
    abort,
    flash,
    get_flashed_messages,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response

from webmail import errors
from webmail.actions import mark, move
from webmail.imap import mailboxes, search
from webmail.imap.connection import Connection
from webmail.mail.ids import MailboxName, MessageRef, Uid, UidValidity
from webmail.mail.mailbox import Role
from webmail.views import _sending
from webmail.web import asked, begun, converters, letter, listing, paper, session, visit
from webmail.web.converters import Pick
from webmail.web.errors import ErrorPage, beside, mail_error
from webmail.web.letter import Letter
from webmail.web.nav import Nav, build, folder_title
from webmail.web.rows import Choice, ListPane

blueprint = Blueprint("mailbox", __name__)

Act = Callable[[Connection, MailboxName, UidValidity, Sequence[Uid]], None]

_ACTS: Final[dict[str, tuple[Act, str]]] = {
    "read": (lambda c, m, v, u: mark.read(c, m, v, u), "marked as read"),
    "unread": (lambda c, m, v, u: mark.read(c, m, v, u, False), "marked as unread"),
    "star": (lambda c, m, v, u: mark.star(c, m, v, u), "starred"),
    "unstar": (lambda c, m, v, u: mark.star(c, m, v, u, False), "no longer starred"),
    "archive": (lambda c, m, v, u: move.to_role(c, m, v, u, Role.ARCHIVE), "moved to Archive"),
    "delete": (lambda c, m, v, u: move.to_role(c, m, v, u, Role.TRASH), "moved to Trash"),
    "junk": (lambda c, m, v, u: move.to_role(c, m, v, u, Role.JUNK), "moved to Junk"),
    "notjunk": (lambda c, m, v, u: move.to_role(c, m, v, u, Role.INBOX), "moved to Inbox"),
}
# After these the reader stays where the row still is; after the others the message has left the folder.
_STAYING: Final = frozenset({"star", "unstar"})
_LEAVING: Final = frozenset({"archive", "delete", "junk", "notjunk", "move"})
# Without script a list can be asked for by the clock. The wish is in the address, and these addresses pass it on.
_TIMED: Final = frozenset({"mailbox.show", "mailbox.do", "message.show"})
_SECONDS: Final = 60
_MOST_FILES: Final = 50


@dataclass(frozen=True, slots=True)
class MailboxPage:
    """The folder page: folders, list, and an empty reading pane. timer: the link that starts or ends the clock."""

    nav: Nav
    list: ListPane
    timer: Choice | None


@dataclass(frozen=True, slots=True)
class MissingPage:
    """The folder is gone; here are the others. notice: what the last action did, which it may have been about."""

    nav: Nav
    words: ErrorPage
    notice: str | None


@blueprint.app_errorhandler(errors.MailboxMissing)
def missing(error: errors.MailboxMissing) -> tuple[str, int]:
    """Renamed or deleted by another device, or a wrong address."""
    try:
        nav = build(session.borrow(mailboxes.list_mailboxes))
    except errors.MailError:
        return mail_error(error)
    flashed = [str(text) for text in get_flashed_messages()]
    page = MissingPage(nav, beside(error), flashed[-1] if flashed else None)
    return render_template("mailbox/missing.html", page=page), page.words.status


@blueprint.get("/")
def home() -> Response:
    """The inbox; its name is fixed (RFC 9051 5.1)."""
    return redirect(url_for("mailbox.show", mailbox=MailboxName("INBOX")), 303)


@blueprint.get("/m/<mailbox:mailbox>")
def show(mailbox: MailboxName) -> str | Response:
    """Folders and one page of the list; a page that has become empty is no page, so the newest one is shown.

    "X-Part: folders" and "X-Part: list" ask for one of the two alone.
    """
    part = request.headers.get("X-Part")
    if part == "folders":
        return render_template("mailbox/_folders.html", nav=build(session.borrow(mailboxes.list_mailboxes), mailbox))
    place = listing.place_from(request.args)
    # The folder first: then its own number in the list of folders is not older than its rows.
    page, folders = session.borrow(lambda conn: (listing.page(conn, mailbox, place), mailboxes.list_mailboxes(conn)))
    if not page.rows and (place.before or place.after):
        return redirect(url_for("mailbox.show", mailbox=mailbox, **listing.Place(place.only).query()), 303)
    pane = listing.pane(folders, page, place, current=None)
    if pane.total and any(folder.name == mailbox and folder.role is Role.DRAFTS for folder in folders):
        # A copy that waits here although the journal was lost: somebody should be asked about it.
        _sending.look_again()
    shown = MailboxPage(build(folders, mailbox), pane, _timer(mailbox, place))
    if part == "list":
        return render_template("mailbox/_list.html", page=shown, list=pane, beside=False)
    response = make_response(render_template("mailbox/show.html", page=shown))
    if _timed():
        response.headers["Refresh"] = str(_SECONDS)
    return response


def _timed() -> bool:
    """Never on a shared computer, where asking by the clock would keep a reader signed in who has left."""
    return request.args.get("refresh") == "1" and not session.current().shared


def _timer(mailbox: MailboxName, place: listing.Place) -> Choice | None:
    if session.current().shared:
        return None
    on = _timed()
    url = url_for("mailbox.show", mailbox=mailbox, **place.query(), refresh=None if on else 1)
    return Choice("Stop refreshing" if on else "Refresh every minute", url, on)


@blueprint.app_url_defaults
def _pass_on(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint in _TIMED and _timed():
        values.setdefault("refresh", 1)


@blueprint.post("/m/<mailbox:mailbox>/do")
def do(mailbox: MailboxName) -> Response:
    """Act on the picked rows, then show the list (or the message) again with one line that says what was done."""
    name, picks = _asked()
    back = _back(mailbox, name)
    if not picks:
        flash("Choose a message first: nothing was changed.")
        return redirect(back, 303)
    validities = {pick.uidvalidity for pick in picks}
    if len(validities) != 1:
        raise errors.MailboxRebuilt
    if name == "print":
        uids = [converters.pick_to_text(pick) for pick in picks]
        return redirect(url_for("printout.several", mailbox=mailbox, uid=uids), 303)
    if name == "forward":
        return _passed_on([pick.within(mailbox) for pick in picks], back)
    if name == "move" and not request.form.get("dest"):
        flash("Choose a folder first: nothing was moved.")
        return redirect(back, 303)
    done, count = _run(mailbox, name, validities.pop(), [pick.uid for pick in picks])
    flash(_told(done, len(picks), count))
    return redirect(back, 303)


def _passed_on(refs: list[MessageRef], back: str) -> Response:
    """A letter with these messages as its files; one alone is passed on as from its own page, which marks it so."""
    if len(refs) > _MOST_FILES:
        flash(f"Choose {_MOST_FILES} messages at most to forward at once.")
        return redirect(back, 303)
    if len(refs) == 1:
        return redirect(url_for("compose.answer", mailbox=refs[0].mailbox, pick=refs[0], mode="forward-eml"), 303)
    files = tuple(letter.whole(ref) for ref in refs)
    return redirect(begun.url(Letter(subject=f"Fwd: {len(refs)} messages", mode="forward", keep=files)), 303)


def _told(done: str, wanted: int, count: int) -> str:
    """What was done, and honestly on how many: others may have moved or deleted some meanwhile."""
    if not count:
        return (
            "Nothing was changed: " + ("the message is" if wanted == 1 else "these messages are") + " no longer here."
        )
    text = f"Message {done}." if count == 1 else f"{count} messages {done}."
    missing = wanted - count
    return text + (f" {missing} {'was' if missing == 1 else 'were'} no longer here." if missing > 0 else "")


def _asked() -> tuple[str, list[Pick]]:
    """What to do and on what; a star button carries its own pick, the others act on the checked boxes."""
    for name in ("star", "unstar"):
        if request.form.get(name):
            return name, _picks([request.form[name]])
    return request.form.get("do", ""), _picks(request.form.getlist("uid"))


def _picks(texts: Sequence[str]) -> list[Pick]:
    try:
        return [converters.pick_from_text(text) for text in texts[:1000]]
    except ValueError:
        abort(400)


def _run(mailbox: MailboxName, name: str, validity: UidValidity, uids: list[Uid]) -> tuple[str, int]:
    """Do it to those that are still there; what was done, and to how many."""
    act, done = _act(name)

    def work(conn: Connection) -> int:
        there = search.present(conn, mailbox, validity, uids)
        if there:
            act(conn, mailbox, validity, there)
        return len(there)

    return done, session.borrow(work)


def _act(name: str) -> tuple[Act, str]:
    if name != "move":
        return _ACTS[name] if name in _ACTS else abort(400)
    try:
        destination = converters.mailbox_from_url(request.form.get("dest", ""))
    except ValueError:
        abort(400)
    return lambda c, m, v, u: move.to_mailbox(c, m, v, u, destination), f"moved to {_title(destination)}"


def _title(name: MailboxName) -> str:
    found = [m for m in session.borrow(mailboxes.list_mailboxes) if m.name == name]
    # A cookie carries it to the next page, and browsers drop one over 4 KB.
    return folder_title(found[0])[:100] if found else "another folder"


def _back(mailbox: MailboxName, name: str) -> str:
    """Where the reader was: the message when it still is in this folder, else the message that is to follow it, as the
    reader has chosen, else the same place of the list."""
    place = listing.place_from(request.args)
    stay, following = request.form.get("stay", ""), request.form.get("next", "")
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
