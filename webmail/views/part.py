"""Parts of a message as files, and its source (R7: nothing of it is ever a page of ours)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final
from urllib.parse import quote

from flask import Blueprint, Response, request

from webmail import errors, reading
from webmail.imap import fetch
from webmail.imap.connection import Connection
from webmail.mail import parts
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, MessageRef, PartId
from webmail.mail.message import Message, Part
from webmail.mail.names import safe_filename
from webmail.mail.transfer import decoded_chunks
from webmail.web import headers, session
from webmail.web.archive import zipped
from webmail.web.converters import Pick
from webmail.web.tiles import name_of

blueprint = Blueprint("part", __name__)

_PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_TEXT_LIMIT: Final = 2 * 1024 * 1024


@blueprint.get("/m/<mailbox:mailbox>/<pick:pick>/part/<part:part_id>")
def show(mailbox: MailboxName, pick: Pick, part_id: PartId) -> Response:
    """A picture or plain text in the tab; everything else, and anything with dl=1, as a download."""
    ref = pick.within(mailbox)
    part = session.borrow(lambda conn: parts.find(fetch.message(conn, ref).root, part_id))
    if request.args.get("dl") != "1":
        if part.type in _PICTURES:
            return _answer(_octets(ref, part), part.type, name_of(part), inline=True)
        if part.type == "text/plain" and part.size <= _TEXT_LIMIT:
            text = session.borrow(lambda conn: parts.text_of(part, fetch.part(conn, ref, part, _TEXT_LIMIT)))
            return _answer(iter([text.encode()]), "text/plain; charset=utf-8", name_of(part), inline=True)
    return _answer(_octets(ref, part), "application/octet-stream", name_of(part), inline=False)


@blueprint.get("/m/<mailbox:mailbox>/<pick:pick>/files.zip")
def files(mailbox: MailboxName, pick: Pick) -> Response:
    """All attachments in one archive. Raises PartMissing when there are none."""
    ref = pick.within(mailbox)
    message, attached = session.borrow(lambda conn: _listed(conn, ref))
    if not attached:
        raise errors.PartMissing
    subject = Headers.parse(message.header).subject
    name = safe_filename(f"{subject}.zip" if subject else None, "attachments.zip", "application/zip")
    entries = [(name_of(part), _decoded(ref, part)) for part in attached]
    return _answer(_begun(zipped(entries, message.arrived)), "application/zip", name, inline=False)


@blueprint.get("/m/<mailbox:mailbox>/<pick:pick>/source.txt")
def source(mailbox: MailboxName, pick: Pick) -> Response:
    """The message as it came, as text; octets that are no UTF-8 show as replacement marks, the .eml keeps them."""
    ref = pick.within(mailbox)
    return _answer(_source(ref), "text/plain; charset=utf-8", "source.txt", inline=True)


@blueprint.get("/m/<mailbox:mailbox>/<pick:pick>/eml")
def eml(mailbox: MailboxName, pick: Pick) -> Response:
    """The message as it came, as a file."""
    ref = pick.within(mailbox)
    subject = session.borrow(lambda conn: Headers.parse(fetch.message(conn, ref).header).subject)
    name = safe_filename(f"{subject}.eml" if subject else None, "message.eml", "message/rfc822")
    return _answer(_source(ref), "application/octet-stream", name, inline=False)


def _listed(conn: Connection, ref: MessageRef) -> tuple[Message, tuple[Part, ...]]:
    message = fetch.message(conn, ref)
    return message, reading.listed(conn, message)


def _octets(ref: MessageRef, part: Part) -> Iterator[bytes]:
    return _begun(_decoded(ref, part))


def _decoded(ref: MessageRef, part: Part) -> Iterator[bytes]:
    if part.content is not None:
        return iter([part.content])
    return decoded_chunks(part.encoding, _pieces(ref, part))


def _source(ref: MessageRef) -> Iterator[bytes]:
    return _begun(_pieces(ref, None))


def _pieces(ref: MessageRef, part: Part | None) -> Iterator[bytes]:
    """A part, or the whole message. The connection is lent for a piece at a time, however slowly the browser reads."""
    read = session.reader()
    return fetch.pieces(lambda position: read(lambda conn: fetch.piece(conn, ref, part, position)))


def _begun(stream: Iterator[bytes]) -> Iterator[bytes]:
    """Fetch the first piece now, so that what fails becomes a page and not a broken file."""
    return chain([next(stream, b"")], stream)


def _answer(stream: Iterator[bytes], kind: str, name: str, *, inline: bool) -> Response:
    headers.use(headers.PART)
    response = Response(stream, content_type=kind)
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ()") else "_" for c in name)
    how = "inline" if inline else "attachment"
    # RFC 6266: the plain name for old browsers, the exact one beside it.
    response.headers["Content-Disposition"] = f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return response
