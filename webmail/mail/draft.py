"""A message that is being written, as values; mail/build.py makes the bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from webmail.mail.address import Address
from webmail.mail.ids import MessageRef, PartId

REVISION: Final = "X-Pennypost-Revision"
"""Header of our drafts alone: who saved it, and the how manieth time (Revision)."""

_REVISION: Final = re.compile(r"([0-9a-f]{16}) (0|[1-9][0-9]{0,8})(?: ([0-9a-f]{16}))?")


class Octets(Protocol):
    """Content that need not lie in memory: it can be read as often as one likes, piece by piece."""

    @property
    def size(self) -> int:
        """Octets of all pieces together."""

    def chunks(self) -> Iterator[bytes]:
        """The content from its beginning."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """filename: as its owner calls it, made safe when written. type: media type. content: octets as they are.

    content_id: without brackets, for a part that the body refers to.
    """

    filename: str
    type: str
    content: bytes | Octets
    content_id: str | None = None

    @property
    def size(self) -> int:
        """Octets of the content."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.size


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a message that lies on the server, in its transfer encoding: its MIME header with the empty line behind
    it, or its body. part: from the message's structure, or "TEXT", the body of the whole (RFC 9051 6.4.5)."""

    ref: MessageRef
    part: PartId
    mime: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A part on the server that goes into the new message as it is; or its octets, brought from there.

    fields: its header written anew, each field with its octets; None to take the header that it has there,
    which octets alone have not.
    size: octets, encoded, as the structure tells it.
    """

    body: Piece | bytes
    fields: tuple[tuple[str, bytes], ...] | None = None
    size: int = 0


@dataclass(frozen=True, slots=True)
class Revision:
    """Which of several saves this is. writer: 16 hex digits, born with the page that writes. number: its saves so far.
    digest: of what it saved, 16 hex digits, or "".

    Of two revisions of one writer the one with the higher number is the newer; between two writers nobody can tell.
    """

    writer: str
    number: int
    digest: str = ""

    def text(self) -> str:
        """As the header and the form carry it."""
        return f"{self.writer} {self.number} {self.digest}".strip()

    def precedes(self, other: Revision) -> bool:
        """Whether the other one may take its place: a later save of the same writer, or the same save again."""
        again = self.number == other.number and self.digest == other.digest
        return self.writer == other.writer and (self.number < other.number or again)


def revision_of(text: str) -> Revision | None:
    """The reverse; None for what is none."""
    found = _REVISION.fullmatch(text)
    return Revision(found[1], int(found[2]), found[3] or "") if found else None


@dataclass(frozen=True, slots=True)
class Alternative:
    """The text once more, for programs (RFC 2046 5.1.4). params: of Content-Type besides charset. content: UTF-8."""

    type: str
    params: tuple[tuple[str, str], ...]
    content: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """message_id: "<...>", given when the writing begins and never changed (retries must be recognisable). date: aware.

    references: oldest first. text: as typed, lines ending in LF. body: takes the place of text, for a draft that
    another program formatted and whose words nobody changed here. extra: further header fields, name and value.
    carried: fields of another program, as they stand. html: the text once more, with its looks, a whole document; text
    is then what is left of it. pictures: what html refers to by Content-ID.
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
    attachments: tuple[Attachment | Kept, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
    carried: tuple[tuple[str, bytes], ...] = ()
    body: Kept | None = None
    alternative: Alternative | None = None
    html: str = ""
    pictures: tuple[Attachment | Kept, ...] = ()
