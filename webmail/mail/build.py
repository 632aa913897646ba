"""Draft to bytes, made once: canonical CRLF, lines within limits, and read again before anybody may send them (R10)."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from email import errors as defects
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import format_datetime
from hashlib import sha256
from typing import Final

from webmail.errors import UnsafeText
from webmail.mail import fields, flowed
from webmail.mail.address import domain_on_the_wire
from webmail.mail.charset import printable
from webmail.mail.draft import Alternative, Attachment, Draft
from webmail.mail.names import safe_filename

LONGEST_LINE: Final = 998
"""Octets without CRLF (RFC 5322 2.1.1)."""

_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
_OCTETS: Final = "application/octet-stream"
_BASE64_LINE: Final = 57
_FORBIDDEN: Final = re.compile(rb"\r(?!\n)|(?<!\r)\n|\0")
_ANY_LINE_END: Final = re.compile(rb"\r\n|\r|\n")

_HEADER_DEFECTS: Final = (
    defects.HeaderDefect,
    defects.FirstHeaderLineIsContinuationDefect,
    defects.MisplacedEnvelopeHeaderDefect,
    defects.MissingHeaderBodySeparatorDefect,
)

Field = tuple[str, list[str]]


def build(draft: Draft, *, keep_bcc: bool = False) -> bytes:
    """The message as it goes to the server. keep_bcc: for the writer's own copies only, never for submission.

    Raises UnsafeText when any header value holds CR, LF or NUL, or when the bytes do not read back as what was meant;
    BadAddress for an address that is none.
    """
    header = _header(draft, keep_bcc)
    body = _text_part(draft.text)
    if draft.alternative is not None:
        body = _alternatives(draft, body, draft.alternative)
    if not draft.attachments:
        return b"".join((checked_header(header + body[0]), b"\r\n", body[1]))
    parts = [body, *(_attachment_part(attachment) for attachment in draft.attachments)]
    kind, content = _multipart(draft, "mixed", parts)
    header.append(kind)
    if any(("Content-Transfer-Encoding", ["8bit"]) in part_fields for part_fields, _ in parts):
        header.append(("Content-Transfer-Encoding", ["8bit"]))  # RFC 2045 6.4: whatever holds 8bit is 8bit
    return b"".join((checked_header(header), b"\r\n", content))


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
    return [*found, ("MIME-Version", ["1.0"])]


def _text_part(text: str) -> tuple[list[Field], bytes]:
    """format=flowed (RFC 3676), so that the lines are the reader's window's, not ours; 7bit where that is enough."""
    typed = printable(text).replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    octets = (flowed.flow(typed) + "\n").replace("\n", "\r\n").encode()
    kind = ["text/plain;", "charset=utf-8;", "format=flowed"]
    if octets.isascii() and _short(octets):
        return [("Content-Type", kind), ("Content-Transfer-Encoding", ["7bit"])], octets
    foreign = sum(1 for octet in octets if octet > 0x7F)
    if foreign * 3 > len(octets):
        return [("Content-Type", kind), ("Content-Transfer-Encoding", ["base64"])], b"".join(_base64(octets))
    quoted = binascii.b2a_qp(octets, istext=True)
    return [("Content-Type", kind), ("Content-Transfer-Encoding", ["quoted-printable"])], quoted


def _alternatives(draft: Draft, text: tuple[list[Field], bytes], other: Alternative) -> tuple[list[Field], bytes]:
    """The text, then what programs read instead of it (RFC 2046 5.1.4)."""
    ready = other.content.isascii() and not _FORBIDDEN.search(other.content) and _short(other.content)
    content = other.content if ready else b"".join(_base64(other.content))
    words = [token for name, value in (*other.params, ("charset", "utf-8")) for token in fields.parameter(name, value)]
    kind: list[Field] = [
        ("Content-Type", [f"{other.type};", *(f"{word};" for word in words[:-1]), words[-1]]),
        ("Content-Transfer-Encoding", ["7bit" if ready else "base64"]),
    ]
    field, body = _multipart(draft, "alternative", [text, (kind, content)])
    return [field], body


def _multipart(draft: Draft, subtype: str, parts: list[tuple[list[Field], bytes]]) -> tuple[Field, bytes]:
    boundary = _boundary(draft, [content for _, content in parts])
    pieces: list[bytes] = []
    for part_fields, content in parts:
        # the CRLF before a delimiter belongs to the delimiter (RFC 2046 5.1.1)
        pieces += [f"--{boundary}\r\n".encode(), checked_header(part_fields), b"\r\n", content, b"\r\n"]
    field = ("Content-Type", [f"multipart/{subtype};", *fields.parameter("boundary", boundary)])
    return field, b"".join((*pieces, f"--{boundary}--\r\n".encode()))


def _short(octets: bytes) -> bool:
    return all(len(line) <= LONGEST_LINE for line in octets.split(b"\r\n"))


def _attachment_part(attachment: Attachment) -> tuple[list[Field], bytes]:
    type = attachment.type.lower() if _TYPE.fullmatch(attachment.type.lower()) else _OCTETS
    encoding, content = "base64", b""
    if type.startswith("message/"):
        # RFC 2046 5.2.1: no encoding around a message; one that would need it travels as a plain file. 8bit is none,
        # and every submission server takes it (RFC 6152), but not in a header.
        plain = _ANY_LINE_END.sub(b"\r\n", attachment.content)
        if _short(plain) and b"\0" not in plain and plain.partition(b"\r\n\r\n")[0].isascii():
            encoding, content = "7bit" if plain.isascii() else "8bit", plain
    if encoding == "base64":
        type = _OCTETS if type.startswith(("message/", "multipart/")) else type
        content = b"".join(_base64(attachment.content))
    kind = [type]
    if type.startswith("text/") and _is_utf8(attachment.content):
        kind = [f"{type};", "charset=utf-8"]
    name = fields.parameter("filename", safe_filename(attachment.filename, "attachment", type))
    found: list[Field] = [
        ("Content-Type", kind),
        ("Content-Transfer-Encoding", [encoding]),
        ("Content-Disposition", ["inline;" if attachment.content_id else "attachment;", *name]),
    ]
    if attachment.content_id:
        found.append(("Content-ID", fields.text(f"<{attachment.content_id}>")))
    return found, content


def _base64(octets: bytes) -> Iterator[bytes]:
    for start in range(0, len(octets), _BASE64_LINE):
        yield binascii.b2a_base64(octets[start : start + _BASE64_LINE], newline=False) + b"\r\n"


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True


def _boundary(draft: Draft, contents: list[bytes]) -> str:
    """Cannot occur in base64 or quoted-printable ("=_"); looked for in the rest."""
    boundary = "=_" + sha256(draft.message_id.encode()).hexdigest()[:32]
    while any(boundary.encode() in content for content in contents):
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


def _misread(read: Message) -> bool:
    """Defects of the header; Python 3.11.2 also counts the parts that a multipart's header alone cannot have."""
    return any(isinstance(defect, _HEADER_DEFECTS) for defect in read.defects)
