"""A message that is being written, as values; mail/build.py makes the bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webmail.mail.address import Address


@dataclass(frozen=True, slots=True)
class Attachment:
    """filename: as its owner calls it, made safe when written. type: media type. content: octets as they are.

    content_id: without brackets, for a part that the body refers to.
    """

    filename: str
    type: str
    content: bytes
    content_id: str | None = None


@dataclass(frozen=True, slots=True)
class Alternative:
    """The text once more, for programs (RFC 2046 5.1.4). params: of Content-Type besides charset. content: UTF-8."""

    type: str
    params: tuple[tuple[str, str], ...]
    content: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """message_id: "<...>", given when the writing begins and never changed (retries must be recognisable). date: aware.

    references: oldest first. text: as typed, lines ending in LF. extra: further header fields, name and value.
    """

    sender: Address
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    subject: str
    text: str
    in_reply_to: str | None
    references: tuple[str, ...]
    message_id: str
    date: datetime
    attachments: tuple[Attachment, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
    alternative: Alternative | None = None
