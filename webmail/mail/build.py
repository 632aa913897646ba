"""Draft to bytes, made once: canonical CRLF, lines within limits, and read again before anybody may send them (R10).

A large file never lies in memory: the message is a row of pieces, and a piece may be read only when it is needed.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from email import errors as defects
from email import message as email_message
from email.parser import BytesHeaderParser
from email.utils import format_datetime
from hashlib import sha256
from typing import Final

from webmail.errors import UnsafeText
from webmail.mail import fields, flowed
from webmail.mail.address import domain_on_the_wire
from webmail.mail.charset import printable
from webmail.mail.draft import Alternative, Attachment, Draft, Kept, Octets, Piece
from webmail.mail.ids import MessageRef
from webmail.mail.message import Part
from webmail.mail.names import safe_filename

LONGEST_LINE: Final = 998
"""Octets without CRLF (RFC 5322 2.1.1)."""

_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
_OCTETS: Final = "application/octet-stream"
_BASE64_LINE: Final = 57
_AT_ONCE: Final = _BASE64_LINE * 512
_TEXT_ROOM: Final = 64 << 10
_LARGEST_PLAIN: Final = 8 << 20
_FORBIDDEN: Final = re.compile(rb"\r(?!\n)|(?<!\r)\n|\0")
_ANY_LINE_END: Final = re.compile(rb"\r\n|\r|\n")

_HEADER_DEFECTS: Final = (
    defects.HeaderDefect,
    defects.FirstHeaderLineIsContinuationDefect,
    defects.MisplacedEnvelopeHeaderDefect,
    defects.MissingHeaderBodySeparatorDefect,
)

Content = bytes | Octets | Piece
Field = tuple[str, list[str]]
PartOf = tuple[list[Field] | None, list[Content]]


def build(draft: Draft, *, keep_bcc: bool = False) -> bytes:
    """The message as it goes to the server, whole. keep_bcc: for the writer's own copies only, never for submission.

    Raises UnsafeText when any header value holds CR, LF or NUL, or when the bytes do not read back as what was meant;
    BadAddress for an address that is none; ValueError when parts of it lie on the server.
    """
    return b"".join(octets for piece in pieces(draft, keep_bcc=keep_bcc) for octets in _read(piece))


def pieces(draft: Draft, *, keep_bcc: bool = False) -> tuple[Content, ...]:
    """The same in pieces: octets, files that are encoded while they are read, and parts that lie on the server."""
    header = _header(draft, keep_bcc)
    body: PartOf = _kept_part(draft.body) if draft.body else _text_part(draft.text)
    if draft.html and not draft.body:
        body = _formatted(draft, body)
    if draft.alternative is not None:
        body = _alternatives(draft, body, draft.alternative)
    if not draft.attachments and body[0] is not None:
        return _joined([checked_header(header + body[0]), b"\r\n", *body[1]])
    parts = [body, *map(_part, draft.attachments)]
    kind, contents = _multipart(draft, "mixed", parts)
    header.append(kind)
    if any(map(_is_8bit, parts)):
        header.append(("Content-Transfer-Encoding", ["8bit"]))  # RFC 2045 6.4: whatever holds 8bit is 8bit
    return _joined([checked_header(header), b"\r\n", *contents])


def halves(draft: Draft) -> tuple[bytes, tuple[Content, ...]]:
    """The writer's own copy: the header with its empty line, and the pieces behind it. Raises as build does."""
    first, *more = pieces(draft, keep_bcc=True)
    assert isinstance(first, bytes)
    end = first.index(b"\r\n\r\n") + 4
    return first[:end], tuple(each for each in (first[end:], *more) if each)


def new_message_id(domain: str, random: bytes) -> str:
    """A Message-ID of the writer's domain (RFC 5322 3.6.4). random: 16 octets or more, fresh for every message."""
    return f"<{random.hex()}@{domain_on_the_wire(domain) or 'localhost'}>"


def _header(draft: Draft, keep_bcc: bool) -> list[Field]:
    found: list[Field] = [("From", fields.addresses([draft.sender]))]
    if draft.to:
        found.append(("To", fields.addresses(draft.to)))
    elif not draft.cc and not keep_bcc:
        found.append(("To", ["undisclosed-recipients:;"]))  # some servers refuse a letter to nobody in sight
    if draft.cc:
        found.append(("Cc", fields.addresses(draft.cc)))
    if draft.bcc:
        blind = fields.addresses(draft.bcc)  # checked even where it is not written: the envelope is made of it
        found += [("Bcc", blind)] if keep_bcc else []
    message_id = fields.ids([draft.message_id])
    if not message_id:
        raise UnsafeText
    found += [("Subject", fields.text(draft.subject)), ("Date", [format_datetime(draft.date)])]
    found += [("Message-ID", message_id)]
    for name, values in (("In-Reply-To", (draft.in_reply_to or "",)), ("References", draft.references)):
        if tokens := fields.ids(values):
            found.append((name, tokens))
    found += [(name, fields.text(value)) for name, value in draft.extra]
    found += [(name, _tokens(value)) for name, value in draft.carried]
    return [*found, ("MIME-Version", ["1.0"])]


def _text_part(text: str) -> PartOf:
    """format=flowed (RFC 3676), so that the lines are the reader's window's, not ours; 7bit where that is enough."""
    typed = printable(text).replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    octets = (flowed.flow(typed) + "\n").replace("\n", "\r\n").encode()
    return _readable(["text/plain;", "charset=utf-8;", "format=flowed"], octets)


def _formatted(draft: Draft, text: PartOf) -> PartOf:
    """The text, then the same with its looks, together with its pictures (RFC 2046 5.1.4, RFC 2387)."""
    lines = printable(draft.html).replace("\r\n", "\n").replace("\r", "\n")
    html = _readable(["text/html;", "charset=utf-8"], lines.replace("\n", "\r\n").encode())
    if draft.pictures:
        (name, kind), made = _multipart(draft, "related", [html, *map(_part, draft.pictures)])
        html = [(name, [kind[0], 'type="text/html";', *kind[1:]])], made
    field, contents = _multipart(draft, "alternative", [text, html])
    return [field], contents


def _readable(kind: list[str], octets: bytes) -> PartOf:
    """A text in lines of CRLF, in the encoding that leaves most of it to be read."""
    if octets.isascii() and _short(octets):
        return [("Content-Type", kind), ("Content-Transfer-Encoding", ["7bit"])], [octets]
    foreign = sum(1 for octet in octets if octet > 0x7F)
    if foreign * 3 > len(octets):
        return [("Content-Type", kind), ("Content-Transfer-Encoding", ["base64"])], [b"".join(_base64([octets]))]
    quoted = binascii.b2a_qp(octets, istext=True)
    return [("Content-Type", kind), ("Content-Transfer-Encoding", ["quoted-printable"])], [quoted]


def _alternatives(draft: Draft, text: PartOf, other: Alternative) -> PartOf:
    """The text, then what programs read instead of it (RFC 2046 5.1.4)."""
    ready = other.content.isascii() and not _FORBIDDEN.search(other.content) and _short(other.content)
    content = other.content if ready else b"".join(_base64([other.content]))
    words = [token for name, value in (*other.params, ("charset", "utf-8")) for token in fields.parameter(name, value)]
    kind: list[Field] = [
        ("Content-Type", [f"{other.type};", *(f"{word};" for word in words[:-1]), words[-1]]),
        ("Content-Transfer-Encoding", ["7bit" if ready else "base64"]),
    ]
    field, body = _multipart(draft, "alternative", [text, (kind, [content])])
    return [field], body


def _multipart(draft: Draft, subtype: str, parts: list[PartOf]) -> tuple[Field, list[Content]]:
    boundary = _boundary(draft, [content for _, contents in parts for content in contents])
    made: list[Content] = []
    for part_fields, contents in parts:
        made.append(f"--{boundary}\r\n".encode())
        # A part with a header of its own on the server brings the empty line along.
        made += [] if part_fields is None else [checked_header(part_fields), b"\r\n"]
        # the CRLF before a delimiter belongs to the delimiter (RFC 2046 5.1.1)
        made += [*contents, b"\r\n"]
    field = ("Content-Type", [f"multipart/{subtype};", *fields.parameter("boundary", boundary)])
    return field, [*made, f"--{boundary}--\r\n".encode()]


def _short(octets: bytes) -> bool:
    return all(len(line) <= LONGEST_LINE for line in octets.split(b"\r\n"))


def _part(attachment: Attachment | Kept) -> PartOf:
    return _kept_part(attachment) if isinstance(attachment, Kept) else _attachment_part(attachment)


def _kept_part(kept: Kept) -> PartOf:
    if kept.fields is None:
        if isinstance(kept.body, bytes):
            raise ValueError("octets without a header")
        return None, [replace(kept.body, mime=True), kept.body]
    return [(name, _tokens(value)) for name, value in kept.fields], [kept.body]


def _is_8bit(part: PartOf) -> bool:
    fields, contents = part
    labelled = ("Content-Transfer-Encoding", ["8bit"]) in (fields or ())
    return labelled or any(isinstance(octets, bytes) and not octets.isascii() for octets in contents)


def _tokens(value: bytes) -> list[str]:
    return value.decode("ascii", "ignore").split() or [""]


def _attachment_part(attachment: Attachment) -> tuple[list[Field], list[Content]]:
    type = attachment.type.lower() if _TYPE.fullmatch(attachment.type.lower()) else _OCTETS
    encoding, content = "base64", attachment.content
    if type.startswith("message/") and attachment.size <= _LARGEST_PLAIN:
        # RFC 2046 5.2.1: no encoding around a message; one that would need it travels as a plain file. 8bit is none,
        # and every submission server takes it (RFC 6152), but not in a header.
        plain = _ANY_LINE_END.sub(b"\r\n", b"".join(_read(content)))
        if _short(plain) and b"\0" not in plain and plain.partition(b"\r\n\r\n")[0].isascii():
            encoding, content = "7bit" if plain.isascii() else "8bit", plain
    if encoding == "base64":
        type = _OCTETS if type.startswith(("message/", "multipart/")) else type
        content = _Encoded(content)
    kind = [type]
    if type.startswith("text/") and _is_utf8(attachment.content):
        kind = [f"{type};", "charset=utf-8"]
    return _described(attachment.filename, kind, encoding, attachment.content_id), [content]


def kept_file(part: Part, ref: MessageRef, name: str) -> Kept:
    """A file of another message with a header of our own: what that one says of it is not passed on unread."""
    type = part.type if _TYPE.fullmatch(part.type) else _OCTETS
    charset = part.charset or ""
    kind = [f"{type};", f"charset={charset}"] if re.fullmatch(r"[A-Za-z0-9._:-]{1,40}", charset) else [type]
    found = _described(name, kind, part.encoding, part.content_id)
    return Kept(Piece(ref, part.id), tuple((name, " ".join(tokens).encode()) for name, tokens in found), part.size)


def _described(filename: str, kind: list[str], encoding: str, content_id: str | None) -> list[Field]:
    name = fields.parameter("filename", safe_filename(filename, "attachment", kind[0].rstrip(";")))
    found: list[Field] = [
        ("Content-Type", kind),
        ("Content-Transfer-Encoding", [encoding]),
        ("Content-Disposition", ["inline;" if content_id else "attachment;", *name]),
    ]
    return [*found, ("Content-ID", fields.text(f"<{content_id}>"))] if content_id else found


def room(size: int) -> int:
    """Octets of files, as they are, that fit into a message of this size (SIZE of RFC 1870) beside a long text."""
    return max(0, size - _TEXT_ROOM) * _BASE64_LINE // (_BASE64_LINE // 3 * 4 + 2)


class _Encoded:
    """Content in base64, encoded while it is read (RFC 2045 6.8)."""

    def __init__(self, content: bytes | Octets) -> None:
        self._content = content
        self._plain = len(content) if isinstance(content, bytes) else content.size

    @property
    def size(self) -> int:
        """Octets with their line ends."""
        whole, rest = divmod(self._plain, _BASE64_LINE)
        return whole * (_BASE64_LINE // 3 * 4 + 2) + ((rest + 2) // 3 * 4 + 2 if rest else 0)

    def chunks(self) -> Iterator[bytes]:
        """Some hundred lines at a time."""
        return _base64(_read(self._content))


def _base64(chunks: Iterable[bytes]) -> Iterator[bytes]:
    waiting = b""
    for chunk in chunks:
        waiting += chunk
        for start in range(0, len(waiting) - _AT_ONCE + 1, _AT_ONCE):
            yield _lines(waiting[start : start + _AT_ONCE])
        waiting = waiting[len(waiting) // _AT_ONCE * _AT_ONCE :]
    if waiting:
        yield _lines(waiting)


def _lines(octets: bytes) -> bytes:
    lines = (octets[start : start + _BASE64_LINE] for start in range(0, len(octets), _BASE64_LINE))
    return b"".join(binascii.b2a_base64(line, newline=False) + b"\r\n" for line in lines)


def _read(content: Content) -> Iterator[bytes]:
    if isinstance(content, Piece):
        raise ValueError("a part that lies on the server has no octets here")
    return iter((content,)) if isinstance(content, bytes) else content.chunks()


def _joined(contents: Iterable[Content]) -> tuple[Content, ...]:
    """Neighbours that are octets become one."""
    made: list[Content] = []
    for content in contents:
        if made and isinstance(content, bytes) and isinstance(last := made[-1], bytes):
            made[-1] = last + content
        else:
            made.append(content)
    return tuple(made)


def _is_utf8(content: bytes | Octets) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _read(content):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _boundary(draft: Draft, contents: list[Content]) -> str:
    """Cannot occur in base64 or quoted-printable ("=_"); looked for in the rest. What lies on the server cannot be
    looked at: it was there before anybody could know the Message-ID and the moment that this is made of."""
    boundary = "=_" + sha256(f"{draft.message_id}{draft.date.isoformat()}".encode()).hexdigest()[:32]
    while any(boundary.encode() in content for content in contents if isinstance(content, bytes)):
        boundary = "=_" + sha256(boundary.encode()).hexdigest()[:32]
    return boundary


def checked_header(wanted: list[Field]) -> bytes:
    """The header's octets, after another parser has found exactly the fields that were meant, in order (R10).

    Raises UnsafeText.
    """
    octets = b"".join(fields.line(name, tokens) for name, tokens in wanted)
    read = BytesHeaderParser().parsebytes(octets + b"\r\n")
    too_long = any(len(line) > LONGEST_LINE for line in octets.split(b"\r\n"))
    if read.keys() != [name for name, _ in wanted] or _misread(read) or too_long or _FORBIDDEN.search(octets):
        raise UnsafeText
    return octets


def _misread(read: email_message.Message) -> bool:
    """Defects of the header; Python 3.11.2 also counts the parts that a multipart's header alone cannot have."""
    return any(isinstance(defect, _HEADER_DEFECTS) for defect in read.defects)
