"""Opening a mailbox: a SELECT is remembered, so that the next command on the same mailbox needs none."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final

from webmail import errors
from webmail.imap import decode, faults, wire
from webmail.imap.connection import Connection
from webmail.imap.decode import Selected
from webmail.mail.ids import MailboxName, UidValidity

_TRUSTED: Final = 30.0
"""Seconds that a SELECT is believed. A mailbox that another device deleted and made again answers NOOP, and even
STATUS, as if nothing had happened (seen on Dovecot). Only SELECT tells: 200 ms in a Maildir of 50 000, NOOP 0.2 ms."""


def select(
    conn: Connection,
    name: MailboxName,
    *,
    read_only: bool = False,
    uidvalidity: UidValidity | None = None,
    fresh: bool = False,
    anew: bool = False,
) -> Selected:
    """Open a mailbox (RFC 9051 6.3.2, 6.3.3), unless it is open.

    read_only: EXAMINE is enough; Selected.read_only tells what the server granted. uidvalidity: what the caller's UIDs
    were made with. fresh: ask for news when it is open already, so that UIDs another connection saw exist here too.
    anew: open it again in any case. Raises MailboxMissing, MailboxRebuilt, ServerBusy and the errors of the wire.
    """
    now = conn.selected
    usable = now is not None and now.name == name and (read_only or not now.read_only)
    old = time.monotonic() - conn.selected_at > _TRUSTED
    if now is None or not usable or anew or (fresh and old):
        now = _open(conn, name, read_only)
    elif fresh:
        conn.noop()
    now = replace(now, messages=conn.exists)
    conn.selected = now
    if uidvalidity is not None and now.uidvalidity != uidvalidity:
        raise errors.MailboxRebuilt
    return now


def writable(conn: Connection, name: MailboxName, uidvalidity: UidValidity) -> Selected:
    """Open a mailbox anew, to change it. Raises MailboxReadOnly besides what select raises."""
    now = select(conn, name, uidvalidity=uidvalidity, anew=True)
    if now.read_only:
        raise errors.MailboxReadOnly
    return now


def _open(conn: Connection, name: MailboxName, read_only: bool) -> Selected:
    target = wire.mailbox(name)
    conn.forget_mailbox()
    reply = conn.command(b"EXAMINE" if read_only else b"SELECT", target, otherwise=None)
    if reply.status != "OK":
        refused = faults.refusal(reply.text, errors.MailboxMissing)
        # NOPERM on SELECT: it cannot be opened at all, not even to read.
        raise errors.MailboxMissing(refused.server_text) if isinstance(refused, errors.MailboxReadOnly) else refused
    conn.selected_at = time.monotonic()
    return decode.selected(name, conn.exists, reply.code, reply.data)
