"""A message that goes on as it is: to others (RFC 5322 3.6.6), or whole inside another letter (RFC 2046 5.2.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from webmail.errors import UnsafeText
from webmail.mail import fields
from webmail.mail.address import Address
from webmail.mail.build import LONGEST_LINE, checked_header
from webmail.mail.headers import Headers
from webmail.mail.ids import WHOLE
from webmail.mail.message import Message, Part
from webmail.mail.names import safe_filename

_HEADER_END: Final = re.compile(rb"(?:\A|\n)(?=\r?\n)")
_FIELD: Final = re.compile(rb"^([!-9;-~]+)[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*(?:\n|\Z)", re.MULTILINE)
_BARE: Final = re.compile(rb"\0|\r(?!\n)|(?<!\r)\n")
_LONG: Final = re.compile(rb"[^\n]{%d}" % (LONGEST_LINE + 2))
# Bcc is for its writer alone, Return-Path for the server that delivered (RFC 5321 4.4), the last for our own drafts.
_PRIVATE: Final = re.compile(rb"bcc|resent-bcc|return-path|x-pennypost-[a-z-]+", re.IGNORECASE)


def whole(message: Message) -> Part:
    """The message as one part, to be fetched and kept as a file."""
    name = safe_filename(Headers.parse(message.header).subject, "message")
    return Part(WHOLE, "message/rfc822", encoding="8bit", size=message.size, filename=f"{name}.eml")


def passes(octets: bytes) -> bool:
    """Whether mail servers pass these octets on as they are: no NUL, no bare CR or LF, no line over 998 octets."""
    return not _BARE.search(octets) and not _LONG.search(octets)


def public(raw: bytes) -> bytes:
    """The message without the fields that were for its owner alone; everything else octet for octet."""
    end = _HEADER_END.search(raw)
    head, rest = (raw[: end.end()], raw[end.end() :]) if end else (raw, b"")
    return _FIELD.sub(lambda field: b"" if _PRIVATE.fullmatch(field[1]) else field[0], head) + rest


def sound(chunks: Iterable[bytes]) -> bool:
    """Whether a body can go out as it is, wherever it is cut: no NUL, no bare CR or LF, no line over 998 octets."""
    held = b""
    for chunk in chunks:
        octets = held + chunk
        end = octets.rfind(b"\n") + 1
        if _BARE.search(octets, 0, end) or _LONG.search(octets):
            return False
        held = octets[end:]
    return not _BARE.search(held)


def resent(raw: bytes, sender: Address, to: Sequence[Address], *, message_id: str, date: datetime) -> bytes:
    """The message under a block of Resent- fields, as it goes to SMTP. raw: as it lies on the server, or its header
    alone with the empty line: behind that nothing is changed (but see sound). date: aware.

    Raises UnsafeText for a message that cannot go out as it is: NUL, a bare CR or LF, a line over 998 octets, or no
    header at its beginning (R10); BadAddress.
    """
    message = public(raw)
    begins = _FIELD.match(message)
    if begins is None or not passes(message):
        raise UnsafeText
    identifier = fields.ids([message_id])
    if not identifier:
        raise UnsafeText
    block = checked_header(
        [
            ("Resent-From", fields.addresses([sender])),
            ("Resent-To", fields.addresses(to)),
            ("Resent-Date", [format_datetime(date)]),
            ("Resent-Message-ID", identifier),
        ]
    )
    return block + message
