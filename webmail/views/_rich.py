"""Formatting: what the editor posted goes through the gate before anything else reads it; its text is made of that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from flask import Response, jsonify, request, url_for

from webmail import errors, reading
from webmail.imap import fetch
from webmail.imap.connection import Connection
from webmail.mail.draft import Attachment
from webmail.mail.ids import MessageRef
from webmail.mail.reply import above_forwarded
from webmail.sanitize.written import pictures, with_passed_on, with_quote, words
from webmail.sanitize.written import written as written_html
from webmail.views import _drafts, _place
from webmail.views._drafts import Found
from webmail.views._saving import Problem
from webmail.web import letter, session
from webmail.web.letter import Letter
from webmail.web.words import _

PART: Final = "formatting"
"""X-Part of a request for the letter's beginning with its looks."""


@dataclass(frozen=True, slots=True)
class Picture:
    """cid: as the HTML names it. url: where the editor's page finds it."""

    cid: str
    url: str


def read(typed: Letter) -> Letter:
    """A posted letter with its HTML cleaned and its text made from that; without formatting where it has none (left).

    Formatting that came with the draft holds as long as the words beside it are the same: a browser without script
    shows and changes these. Raises TooLarge.
    """
    if typed.format == "html" or (typed.format == "kept" and typed.untouched()):
        html = written_html(typed.html, _named)
        return replace(typed, html=html, body=words(html) if html else typed.body, format=typed.format if html else "")
    return replace(typed, html="", format="")


def posted() -> tuple[Letter, bool]:
    """The letter of this post, and whether its formatting is within bounds; else it comes back as it was typed."""
    typed = letter.from_form(request.form, session.current().address)
    try:
        return read(typed), True
    except errors.TooLarge:
        return typed, False


def too_large() -> Problem:
    """Why a letter with more formatting than that came back."""
    text = _(
        "A formatted letter takes 2 MB of HTML, and pictures beside it. What you wrote is still here. Take out what "
        "was pasted last, or turn formatting off."
    )
    return Problem("bad", _("Not saved: there is too much formatting."), text)


def left(written: Letter, there: Sequence[Attachment]) -> Letter:
    """The letter without the pictures that are gone, so that it can be sent without them."""
    known = {picture.content_id for picture in there}
    return replace(written, html=written_html(written.html, known.__contains__)) if written.format else written


def start(written: Letter) -> str:
    """Where script asks how the letter begins with its looks: an answer, a message passed on, a draft of another
    program; else ""."""
    if written.rich and not written.format and written.draft:
        return _place.of_draft(written.draft)
    begins = written.mode.startswith("reply") or (written.mode == "forward" and above_forwarded(written.body))
    if written.origin and not written.draft and begins:
        return url_for("compose.answer", mailbox=written.origin.mailbox, pick=written.origin, mode=written.mode)
    return ""


def _named(cid: str) -> bool:
    """Of what is posted any picture may be named; whether it is there is seen when the letter is put together."""
    return 0 < len(cid) <= 250 and cid.isascii() and cid.isprintable() and not set(cid) & set("<>\"' ")


def shown(conn: Connection, written: Letter) -> tuple[Picture, ...]:
    """The pictures of the formatted text as the page of the editor loads them."""
    found = []
    for cid, one in _drafts.shows(conn, written):
        if isinstance(one, Found):
            ref = one.message.ref
            url = url_for("part.show", mailbox=ref.mailbox, pick=ref, part_id=one.part.id)
            found.append(Picture(cid, url))
        elif one is not None:
            found.append(Picture(cid, url_for("draft.uploaded", token=cid.removesuffix(_drafts.PICTURE))))
    return tuple(found)


def wanted() -> bool:
    """Whether script asks for it."""
    return request.headers.get("X-Part") == PART


def beginning(ref: MessageRef, mode: str, begin: Callable[[Connection], Letter]) -> Response:
    """How the letter of this mode begins with its looks: JSON of its HTML and its pictures, "" where there are none."""

    def work(conn: Connection) -> tuple[str, tuple[Picture, ...]]:
        message = fetch.message(conn, ref)
        html = reading.editable(conn, message)
        if html and mode.startswith("reply"):
            html = written_html(with_quote(begin(conn).body, html), _named)
        elif html and mode == "forward":
            html = written_html(with_passed_on(above_forwarded(begin(conn).body), html), _named)
        elif mode != "edit":
            html = ""
        there = Letter(html=html, format="html", draft=ref if mode == "edit" else None, origin=ref)
        return html, shown(conn, there) if pictures(html) else ()

    try:
        html, there = session.borrow(work)
    except errors.TooLarge:
        html, there = "", ()
    return _answer(html, there)


def _answer(html: str, there: tuple[Picture, ...]) -> Response:
    made: Response = jsonify(html=html, pictures={one.cid: one.url for one in there})
    return made
