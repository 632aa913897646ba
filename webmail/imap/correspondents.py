"""Whom this account writes with: read from the headers of Sent and the inbox once, then only what came since.

Kept with what is known of the account (state.py): in memory, by sign-in, gone with its last connection.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from webmail import errors
from webmail.imap import decode, mailboxes, wire
from webmail.imap.connection import Connection
from webmail.imap.fetched import Fetched
from webmail.imap.selection import select
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, UidValidity
from webmail.mail.mailbox import Role
from webmail.mail.people import Book

SENT: Final = 4000
"""Messages of Sent that are read, the newest."""

INBOX: Final = 1000

_SLICE: Final = 1000
_LONGEST: Final = 8192
"""Octets of the fields of one message."""

_BELIEVED: Final = 20.0
"""Seconds for which nobody asks whether something came."""


@dataclass(frozen=True, slots=True)
class _Read:
    """How far a mailbox was read."""

    uidvalidity: UidValidity
    uidnext: int
    messages: int | None


@dataclass(frozen=True, slots=True)
class Kept:
    """The book, how far each mailbox is in it, and when that was asked last (monotonic seconds)."""

    book: Book
    read: dict[MailboxName, _Read]
    at: float


def known(conn: Connection) -> Book:
    """The book, up to date; the first time it is read, about a second for five thousand messages.

    A mailbox that cannot be read is left out. Raises the errors of the wire.
    """
    kept = conn.state.people
    if isinstance(kept, Kept) and time.monotonic() - kept.at < _BELIEVED:
        return kept.book
    book, read = (kept.book.copy(), dict(kept.read)) if isinstance(kept, Kept) else (Book(), {})
    open_before = conn.box.name if conn.box is not None else None
    for mailbox in mailboxes.list_mailboxes(conn):
        if mailbox.role not in (Role.SENT, Role.INBOX) or not mailbox.selectable:
            continue
        before = read.get(mailbox.name)
        if before is not None and mailbox.messages is not None and before.messages == mailbox.messages:
            continue
        with suppress(errors.MailboxMissing):
            read[mailbox.name] = _further(conn, mailbox.name, mailbox.role, before, book)
    if open_before is not None and conn.box is not None and conn.box.name != open_before:
        # What a server without NOTIFY tells unasked is about the mailbox that is open.
        with suppress(errors.MailboxMissing):
            select(conn, open_before)
    book.cut(datetime.now(UTC))
    conn.state.people = Kept(book, read, time.monotonic())
    return book


def _further(conn: Connection, name: MailboxName, role: Role, before: _Read | None, book: Book) -> _Read:
    """Enter what came since, or the newest stretch. Raises MailboxMissing."""
    selected = select(conn, name, read_only=True, fresh=True)
    assert conn.box is not None
    uidnext = conn.box.uidnext
    if before is not None and before.uidvalidity == selected.uidvalidity:
        if uidnext > before.uidnext:
            _enter(conn, b"UID FETCH", b"%d:*" % before.uidnext, role, book, before.uidnext)
    elif before is None:
        # By number in the mailbox, not by UID: of a mailbox with gaps, too, the newest so many. After a UIDVALIDITY
        # that changed nothing is read again: these letters were counted.
        last, most = conn.exists, SENT if role is Role.SENT else INBOX
        for low in range(max(1, last - most + 1), last + 1, _SLICE):
            _enter(conn, b"FETCH", b"%d:%d" % (low, min(low + _SLICE - 1, last)), role, book)
    return _Read(selected.uidvalidity, uidnext, conn.exists)


def _enter(conn: Connection, command: bytes, span: bytes, role: Role, book: Book, least: int = 1) -> None:
    """A server that refuses gives nobody; who is missing can be typed."""
    names = b"TO CC BCC" if role is Role.SENT else b"FROM"
    fields = wire.fields(names, _LONGEST, cut=not conn.quirks.cuts_wrongly)
    reply = conn.command(command, span, b"(UID INTERNALDATE " + fields + b")", otherwise=None)
    for one in decode.fetched(reply.data.get("FETCH", ())):
        # "7:*" names the newest message even when it has a lower number (RFC 9051 9, seq-range).
        if one.uid is not None and one.uid >= least:
            _entered(one, role, book)


def _entered(one: Fetched, role: Role, book: Book) -> None:
    header, when = Headers.parse(one.section("HEADER") or b""), one.arrived or decode.EPOCH
    if role is Role.SENT:
        book.wrote((person for name in ("to", "cc", "bcc") for person in header.addresses(name)), when)
    else:
        book.heard(header.addresses("from"), when)
