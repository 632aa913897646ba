"""One message: its header and structure, its parts, its source. By PEEK: only opening() marks, where a person reads
(R13)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from webmail import errors
from webmail.imap import decode, wire
from webmail.imap.connection import Connection
from webmail.imap.decode import Selected
from webmail.imap.fetched import Fetched
from webmail.imap.orders import How, Sort
from webmail.imap.pages import Only, Page
from webmail.imap.pinned import behind, raised
from webmail.imap.selection import select
from webmail.imap.structure import Unusable, doubtful, lacking, structure
from webmail.imap.walk import page
from webmail.mail import mime, parts
from webmail.mail.headers import Headers
from webmail.mail.ids import MessageRef, PartId
from webmail.mail.message import Message, Part, Summary

__all__ = [
    "How",
    "Only",
    "Page",
    "Selected",
    "Sort",
    "behind",
    "body",
    "inner",
    "message",
    "opening",
    "page",
    "part",
    "part_chunks",
    "piece",
    "pieces",
    "raised",
    "section_chunks",
    "select",
    "source_chunks",
]

LARGEST_SOURCE: Final = 32 << 20
"""Octets of a message that we parse ourselves (R15)."""

SMALL_SOURCE: Final = 1 << 20
"""Octets of a message that is fetched whole for a mere doubt, too."""

CHUNK: Final = 256 << 10
_HEADER_BUDGET: Final = 256 << 10
_HEADER: Final = b"BODY.PEEK[HEADER]<0.%d>" % _HEADER_BUDGET
_FACTS: Final = b"UID FLAGS INTERNALDATE RFC822.SIZE"
_BARE: Final = b"(" + _FACTS + b" " + _HEADER + b")"
_EARLY: Final = 128 << 10
"""Octets of a body that travel with the first question; what is longer is fetched by itself."""


def message(conn: Connection, ref: MessageRef) -> Message:
    """Header, flags and structure of one message; the last two of them are not fetched again.

    When the structure cannot be read, or cannot be that of this header (R16), the source is fetched and parsed, and
    Message.repaired is true. Raises MessageMissing, MailboxMissing, MailboxRebuilt, TooLarge, the errors of the wire.
    """
    kept = conn.state.message(ref)
    if kept is not None:
        # Flags alone are answered from memory, even of a message that is gone: first hear that it is.
        select(conn, ref.mailbox, uidvalidity=ref.uidvalidity, fresh=True)
        return replace(kept, flags=_ask(conn, ref, b"(UID FLAGS)").flags or frozenset())
    return _made(conn, ref, _ask(conn, ref, _whole(b""), _BARE), {})


def opening(conn: Connection, ref: MessageRef, *, plain: bool, reads: bool) -> Message:
    """The same for a message that is about to be shown, with Message.early: what is shown of it comes along, where it
    stands (known), or where it likely stands (guessed).

    plain: the text part is wanted, not the HTML. reads: this is a person reading, so that it becomes \\Seen by the same
    command (RFC 9051 6.4.5); not where the mailbox is read-only. Raises as message does.
    """
    body = b"BODY" if reads else b"BODY.PEEK"
    kept = conn.state.message(ref)
    if kept is None:
        guess = _guess(conn.state.row(ref), plain)
        told = _ask(conn, ref, _whole(b" " + body + b"[%b]<0.%d>" % (guess, _EARLY)), _BARE)
        return _made(conn, ref, told, _complete(told))
    wanted = parts.to_read(parts.choose(kept.root), plain=plain)
    items = [body + b"[%b]<0.%d>" % (wire.section(part.id), _EARLY) for part in wanted]
    told = _ask(conn, ref, b"(UID FLAGS" + b"".join(b" " + item for item in items) + b")")
    return replace(kept, flags=told.flags or frozenset(), early=_complete(told))


def inner(conn: Connection, outer: Message, part: Part) -> Message:
    """The message that a message/rfc822 part holds (RFC 2046 5.2.1), as a message: its parts are those of the outer
    one, under their own section numbers. Raises PartMissing when the part holds none, and what message raises.
    """
    if not part.children:
        raise errors.PartMissing
    if part.content is not None:
        header = mime.parse(part.content)[0]
    else:
        header = _piece(conn, outer.ref, wire.section(part.id) + b".HEADER", 0, _HEADER_BUDGET)
    return Message(outer.ref, frozenset(), outer.arrived, part.size, header, part.children[0], outer.repaired)


def _guess(row: Summary | None, plain: bool) -> bytes:
    """The section of the body, by what the list knew of the type."""
    return b"2" if row is not None and row.type == "multipart/alternative" and not plain else b"1"


def _complete(told: Fetched) -> dict[PartId, bytes]:
    found = ((name, octets) for name, octets in told.sections.items() if name[:1].isdigit() and len(octets) < _EARLY)
    return {PartId(name): octets for name, octets in found} if told.whole else {}


def _whole(early: bytes) -> bytes:
    return b"(" + _FACTS + b" BODYSTRUCTURE " + _HEADER + early + b")"


def _made(conn: Connection, ref: MessageRef, told: Fetched, early: Mapping[PartId, bytes]) -> Message:
    header, root, repaired = _parsed(conn, ref, told)
    flags, arrived = told.flags or frozenset(), told.arrived or decode.EPOCH
    made = Message(ref, flags, arrived, told.size or 0, header, root, repaired)
    conn.state.keep_message(made)
    return made if repaired else replace(made, early=early)


def _parsed(conn: Connection, ref: MessageRef, told: Fetched) -> tuple[bytes, Part, bool]:
    """Header and structure: the server's when they agree with each other, else ours, and whether they are ours."""
    header, root = told.section("HEADER"), _root(told)
    if header is None or root is None:
        return *mime.parse(_source(conn, ref)), True
    size = told.size or 0
    contradicting = mime.suspicious(header, root) or lacking(root, size - len(header))
    doubted = doubtful(root) or not Headers.parse(header).fields
    if size > (LARGEST_SOURCE if contradicting else SMALL_SOURCE) or not (contradicting or doubted):
        return header, root, False
    own_header, own = mime.parse(_source(conn, ref))
    if not contradicting and _outline(own) == _outline(root):
        return header, root, False
    return own_header, own, True


def _outline(root: Part) -> list[tuple[str, str, bool]]:
    return [(part.id, part.type, part.size > 0) for part in root.walk()]


def body(conn: Connection, message: Message, part: Part, limit: int) -> bytes:
    """part(), or what came early."""
    early = message.early.get(part.id)
    if early is None or part.content is not None:
        return _octets(conn, message.ref, part, limit)
    if len(early) > limit:
        raise errors.TooLarge
    return early


def part(conn: Connection, ref: MessageRef, part: Part, limit: int) -> bytes:
    """Octets of one part, still in their transfer encoding; a part that carries its content answers with that.

    limit: octets. Raises TooLarge beyond it, PartMissing, and what message raises.
    """
    return _octets(conn, ref, part, limit)


def _octets(conn: Connection, ref: MessageRef, part: Part, limit: int) -> bytes:
    if part.content is not None:
        if len(part.content) > limit:
            raise errors.TooLarge
        return part.content
    if part.size > limit:
        raise errors.TooLarge
    octets = bytearray()
    for chunk in part_chunks(conn, ref, part):
        octets += chunk
        if len(octets) > limit:
            raise errors.TooLarge
    return bytes(octets)


def part_chunks(conn: Connection, ref: MessageRef, part: Part, size: int = CHUNK) -> Iterator[bytes]:
    """The same in pieces of `size` octets, so that a large part never lies in memory whole. Raises as part does."""
    if part.content is not None:
        return iter([part.content[start : start + size] for start in range(0, len(part.content), size)])
    return _chunks(conn, ref, wire.section(part.id), size)


def piece(conn: Connection, ref: MessageRef, part: Part | None, position: int) -> bytes:
    """CHUNK octets of a part, or of the whole message, from position on; fewer at its end. Raises as part does."""
    if part is not None and part.content is not None:
        return part.content[position : position + CHUNK]
    section = b"" if part is None else wire.section(part.id)
    return _piece(conn, ref, section, position, CHUNK)


def section_chunks(conn: Connection, ref: MessageRef, part: PartId, mime: bool) -> Iterator[bytes]:
    """A part as the server has it, or (mime) the header of that part. Raises as part does."""
    return _chunks(conn, ref, wire.section(part) + (b".MIME" if mime else b""), CHUNK)


def source_chunks(conn: Connection, ref: MessageRef) -> Iterator[bytes]:
    """The message as it lies on the server, in pieces. Raises as message does."""
    return _chunks(conn, ref, b"", CHUNK)


def _chunks(conn: Connection, ref: MessageRef, section: bytes, size: int) -> Iterator[bytes]:
    return pieces(lambda position: _piece(conn, ref, section, position, size), size)


def pieces(at: Callable[[int], bytes], size: int = CHUNK) -> Iterator[bytes]:
    """Partial FETCHes (RFC 9051 6.4.5) until one comes back short: sizes that servers tell are sometimes wrong.

    at: position -> up to size octets from there.
    """
    position = 0
    while True:
        octets = at(position)
        if octets:
            yield octets
        if len(octets) < size:
            return
        position += size


def _piece(conn: Connection, ref: MessageRef, section: bytes, position: int, size: int) -> bytes:
    told = _ask(conn, ref, b"(UID BODY.PEEK[%b]<%d.%d>)" % (section, position, size))
    if not told.whole:
        # A literal that is longer than it says: where it ends nobody knows, nor where the next answer begins.
        conn.broken = True
        raise errors.ProtocolBroken("an answer that does not add up")
    octets = next((told.sections[name] for name in told.sections if name.upper().encode() == section), None)
    if octets is None and position == 0:
        raise errors.PartMissing if section else errors.MessageMissing
    return (octets or b"")[:size]


def _source(conn: Connection, ref: MessageRef) -> bytes:
    octets = bytearray()
    for chunk in _chunks(conn, ref, b"", 1 << 20):
        octets += chunk
        if len(octets) > LARGEST_SOURCE:
            raise errors.TooLarge
    return bytes(octets)


def _root(told: Fetched) -> Part | None:
    try:
        return None if told.structure is None else structure(told.structure)
    except Unusable:
        return None


def _ask(conn: Connection, ref: MessageRef, *ways: bytes) -> Fetched:
    """FETCH one message; the next way is tried when the server refuses one (it choked on this message).

    A connection that had the mailbox open before the message came does not know it yet (RFC 9051 7.4.1): open it anew,
    once, before saying that it is missing.
    """
    known = conn.box is not None and conn.box.name == ref.mailbox
    rounds = (False, True) if known else (False,)
    for anew in rounds:
        select(conn, ref.mailbox, uidvalidity=ref.uidvalidity, fresh=True, anew=anew)
        for number, way in enumerate(ways, 1):
            # Cyrus refuses everything about a mailbox that was deleted and made again, until it is opened again.
            last = number == len(ways) and anew is rounds[-1]
            reply = conn.command(b"UID FETCH", b"%d" % ref.uid, way, otherwise=errors.ServerRefused if last else None)
            found = next((one for one in decode.fetched(reply.data.get("FETCH", ())) if one.uid == ref.uid), None)
            if found is not None and (reply.status == "OK" or found.sections):
                return found
    raise errors.MessageMissing
