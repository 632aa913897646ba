"""All folders: the tree, and a new one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webmail import errors
from webmail.actions import folders as act
from webmail.imap import about, mailboxes
from webmail.imap.connection import Connection
from webmail.mail import snoozed
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Mailbox, is_top
from webmail.views import _folders
from webmail.web import converters, forms, preferences, session
from webmail.web.errors import sentence_for
from webmail.web.filters import number, size_text
from webmail.web.nav import Nav, build, folder_title, in_order, way
from webmail.web.rows import Choice
from webmail.web.words import _, ngettext, pgettext

blueprint = Blueprint("folders", __name__)

_MOST: Final = 300
"""Folders on one page; what is typed narrows them."""


# Translators: whose a folder is.
_HINTS: Final[Mapping[str, Callable[[], str]]] = {
    "others": lambda: pgettext("a folder", "of somebody else"), "shared": lambda: pgettext("a folder", "shared"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One folder of the tree. url: its messages, None where it only holds others. page_url: where it is changed, "" for
    nowhere. more_url: those below, where they are not on this page. under: the folder itself, as URLs have it."""

    title: str
    way: str
    url: str | None
    page_url: str
    more_url: str | None
    depth: int
    count: str
    hint: str
    favourite: bool
    under: str


@dataclass(frozen=True, slots=True)
class Room:
    """How full the account is. percent: 0..100."""

    percent: int
    text: str


@dataclass(frozen=True, slots=True)
class FoldersPage:
    """lines: at most _MOST. summary: how many, in words. under: the folder whose children these are, "" for all.

    narrows: all of them are here, so that script can look through them. typed: of the form for a new folder; problem:
    why it came back, or "". places: where a new folder can lie.
    """

    nav: Nav
    lines: tuple[Line, ...]
    summary: str
    narrows: bool
    query: str = ""
    under: str = ""
    room: Room | None = None
    places: tuple[Choice, ...] = ()
    typed: str = ""
    problem: str = ""
    server_text: str = ""
    notice: str = ""
    undo: _folders.Undo | None = None


@blueprint.get("/folders")
def show() -> str:
    """The tree; of many folders one level at a time."""
    return _tree()


@blueprint.post("/folders")
def do() -> str | Response | tuple[str, int]:
    """Narrow the tree, or make a folder. By POST, so that no name is in a log (R17)."""
    if request.form.get("do") == "remake":
        return _remade()
    if request.form.get("do") != "make":
        return _tree(query=forms.line(request.form, "q")[: _folders.LONGEST])
    title = forms.line(request.form, "title")[: _folders.LONGEST]

    def work(conn: Connection) -> MailboxName:
        return act.make(conn, title, _folders.chosen(mailboxes.list_mailboxes(conn), request.form.get("above", "")))

    try:
        name = session.borrow(work)
    except session.SessionEnded:
        raise
    except errors.MailError as error:
        return _tree(typed=title, error=error), sentence_for(error).status
    _folders.done(_("The folder %(folder)s is there.", folder=title), name, "unmake")
    return redirect(url_for("folder.show", mailbox=name), 303)


def _remade() -> str | Response | tuple[str, int]:
    """Undo of deleting an empty folder."""
    was = request.form.get("was", "")
    try:
        name = converters.mailbox_from_url(was[1:])
    except ValueError:
        abort(400)
    try:
        session.borrow(lambda conn: act.remake(conn, name, was.startswith("1")))
    except session.SessionEnded:
        raise
    except errors.MailError as error:
        return _tree(error=error), sentence_for(error).status
    flash(_("Undone: the folder is there again."))
    return redirect(url_for("folder.show", mailbox=name), 303)


def _tree(query: str = "", typed: str = "", error: errors.MailError | None = None) -> str:
    every, quota = session.borrow(lambda conn: (mailboxes.list_mailboxes(conn), about.room(conn)))
    known = [one for one in every if snoozed.moment(one) is None and not (snoozed.is_root(one) and not one.messages)]
    said = _folders.notice()
    under = _under(known)
    shown = _shown(known, query, under)
    page = FoldersPage(
        nav=build(every), lines=(*_lines(shown[:_MOST], known, bool(query)), *_asleep(every, query, under)),
        summary=_summary(len(shown), query, under), narrows=len(known) <= _MOST and not query and under is None,
        query=query, under=way(under) if under else "", room=_room(quota), places=_folders.places(known), typed=typed,
        problem=_folders.why(error), server_text=error.server_text if error else "", notice=said,
        undo=_folders.undo(said),
    )  # fmt: skip
    return render_template("folders/show.html", page=page)


def _under(known: Sequence[Mailbox]) -> Mailbox | None:
    if "under" not in request.args:
        return None
    try:
        return _folders.found(known, converters.mailbox_from_url(request.args["under"]))
    except ValueError:
        abort(404)


def _summary(count: int, query: str, under: Mailbox | None) -> str:
    if query:
        text = ngettext("%(count)s folder found.", "%(count)s folders found.", count)
    elif under:
        text = ngettext("%(count)s folder in %(folder)s.", "%(count)s folders in %(folder)s.", count, folder=way(under))
    else:
        text = ngettext("%(count)s folder", "%(count)s folders", count)
    if count <= _MOST:
        return text
    # Translators: follows how many folders there are.
    first = ngettext(
        "The first %(count)s is here; type more of the name.", "The first %(count)s are here; type more of the name.",
        _MOST,
    )  # fmt: skip
    return f"{text} {first}"


def _shown(known: Sequence[Mailbox], query: str, under: Mailbox | None) -> list[Mailbox]:
    words = query.casefold().split()
    if words:
        return in_order(one for one in known if all(word in way(one).casefold() for word in words))
    if under is not None:
        inside = act.below(known, under)
        return in_order(one for one in inside if len(one.path) == len(under.path) + 1 or len(inside) <= _MOST)
    return in_order(known if len(known) <= _MOST else [one for one in known if is_top(one) or one.role])


def _lines(shown: Sequence[Mailbox], known: Sequence[Mailbox], flat: bool) -> list[Line]:
    paths = {one.path for one in shown}
    names = {one.name for one in shown}
    holding = {one.name[: one.name.rfind(one.delimiter)] for one in known if one.delimiter and one.name not in names}
    chosen = preferences.current().favourites
    return [_line(one, flat, paths, one.name in holding, one.name in chosen) for one in shown]


def _line(one: Mailbox, flat: bool, paths: set[tuple[str, ...]], more: bool, favourite: bool) -> Line:
    here = converters.mailbox_to_url(one.name)
    depth = 0 if flat else sum(one.path[:n] in paths for n in range(1, len(one.path)))
    return Line(
        title=way(one) if flat else folder_title(one),
        way=way(one),
        url=url_for("mailbox.show", mailbox=one.name) if one.selectable else None,
        page_url=url_for("folder.show", mailbox=one.name),
        more_url=url_for("folders.show", under=here) if more else None,
        depth=min(depth, 6),
        count="" if one.messages is None else number(one.messages),
        hint=_HINTS[one.owner]() if one.owner in _HINTS else "",
        favourite=favourite,
        under=here,
    )


def _asleep(every: Sequence[Mailbox], query: str, under: Mailbox | None) -> list[Line]:
    """One line for all moments: a folder for each would be the machinery, not the reader's."""
    dated = [one for one in every if snoozed.moment(one) is not None]
    title = _("Snoozed")
    if not dated or under is not None or query.casefold().strip() not in title.casefold():
        return []
    count = sum(one.messages or 0 for one in dated)
    return [Line(title, title, url_for("snoozed.show"), "", None, 0, number(count), "", favourite=False, under="")]


def _room(quota: about.Quota | None) -> Room | None:
    if quota is None or quota.used is None or not quota.limit:
        return None
    percent = min(100, round(100 * quota.used / quota.limit))
    return Room(percent, _("%(used)s of %(limit)s used", used=size_text(quota.used), limit=size_text(quota.limit)))
