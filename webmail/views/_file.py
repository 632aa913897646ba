"""Octets of a stranger as an answer: shown in a tab where that is safe, else a download (R7, R8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final
from urllib.parse import quote

from flask import Response, make_response, render_template, request, url_for

from webmail.imap import fetch, mailboxes
from webmail.mail import opens
from webmail.mail.charset import decode
from webmail.mail.ids import MessageRef
from webmail.mail.message import Part
from webmail.mail.transfer import decoded_chunks
from webmail.web import headers, session
from webmail.web.nav import Nav, build

TEXT_LIMIT: Final = 2 * 1024 * 1024
"""Octets of a text that is read whole, to be shown in UTF-8; what is longer downloads as it came."""

_UNKNOWN: Final = "application/octet-stream"
_SURE: Final = "stays"
"""In the query: somebody at a shared computer was asked, and wants the file to stay on it."""


@dataclass(frozen=True, slots=True)
class StaysPage:
    """The question before a file is saved on a shared computer. fields: of the query that asked."""

    nav: Nav
    name: str
    url: str
    fields: tuple[tuple[str, str], ...]
    back_url: str


def octets(ref: MessageRef, part: Part) -> Iterator[bytes]:
    """The file in a part, its transfer encoding undone."""
    if part.content is not None:
        return iter([part.content])
    return decoded_chunks(part.encoding, pieces(ref, part))


def pieces(ref: MessageRef, part: Part | None) -> Iterator[bytes]:
    """A part, or the whole message. The connection is lent for a piece at a time, however slowly the browser reads."""
    read = session.reader()
    return fetch.pieces(lambda position: read(lambda conn: fetch.piece(conn, ref, part, position)))


def opened(stream: Iterator[bytes], type: str, name: str, charset: str | None) -> Response:
    """The file in a tab if its octets are of a kind that may; else as a download.

    type, charset: as its Content-Type says. Text is shown in UTF-8, so that no browser has to guess.
    """
    head = next(stream, b"")
    kind = opens.opens_as(type, name, head)
    if kind == opens.TEXT:
        found, whole = _read(head, stream)
        if whole:
            return answer(iter([decode(found, charset).encode()]), "text/plain; charset=utf-8", name, inline=True)
        head, kind = found, None
    return answer(chain([head], stream), kind or _UNKNOWN, name, inline=kind is not None)


def _read(head: bytes, stream: Iterator[bytes]) -> tuple[bytes, bool]:
    """All found and True, or those of more than TEXT_LIMIT that were read and False."""
    found = bytearray(head)
    while len(found) <= TEXT_LIMIT:
        piece = next(stream, None)
        if piece is None:
            return bytes(found), True
        found += piece
    return bytes(found), False


def saved(stream: Iterator[bytes], name: str, kind: str = _UNKNOWN) -> Response:
    """The file as a download, whatever it is."""
    return answer(begun(stream), kind, name, inline=False)


def begun(stream: Iterator[bytes]) -> Iterator[bytes]:
    """Fetch the first piece now, so that what fails becomes a page and not a broken file."""
    return chain([next(stream, b"")], stream)


def answer(stream: Iterator[bytes], kind: str, name: str, *, inline: bool) -> Response:
    """The answer as it is told: walled, under a name that is safe to save. On a shared computer a question first."""
    if not inline and session.current().shared and _SURE not in request.args:
        return _question(name)
    headers.use(headers.PART)
    response = Response(stream, content_type=kind)
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ()") else "_" for c in name)
    how = "inline" if inline else "attachment"
    # RFC 6266: the plain name for old browsers, the exact one beside it.
    response.headers["Content-Disposition"] = f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return response


def _question(name: str) -> Response:
    view, nav = request.view_args or {}, build(session.borrow(mailboxes.list_mailboxes))
    back = url_for("message.show", mailbox=view["mailbox"], pick=view["pick"]) if "pick" in view else None
    fields = (*request.args.items(multi=True), (_SURE, "1"))
    page = StaysPage(nav, name, request.path, fields, back or url_for("mailbox.home"))
    return make_response(render_template("part/stays.html", page=page))
