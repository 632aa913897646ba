"""Whom the reader writes with, and the ways to begin a letter that do not begin from a message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Final

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from webmail.imap import correspondents, mailboxes
from webmail.imap.connection import Connection
from webmail.mail import address, mailto
from webmail.mail.people import Book, Known
from webmail.web import begun, filters, forms, session
from webmail.web.letter import Letter
from webmail.web.nav import Nav, build

blueprint = Blueprint("people", __name__)

MOST: Final = 500
"""People that are listed, and sent to the script that suggests them."""

_LONGEST_QUERY: Final = 200


@dataclass(frozen=True, slots=True)
class Row:
    """form: as it is typed into a field. address: its domain in letters where they do not pose as others."""

    name: str
    address: str
    form: str
    initials: str
    colour: int
    last: str


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """people: the likeliest first. total: of all, before the query narrowed them."""

    nav: Nav
    people: tuple[Row, ...]
    total: int
    query: str = ""


@blueprint.get("/people")
def show() -> str:
    """The list; for "X-Part: people" without the page around it."""
    if request.headers.get("X-Part") == "people":
        ranked = _ranked(session.borrow(correspondents.known))[:MOST]
        return render_template("people/_short.html", people=[address.for_eyes(one.person) for one in ranked])
    return _page("")


@blueprint.post("/people")
def do() -> str | Response:
    """Narrow the list, or begin a letter. By POST, so that neither a name nor an address is in a URL."""
    if chosen := forms.line(request.form, "write"):
        return redirect(begun.url(Letter(to=chosen)), 303)
    return _page(forms.line(request.form, "q")[:_LONGEST_QUERY])


@blueprint.get("/mailto")
def link() -> Response:
    """A mailto: link, as a browser hands it over (RFC 6068): the letter is put before the reader, and nothing is sent.

    The address of the page that follows tells nothing of it.
    """
    return _begun(request.args.get("u", ""))


@blueprint.post("/mailto")
def press() -> Response:
    """The same for a link in a message that was pressed here: in the body, so that it is in no URL at all."""
    return _begun(forms.text(request.form, "u"))


def _begun(uri: str) -> Response:
    asked = mailto.read(uri) or mailto.Mailto()
    return redirect(begun.url(Letter(asked.to, asked.cc, asked.bcc, asked.subject, asked.body)), 303)


def _page(query: str) -> str:
    def work(conn: Connection) -> tuple[Book, Nav]:
        return correspondents.known(conn), build(mailboxes.list_mailboxes(conn))

    book, nav = session.borrow(work)
    return render_template("people/show.html", page=PeoplePage(nav, _rows(book, query), len(_ranked(book)), query))


def _rows(book: Book, query: str) -> tuple[Row, ...]:
    words, zone = query.casefold().split(), filters.zone_of(request)
    found = [one for one in _ranked(book) if _holds(one, words)][:MOST]
    now = datetime.now(zone)
    return tuple(_row(one, now, zone) for one in found)


def _ranked(book: Book) -> tuple[Known, ...]:
    return book.ranked(datetime.now(UTC), session.current().address)


def _holds(one: Known, words: list[str]) -> bool:
    text = f"{one.person.name} {one.person.address} {address.for_eyes(one.person).address}".casefold()
    return all(word in text for word in words)


def _row(one: Known, now: datetime, zone: tzinfo) -> Row:
    seen = address.for_eyes(one.person)
    return Row(
        name=seen.name,
        address=seen.address,
        form=address.form(seen),
        initials=filters.initials(seen.label),
        colour=filters.colour(seen.address),
        last=filters.list_time(filters.in_zone(one.last, zone), now),
    )
