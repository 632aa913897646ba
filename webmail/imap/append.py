"""APPEND (RFC 9051 6.3.12): a message into a mailbox."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from webmail import errors
from webmail.imap import decode, wire
from webmail.imap.connection import Connection
from webmail.mail.ids import MailboxName, MessageRef

_SLOWEST: Final = 20_000
"""Octets a second that a slow line carries; a message of 25 MB may take twenty minutes on it."""

_LIMIT: Final = re.compile(r"APPENDLIMIT=(\d{1,15})")


def append(
    conn: Connection, mailbox: MailboxName, message: bytes, flags: Iterable[str], when: datetime
) -> MessageRef | None:
    """Store a message; where it is now, None when the server does not tell (no UIDPLUS).

    message: canonical CRLF octets without NUL. flags: constants of mail/flags.py. when: arrival, aware.
    Raises MailboxMissing (TRYCREATE), QuotaExceeded, TooLarge, UnsafeText, MailboxReadOnly, the errors of the wire;
    after ConnectionLost or ServerTooSlow it may have been stored all the same.
    """
    words = (wire.mailbox(mailbox), wire.flag_list(flags), wire.date_time(when), wire.Literal(message))
    limit = next((int(found[1]) for found in map(_LIMIT.fullmatch, conn.capabilities) if found), None)
    if limit is not None and len(message) > limit:
        raise errors.TooLarge
    reply = conn.command(b"APPEND", *words, seconds=120 + len(message) / _SLOWEST)
    stored = decode.appenduid(reply.data)
    return MessageRef(mailbox, *stored) if stored else None
