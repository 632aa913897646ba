"""Searching: the page with the field and what was found, in one folder or in all, and searches that are kept."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import (
    Blueprint,
    Response,
    flash,
    get_flashed_messages,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from webmail import errors
from webmail.imap import mailboxes
from webmail.imap.connection import Connection
from webmail.imap.find import Hits
from webmail.mail import scope
from webmail.mail.conditions import ALL, In, Node, every, leaves
from webmail.mail.mailbox import Mailbox
from webmail.mail.names import clean_line
from webmail.mail.preferences import MOST_SEARCHES, member
from webmail.mail.query import Query, parse, render
from webmail.views import _chips, _results, _search_beside, _search_form, _search_walk
from webmail.views._keep import keep as remember
from webmail.views._results import Bar, Offer, Section
from webmail.views._search_walk import Search, Step
from webmail.web import asked, converters, forms, limits, listing, preferences, session
from webmail.web.asked import Asked
from webmail.web.errors import sentence_for
from webmail.web.nav import Nav, build, folder_title
from webmail.web.rows import Choice
from webmail.web.words import _, ngettext, number

blueprint = Blueprint("search", __name__)
_search_beside.install(blueprint)

Chosen = list[tuple[Mailbox, Node]]

_PATIENCE: Final = 8.0
"""Seconds of searching folder after folder until a page without script is shown."""

_LONGEST_STREAM: Final = 120.0
_BETWEEN: Final = b"\x1e"
"""Between the pieces of a stream (ASCII: record separator)."""

_LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Empty:
    """Nothing was found: where, and what else could be tried."""

    words: str
    ways: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchPage:
    """text: as typed. place: where it looks, as the form posts it; wheres: the ways to look elsewhere. chips: how it
    was understood, each with the address of the search without it. hints: what was left out. fields: of the form.

    one: a folder at length; else sections, of several. earlier: as Section.upto, of those on pages before. bar: what
    can be done to rows; do_url takes it. offer: all that was found, once that is known. progress: how far they go;
    go_on: the address of the rest, rest_url: the same as a stream. kept: the name it is kept under, or "". dead: the
    address is nobody's any more.
    """

    nav: Nav
    text: str = ""
    token: str = ""
    place: str = ""
    wheres: tuple[Choice, ...] = ()
    chips: tuple[Choice, ...] = ()
    hints: tuple[str, ...] = ()
    fields: Mapping[str, str] | None = None
    states: Mapping[str, str] | None = None
    one: Section | None = None
    sections: tuple[Section, ...] = ()
    earlier: tuple[str, ...] = ()
    bar: Bar | None = None
    do_url: str = ""
    offer: Offer | None = None
    progress: str = ""
    go_on: str | None = None
    rest_url: str | None = None
    empty: Empty | None = None
    kept: str = ""
    dead: bool = False
    notice: str | None = None


@blueprint.get("/search")
def start() -> str:
    """The form alone."""
    return _blank()


@blueprint.post("/search")
def ask() -> AnyResponse:
    """What was typed, or chosen in the form, becomes an address that does not tell it."""
    text = _search_form.composed(request.form) if "form" in request.form else forms.line(request.form, "q")
    where = request.form.get("in", "")[:4000]
    if not text.strip():
        return redirect(url_for("search.start"), 303)
    return redirect(asked.url(Asked(text[: asked.MOST], where)), 303)


@blueprint.get("/search/<token>")
def show(token: str) -> str | tuple[str, int]:
    """What is found. before, after: a page of one folder. past: the folder after which a long search goes on."""
    told = asked.read(token)
    if told is None:
        return _blank(dead=True)
    query = parse(told.text)
    try:
        limits.searching()
    except errors.TooOften as error:
        return _not_now(told, query, error)
    folders, chosen, hits = session.borrow(lambda conn: _looked(conn, told, query))
    facts = _facts(told, query, folders)
    if query.root == ALL:
        page = SearchPage(**facts, empty=Empty(_("Nothing was searched for")))
    elif hits is not None:
        page = _in_one(told, query, folders, chosen[0][0], hits, facts)
    else:
        page = _in_many(told, query, folders, chosen, facts)
    return render_template("search/show.html", page=page)


@blueprint.get("/search/<token>/rest")
def rest(token: str) -> Response:
    """A long search going on behind the folder `past`: pieces of a page, each folder as soon as it was searched."""
    told = asked.read(token)
    if told is None:
        return Response("")
    limits.searching()
    query = parse(told.text)
    folders = session.borrow(lambda conn: mailboxes.list_mailboxes(conn, beside=True))
    chosen = _chosen(query.root, folders, told)
    pieces = stream_with_context(_pieces(told, query, chosen))
    return Response(pieces, mimetype="text/html", headers={"X-Accel-Buffering": "no"})


@blueprint.post("/search/kept")
def keep() -> AnyResponse:
    """Keep a search under a name, call it something else (was: its old name), or (do=remove) forget it."""
    told = asked.read(request.form.get("token", ""))
    name, was = _name("name"), _name("was")
    back = asked.url(told) if told else url_for("search.start")
    known = preferences.current().searches
    if request.form.get("do") == "remove":
        remember({member("searches", was): None} if was in known else {})
        # Translators: these are about a search that is kept under a name.
        flash(_("It is no longer kept."))
    elif told is None or not name:
        flash(_("It was not kept: give it a name first."))
    elif name not in known and was not in known and len(known) >= MOST_SEARCHES:
        flash(_full())
    else:
        renamed = {member("searches", was): None} if was in known and was != name else {}
        remember({**renamed, member("searches", name): _lasting(told, session.borrow(mailboxes.list_mailboxes))})
        flash(_("It stands in the list of folders now."))
    return redirect(back, 303)


def _full() -> str:
    # Translators: about a search that was to be kept.
    return ngettext(
        "It was not kept: there is %(count)s already. Remove one first.",
        "It was not kept: there are %(count)s already. Remove one first.",
        MOST_SEARCHES,
    )


# --- pages ------------------------------------------------------------------------------------------------------------


def _blank(*, dead: bool = False) -> str:
    nav = build(session.borrow(mailboxes.list_mailboxes))
    page = SearchPage(
        nav, fields=_search_form.fields(ALL), states=_search_form.states(), dead=dead, notice=_notice()
    )  # fmt: skip
    return render_template("search/show.html", page=page)


def _not_now(told: Asked, query: Query, error: errors.TooOften) -> tuple[str, int]:
    """Over the limit: what was typed is still in the field."""
    sentence = sentence_for(error)
    facts = _facts(told, query, session.borrow(mailboxes.list_mailboxes))
    page = SearchPage(**facts, empty=Empty(f"{sentence.stopped} {sentence.safe}"))
    return render_template("search/show.html", page=page), sentence.status


def _facts(told: Asked, query: Query, folders: tuple[Mailbox, ...]) -> dict[str, Any]:
    """What every page about this search has."""
    kept, lasting = preferences.current().searches, _lasting(told, folders)
    pieces = query.pieces if query.root != ALL else ()
    return {
        "nav": build(folders),
        "text": told.text,
        "token": asked.token(told),
        "place": told.where,
        "wheres": _wheres(told, query, folders),
        "chips": tuple(Choice(_chips.words(piece), _without(told, query, piece)) for piece in pieces),
        "hints": tuple(map(_chips.left_out, query.left_out)),
        "fields": _search_form.fields(query.root),
        "states": _search_form.states(),
        "do_url": url_for(_results.DO, found=asked.token(told)),
        "kept": next((name for name, text in kept.items() if text == lasting), ""),
        "notice": _notice(),
    }


def _looked(conn: Connection, told: Asked, query: Query) -> tuple[tuple[Mailbox, ...], Chosen, Hits | None]:
    """The folders, those to look in, and where that is one alone what it holds: under one lease."""
    folders = mailboxes.list_mailboxes(conn, beside=True)
    chosen = _chosen(query.root, folders, told)
    if len(chosen) != 1 or query.root == ALL:
        return folders, chosen, None
    place, who, mailbox = listing.place_from(request.args), _results.asker(), chosen[0][0]
    hits = _results.alone(conn, mailbox, query.root, who, place.before, place.after)
    if not hits.rows and hits.older is None and (place.before or place.after):
        # What was on this page has gone meanwhile: no page, so the newest one is shown.
        hits = _results.alone(conn, mailbox, query.root, who, None, None)
    return folders, chosen, hits


def _in_one(
    told: Asked, query: Query, folders: tuple[Mailbox, ...], mailbox: Mailbox, hits: Hits, facts: dict[str, Any]
) -> SearchPage:
    if hits.rows or hits.older is not None:
        one = _results.section(hits, mailbox, told, paged=True)
        bar = _results.bar(folders, one.role) if one.can_change else None
        more = hits.older is not None or hits.newer is not None
        offer = Offer("" if hits.loose else number(hits.total)) if more and one.upto else None
        return SearchPage(**facts, one=one, bar=bar, offer=offer)
    return SearchPage(
        **facts, empty=_empty(told, query, _("Nothing found in %(folder)s", folder=folder_title(mailbox)))
    )


def _in_many(
    told: Asked, query: Query, folders: tuple[Mailbox, ...], chosen: Chosen, facts: dict[str, Any]
) -> SearchPage:
    search = Search(chosen, _results.asker(), session.borrow, _begin(chosen), _number("n"))
    # With script the rest comes as a stream, so that the page is there at once. zone.js leaves a sign of script.
    scripted = "tz" in request.cookies
    found, last = list[Section](), search.at_start() if chosen else None
    if not (scripted and search.large_first):
        found, last = _search_walk.until(_search_walk.walk(search, told), 0.0 if scripted else _PATIENCE)
    if last is None:
        return SearchPage(**facts, empty=_empty(told, query, _("There is no folder of that name")))
    over = last.done == last.total
    token = asked.token(told)
    return SearchPage(
        **facts,
        sections=tuple(found),
        bar=_results.bar(folders, None),
        earlier=_search_walk.ends(search, search.begin) if over or scripted else (),
        offer=_search_walk.offer(query.root, last),
        progress=_progress(last),
        go_on=None if over else url_for("search.show", token=token, past=last.name, n=last.before),
        rest_url=None if over else _rest_url(told, last),
        empty=_empty(told, query, _("Nothing found in your folders")) if over and not last.found else None,
    )


def _rest_url(told: Asked, last: Step) -> str:
    return url_for("search.rest", token=asked.token(told), past=last.name, n=last.before)


def _pieces(told: Asked, query: Query, chosen: Chosen) -> Iterator[bytes]:
    """Sections as they are found; how far it is after each folder. At the end what to do when nothing was found."""
    end, staying, found = time.monotonic() + _LONGEST_STREAM, session.staying(every=1), _number("n")
    search = Search(chosen, _results.asker(), session.reader(), _begin(chosen), found)
    for last in _search_walk.walk(search, told, beside=True):
        found = last.found
        stop = last.done < last.total and (time.monotonic() > end or not staying())
        go_on = url_for("search.show", token=asked.token(told), past=last.name, n=last.before) if stop else None
        offer = _search_walk.offer(query.root, last)
        yield _piece("search/_step.html", section=last.section, progress=_progress(last), go_on=go_on, offer=offer)
        if stop:
            return
    if not found:
        yield _piece("search/_empty.html", empty=_empty(told, query, _("Nothing found in your folders")))


def _piece(template: str, **values: Any) -> bytes:
    return render_template(template, **values).encode() + _BETWEEN


def _progress(step: Step) -> str:
    if step.done < step.total:
        # Translators: done: folders that were searched; count: all of them; found: messages in those that were.
        return ngettext(
            "%(done)s of %(count)s folder searched, %(found)s found so far",
            "%(done)s of %(count)s folders searched, %(found)s found so far",
            step.total, done=number(step.done), found=number(step.found),
        )  # fmt: skip
    return ngettext(
        "%(count)s folder searched, %(found)s found", "%(count)s folders searched, %(found)s found", step.total,
        found=number(step.found),
    )  # fmt: skip


def _empty(told: Asked, query: Query, words: str) -> Empty:
    ways = []
    if told.where not in (asked.ALL, asked.ANYWHERE):
        ways.append(Choice(_("Search all folders"), asked.url(Asked(told.text))))
    elif told.where == asked.ALL:
        ways.append(Choice(_("Search Junk and Trash too"), asked.url(Asked(told.text, asked.ANYWHERE))))
    if len(query.pieces) > 1:
        last = query.pieces[-1]
        # Translators: a link: search again without this condition.
        ways.append(Choice(_("Without: %(what)s", what=_chips.words(last)), _without(told, query, last)))
    return Empty(words, tuple(ways))


# --- where ------------------------------------------------------------------------------------------------------------


def _chosen(root: Node, folders: tuple[Mailbox, ...], told: Asked) -> Chosen:
    """The folders to look in. Words about folders in the query count more than the place beside it."""
    here = _folder(told, folders)
    if here is not None and not any(isinstance(leaf, In) for leaf in leaves(root)):
        return [(here, root)]
    return scope.chosen(root, folders, anywhere=told.where == asked.ANYWHERE)


def _folder(told: Asked, folders: tuple[Mailbox, ...]) -> Mailbox | None:
    return next((each for each in folders if converters.mailbox_to_url(each.name) == told.where), None)


def _wheres(told: Asked, query: Query, folders: tuple[Mailbox, ...]) -> tuple[Choice, ...]:
    if any(isinstance(leaf, In) for leaf in leaves(query.root)):
        return ()
    here = _folder(told, folders)
    ways = [] if here is None else [(folder_title(here), told.where)]
    ways += [(_("All folders"), asked.ALL), (_("Junk and Trash too"), asked.ANYWHERE)]
    now = told.where if here is not None or told.where == asked.ANYWHERE else asked.ALL
    return tuple(Choice(label, asked.url(Asked(told.text, where)), where == now) for label, where in ways)


def _begin(chosen: Chosen) -> int:
    """How many folders were done before."""
    done = request.args.get("past")
    names = [converters.mailbox_to_url(mailbox.name) for mailbox, _ in chosen] if done else []
    return names.index(done) + 1 if done in names else 0


def _number(name: str) -> int:
    """n: how many messages were found before."""
    told = request.args.get(name, "")
    return int(told) if told.isdecimal() and told.isascii() and len(told) < 10 else 0


def _without(told: Asked, query: Query, piece: Node) -> str:
    left = render(every(each for each in query.pieces if each != piece))
    return asked.url(Asked(left, told.where)) if left else url_for("search.start")


# --- kept searches ----------------------------------------------------------------------------------------------------


def _lasting(told: Asked, folders: tuple[Mailbox, ...]) -> str:
    """The query by itself, with its place in it."""
    root = parse(told.text).root
    if told.where == asked.ANYWHERE:
        root = every((root, In("anywhere")))
    elif told.where != asked.ALL and not any(isinstance(leaf, In) for leaf in leaves(root)):
        folder = _folder(told, folders)
        root = every((root, In(scope.name(folder)))) if folder is not None else root
    return render(root)


def _name(field: str) -> str:
    return clean_line(request.form.get(field, ""))[:_LONGEST_NAME].strip()


def _notice() -> str | None:
    flashed = [str(said) for said in get_flashed_messages()]
    return flashed[-1] if flashed else None
