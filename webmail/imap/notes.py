"""Where an account's settings are kept: beside the mail where the server keeps such notes (METADATA, RFC 5464), else as
messages in a folder of their own. Both are read, because a server may have learnt the one after the other.

What is written here is never written over: a change is a new note, and then the notes that it was made from are removed
(actions/preferences.py). So whatever two devices do at the same time, nothing is lost.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from webmail import errors
from webmail.imap import decode, mailboxes, metadata
from webmail.imap.connection import Connection
from webmail.imap.selection import select
from webmail.mail.ids import MessageRef

ENTRY: Final = "settings"
"""Notes beside the mail have names below this one."""

_MOST: Final = 20
_LONGEST: Final = 64 << 10
"""Octets of a note in Base64 that are asked for."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A note as it lies there, of whatever content. entry: its name beside the mail; ref: its message; one is None."""

    octets: bytes
    entry: str | None = None
    ref: MessageRef | None = None


def read(conn: Connection) -> tuple[Stored, ...]:
    """Every note of settings, at most 20 from each place. Raises the errors of the wire."""
    beside = (Stored(octets, entry=name) for name, octets in metadata.below(conn, ENTRY, _MOST).items())
    return (*beside, *_in_folder(conn))


def _in_folder(conn: Connection) -> Iterator[Stored]:
    folder = mailboxes.drawer(conn)
    if folder is None:
        return
    try:
        selected = select(conn, folder.name, read_only=True, fresh=True)
    except errors.MailboxMissing:
        return
    if not conn.exists:
        return
    newest = b"%d:*" % max(1, conn.exists - _MOST + 1)
    reply = conn.command(b"FETCH", newest, b"(UID BODY.PEEK[2]<0.%d>)" % _LONGEST, otherwise=None)
    for one in decode.fetched(reply.data.get("FETCH", ())):
        told = one.section("2")
        if one.uid is not None and told is not None:
            yield Stored(_plain(told), ref=MessageRef(folder.name, selected.uidvalidity, one.uid))


def _plain(octets: bytes) -> bytes:
    try:
        return binascii.a2b_base64(octets)
    except binascii.Error:
        return b""
