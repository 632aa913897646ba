"""Files of a letter that are in the mailbox already: in its draft, or in the message that is passed on."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from webmail import errors
from webmail.imap import fetch
from webmail.imap.connection import Connection
from webmail.mail import parts
from webmail.mail.draft import Attachment
from webmail.mail.ids import MessageRef
from webmail.mail.message import Part
from webmail.views import _answer
from webmail.web import tiles
from webmail.web.letter import Letter
from webmail.web.services import services

_GONE: Final = (errors.PartMissing, errors.MessageMissing, errors.MailboxRebuilt, errors.MailboxMissing)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is in the mailbox already (in the draft or the forwarded message). keep: value of its input."""

    keep: str
    name: str
    kind: str
    colour: int
    size: str


def kept(conn: Connection, written: Letter) -> list[tuple[MessageRef, Part, str]]:
    """The kept files, found where they are. One that is gone with its message is simply gone from the list."""
    found, homes = [], {}
    for ref, part_id, value in written.kept():
        with suppress(*_GONE):
            if ref not in homes:
                homes[ref] = fetch.message(conn, ref)
            found.append((ref, _answer.part_of(homes[ref], part_id), value))
    return found


def octets(conn: Connection, written: Letter) -> list[Attachment]:
    """The same with their octets. Raises TooLarge before fetching more than one letter may hold."""
    there = kept(conn, written)
    if sum(part.size for _, part, _ in there) > 2 * limit():
        raise errors.TooLarge
    found = []
    for ref, part, _ in there:
        with suppress(*_GONE):
            content = parts.decode_content(part, fetch.part(conn, ref, part, 2 * limit()))
            found.append(_answer.attachment(part, tiles.name_of(part), content))
    return found


def fitting(files: list[Attachment]) -> list[Attachment]:
    """All of them, if one letter may hold so much. Raises TooLarge."""
    if sum(len(file.content) for file in files) > limit():
        raise errors.TooLarge
    return files


def tile(part: Part, value: str) -> Kept:
    """As the page shows it."""
    return Kept(value, tiles.name_of(part), tiles.kind_of(part), tiles.colour_of(part), tiles.size_of(part))


def limit() -> int:
    """Octets of all files of one letter."""
    return services().settings.upload_limit_mb * 1_000_000
