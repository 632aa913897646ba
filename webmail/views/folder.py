"""One folder: what is in it, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webmail import errors
from webmail.actions import folders as act
from webmail.imap import about, mailboxes
from webmail.imap.connection import Connection
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Mailbox, Role
from webmail.mail.preferences import member
from webmail.mail.rights import Rights
from webmail.views import _folders
from webmail.views._keep import keep
from webmail.web import converters, forms, preferences, session
from webmail.web.errors import sentence_for
from webmail.web.filters import size_text
from webmail.web.nav import Nav, build, folder_title, way
from webmail.web.rows import Choice
from webmail.web.words import _, ngettext, number, pgettext

blueprint = Blueprint("folder", __name__)


@dataclass(frozen=True, slots=True)
class FolderPage:
    """One folder. facts: label and value. may: what its buttons do, by name; one that is missing is not allowed.

    name: as form value. question: "delete" or "empty" is asked, with ask as the words, sure as the value
    that answers. places: where it can be moved to. protected: why it keeps its name and place, or "".
    """

    nav: Nav
    title: str
    name: str
    url: str | None
    page_url: str
    facts: Sequence[tuple[str, str]]
    may: frozenset[str]
    subscribed: bool
    favourite: bool
    places: tuple[Choice, ...]
    protected: str = ""
    question: str = ""
    ask: str = ""
    sure: str = ""
    in_trash: bool = False
    typed: str = ""
    problem: str = ""
    server_text: str = ""
    notice: str = ""
    undo: _folders.Undo | None = None


@blueprint.get("/folders/<mailbox:mailbox>")
def show(mailbox: MailboxName) -> str:
    """The page."""
    return _one(mailbox)


@blueprint.post("/folders/<mailbox:mailbox>")
def change(mailbox: MailboxName) -> str | Response | tuple[str, int]:
    """Do it; what cannot be taken back is asked first."""
    wish = request.form.get("do", "")
    if wish in ("delete", "empty") and not request.form.get("sure"):
        return _one(mailbox, question=wish)
    if wish in ("favourite", "ordinary"):
        return _favour(mailbox, wish == "favourite")
    try:
        return _DOING[wish](mailbox) if wish in _DOING else abort(400)
    except session.SessionEnded:
        raise
    except errors.MailboxMissing:
        raise
    except errors.MailError as error:
        return _one(mailbox, error=error), sentence_for(error).status


# --- what is done -----------------------------------------------------------------------------------------------------


def _rename(mailbox: MailboxName) -> Response:
    title = forms.line(request.form, "title")[: _folders.LONGEST]
    return _moved(
        mailbox, lambda conn, it, known: act.rename(conn, it, title), _("It is called %(folder)s now.", folder=title)
    )


def _move(mailbox: MailboxName) -> Response:
    def work(conn: Connection, it: Mailbox, known: Sequence[Mailbox]) -> MailboxName:
        return act.relocate(conn, it, _folders.chosen(known, request.form.get("above", "")))

    return _moved(mailbox, work, _("It was moved."))


def _throw_away(mailbox: MailboxName) -> Response:
    return _moved(mailbox, lambda conn, it, known: act.throw_away(conn, it), _("It is in Trash now, with all in it."))


def _moved(
    mailbox: MailboxName, work: Callable[[Connection, Mailbox, Sequence[Mailbox]], MailboxName], told: str
) -> Response:
    """A folder has another name now; what the reader chose for it goes along."""

    def done(conn: Connection) -> MailboxName:
        known = mailboxes.list_mailboxes(conn)
        return work(conn, _own(known, mailbox), known)

    new = session.borrow(done)
    if new != mailbox and mailbox in preferences.current().favourites:
        keep({_key(mailbox): None, _key(new): True})
    if new != mailbox and request.form.get("do") != "back":
        _folders.done(told, new, "back", converters.mailbox_to_url(mailbox))
    else:
        flash(told)
    return redirect(url_for("folder.show", mailbox=new), 303)


def _back(mailbox: MailboxName) -> Response:
    """Undo of a new name or place."""
    try:
        was = converters.mailbox_from_url(request.form.get("was", ""))
    except ValueError:
        abort(400)
    return _moved(mailbox, lambda conn, it, known: act.back(conn, it, was), _("Undone: it is what it was."))


def _unmake(mailbox: MailboxName) -> Response:
    """Undo of a new folder."""
    gone = session.borrow(lambda conn: act.unmake(conn, _own(mailboxes.list_mailboxes(conn), mailbox)))
    if gone:
        flash(_("Undone: the folder is gone."))
    else:
        flash(_("It could not be undone: something lies in the folder by now."))
    return redirect(url_for("folders.show") if gone else url_for("folder.show", mailbox=mailbox), 303)


def _delete(mailbox: MailboxName) -> Response:
    if request.form.get("sure") == "trash":
        return _throw_away(mailbox)
    if request.form.get("sure") != "ever":
        abort(400)
    bare, subscribed = session.borrow(lambda conn: _deleted(conn, mailbox))
    if mailbox in preferences.current().favourites:
        keep({_key(mailbox): None})
    if bare:
        _folders.done(
            _("The folder is gone."), mailbox, "remake", f"{int(subscribed)}{converters.mailbox_to_url(mailbox)}"
        )
    else:
        flash(_("The folder is gone. What was in it is gone, too."))
    return redirect(url_for("folders.show"), 303)


def _deleted(conn: Connection, mailbox: MailboxName) -> tuple[bool, bool]:
    """Whether nothing lay in it, so that it can be made again; and whether it was subscribed to."""
    known = mailboxes.list_mailboxes(conn)
    it = _own(known, mailbox)
    told = about.folder(conn, it)
    bare = it.selectable and not act.below(known, it) and act.is_empty(conn, it)
    act.delete(conn, it)
    return bare, told.subscribed


def _own(known: Sequence[Mailbox], name: MailboxName) -> Mailbox:
    """A folder whose name is its reader's to change. Raises MailboxMissing, MailboxReadOnly."""
    it = _folders.found(known, name)
    if _protected(it):
        raise errors.MailboxReadOnly
    return it


def _empty(mailbox: MailboxName) -> Response:
    """What its reader was asked about, and nothing that came later: the question holds the last UID of its moment."""
    try:
        upto = converters.pick_from_text(request.form.get("sure", ""))
    except ValueError:
        abort(400)
    count = session.borrow(lambda conn: act.empty(conn, mailbox, upto.uidvalidity, upto.uid))
    flash(ngettext("%(count)s message deleted for ever.", "%(count)s messages deleted for ever.", count))
    return redirect(url_for("mailbox.show", mailbox=mailbox), 303)


def _subscribe(mailbox: MailboxName) -> Response:
    yes = request.form["do"] == "subscribe"
    session.borrow(lambda conn: act.subscribe(conn, mailbox, yes))
    shown, hidden = _("Programs that show chosen folders show it."), _("Programs that show chosen folders hide it.")
    _folders.done(shown if yes else hidden, mailbox, "unsubscribe" if yes else "subscribe")
    return redirect(url_for("folder.show", mailbox=mailbox), 303)


_DOING: Final[dict[str, Callable[[MailboxName], Response]]] = {
    "rename": _rename, "move": _move, "delete": _delete, "empty": _empty, "subscribe": _subscribe,
    "unsubscribe": _subscribe, "back": _back, "unmake": _unmake,
}  # fmt: skip


def _favour(mailbox: MailboxName, yes: bool) -> Response:
    try:
        keep({_key(mailbox): True if yes else None})
    except ValueError:
        abort(400)
    return redirect(url_for("folder.show", mailbox=mailbox), 303)


def _key(mailbox: MailboxName) -> str:
    return member("favourites", mailbox)


# --- what is shown ----------------------------------------------------------------------------------------------------


def _one(mailbox: MailboxName, question: str = "", error: errors.MailError | None = None) -> str:
    known, it, told = session.borrow(lambda conn: _asked(conn, mailbox))
    inside = act.below(known, it)
    protected, said = _protected(it), _folders.notice()
    may = _may(it, told.rights, known, bool(protected))
    if question and question not in may:
        raise errors.MailboxReadOnly
    page = FolderPage(
        nav=build(known, mailbox), title=folder_title(it), name=converters.mailbox_to_url(mailbox),
        url=url_for("mailbox.show", mailbox=mailbox) if it.selectable else None,
        page_url=url_for("folder.show", mailbox=mailbox), facts=_facts(it, told, len(inside)), may=may,
        subscribed=told.subscribed, favourite=mailbox in preferences.current().favourites,
        places=tuple(place for place in _folders.places(known) if place.url != converters.mailbox_to_url(mailbox)),
        protected=protected, question=question, ask=_ask(question, it, told, inside),
        sure=f"{told.uidvalidity}.{told.last}" if question == "empty" and told.last else "",
        in_trash=_in_trash(it, known), typed=forms.line(request.form, "title"), problem=_folders.why(error),
        server_text=error.server_text if error else "", notice=said,
        undo=_folders.undo(said),
    )  # fmt: skip
    return render_template("folder/show.html", page=page)


def _asked(conn: Connection, mailbox: MailboxName) -> tuple[tuple[Mailbox, ...], Mailbox, about.Folder]:
    known = mailboxes.list_mailboxes(conn)
    it = _folders.found(known, mailbox)
    return known, it, about.folder(conn, it)


def _protected(it: Mailbox) -> str:
    if it.role is Role.INBOX:
        return _("New mail arrives here, so it keeps its name and its place.")
    if it.role is None:
        return ""
    title = folder_title(it)
    return _("Mail programs know this folder as %(folder)s, so it keeps its name here.", folder=title)


def _may(it: Mailbox, rights: Rights, known: Sequence[Mailbox], protected: bool) -> frozenset[str]:
    may = {"subscribe", "favourite"}
    if rights.delete and not protected:
        may |= {"rename", "move", "delete"}
    if rights.can_empty and it.selectable and it.messages:
        may |= {"empty"}
    if rights.create and it.delimiter is not None and "\\noinferiors" not in it.attributes:
        may |= {"make"}
    return frozenset(may)


def _in_trash(it: Mailbox, known: Sequence[Mailbox]) -> bool:
    trash = next((one for one in known if one.role is Role.TRASH), None)
    return trash is not None and it in act.below(known, trash)


def _ask(question: str, it: Mailbox, told: about.Folder, inside: Sequence[Mailbox]) -> str:
    many, title = told.messages or 0, folder_title(it)
    if question == "empty":
        return ngettext(
            "Delete the %(count)s message in %(folder)s for ever?",
            "Delete all %(count)s messages in %(folder)s for ever?",
            many, folder=title,
        )  # fmt: skip
    if question != "delete":
        return ""
    if not inside:
        return ngettext(
            "Delete the folder %(folder)s with %(count)s message?",
            "Delete the folder %(folder)s with %(count)s messages?",
            many, folder=title,
        )  # fmt: skip
    more = sum(one.messages or 0 for one in inside)
    messages = ngettext("%(count)s message", "%(count)s messages", many)
    folders = ngettext("%(count)s folder", "%(count)s folders", len(inside))
    if not more:
        # Translators: messages: "3 messages"; folders: "2 folders".
        return _(
            "Delete the folder %(folder)s with %(messages)s, and %(folders)s in it?",
            folder=title, messages=messages, folders=folders,
        )  # fmt: skip
    # Translators: the same; more: how many messages are in those folders.
    return _(
        "Delete the folder %(folder)s with %(messages)s, and %(folders)s in it with %(more)s more?",
        folder=title, messages=messages, folders=folders, more=number(more),
    )  # fmt: skip


def _facts(it: Mailbox, told: about.Folder, inside: int) -> list[tuple[str, str]]:
    # Translators: facts about a folder: where it lies, how many messages are in it, how large they are.
    facts = [(pgettext("of a folder", "Where"), way(it))]
    if told.messages is not None:
        count = ngettext("%(count)s, %(unread)s unread", "%(count)s, %(unread)s unread", told.messages,
            unread=number(told.unseen or 0))  # fmt: skip
        facts.append((pgettext("of a folder", "Messages"), count))
    if told.size is not None:
        facts.append((pgettext("of a folder", "Size"), size_text(told.size)))
    if inside:
        facts.append((_("Folders in it"), number(inside)))
    if it.owner != "self":
        facts.append((_("Belongs to"), _("somebody else") if it.owner == "others" else _("several people")))
    if told.rights != Rights():
        facts.append((_("You may"), _rights(told.rights)))
    return facts


def _rights(rights: Rights) -> str:
    # Translators: what the reader may do with a folder, behind "You may".
    words = {
        "read": pgettext("you may", "read"), "keep_seen": pgettext("you may", "mark as read"),
        "write": pgettext("you may", "star and label"), "insert": pgettext("you may", "put messages in"),
        "can_empty": pgettext("you may", "take messages out"), "create": pgettext("you may", "make folders in it"),
        "delete": pgettext("you may", "rename and delete it"),
    }  # fmt: skip
    allowed = ", ".join(text for name, text in words.items() if getattr(rights, name))
    return allowed or pgettext("you may", "nothing")
