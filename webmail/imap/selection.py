"""Opening a mailbox: a SELECT is remembered, so that the next command on the same mailbox needs none."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from webmail import errors
from webmail.imap import decode, faults, news, wire
from webmail.imap.client import Reply
from webmail.imap.connection import Connection
from webmail.imap.decode import Selected
from webmail.imap.log import Changed
from webmail.mail.ids import MailboxName, UidValidity

_TRUSTED: Final = 30.0
"""Seconds that a SELECT is believed. A mailbox that another device deleted and made again answers NOOP, even STATUS, as
if nothing had happened, and reports of it (RFC 5465) get lost (both seen on Dovecot). Only SELECT tells: 200 ms in a
Maildir of 50 000, NOOP 0.2 ms."""


def select(
    conn: Connection,
    name: MailboxName,
    *,
    read_only: bool = False,
    uidvalidity: UidValidity | None = None,
    fresh: bool = False,
    sure: bool = False,
    anew: bool = False,
) -> Selected:
    """Open a mailbox (RFC 9051 6.3.2, 6.3.3), unless it is open.

    read_only: EXAMINE is enough; Selected.read_only tells what the server granted. uidvalidity: what the caller's UIDs
    were made with. fresh: ask for news when it is open already, once a lease, so that UIDs another connection saw exist
    here too. sure: fresh, and opened under this lease unless the server reports on mailboxes: for what is not undone.
    anew: open it again in any case. Raises MailboxMissing, MailboxRebuilt, ServerBusy, and what command does.
    """
    # A server without CONDSTORE is old, and its NOOP tells too little: Hoodiecrow's nothing of flags, Courier's
    # nothing of a mailbox that was made anew.
    sure = sure or (fresh and "CONDSTORE" not in conn.capabilities)
    fresh, anew = fresh or sure, anew or (sure and not conn.notified and not conn.box_sure)
    if not anew and fresh and _is_open(conn, name, read_only):
        conn.refresh()
    never = conn.notified and name == "INBOX"  # which no other device can delete or rename
    old = not never and time.monotonic() - conn.box_at > _TRUSTED
    if anew or (fresh and old) or not _is_open(conn, name, read_only):
        _open(conn, name, read_only)
    assert conn.box is not None
    now = replace(conn.box.selected, messages=conn.exists)
    if uidvalidity is not None and now.uidvalidity != uidvalidity:
        raise errors.MailboxRebuilt
    return now


def writable(conn: Connection, name: MailboxName, uidvalidity: UidValidity) -> Selected:
    """Open a mailbox to change it, knowing all that is in it. Raises MailboxReadOnly besides what select raises."""
    # Courier goes on in a mailbox that was made anew, and takes old UIDs for new messages.
    selected = select(conn, name, uidvalidity=uidvalidity, sure=True)
    if selected.read_only:
        raise errors.MailboxReadOnly
    return selected


@contextmanager
def writing(conn: Connection, name: MailboxName, uidvalidity: UidValidity) -> Iterator[Selected]:
    """The same for the length of the block. When a change is refused, look whether it still is the same mailbox: a
    connection that had it open does not hear that it was deleted and made again. Raises as writable does."""
    selected = writable(conn, name, uidvalidity)
    try:
        yield selected
    except (errors.ServerRefused, errors.MailboxReadOnly):
        # Or whether what may be done there has changed: then the buttons of its list do, too.
        select(conn, name, uidvalidity=uidvalidity, anew=True)
        raise


Visit = tuple[MailboxName, Sequence[Sequence[bytes]]]
"""A mailbox, and commands for it that change nothing."""


def visit(conn: Connection, visits: Sequence[Visit]) -> Iterator[tuple[Selected | None, list[Reply]]]:
    """Look into mailboxes one after the other, all commands sent in one piece: one round trip for all of them.

    What each of them is, None where it cannot be opened, and the answers. Who leaves before the last of them leaves a
    connection that is broken. Raises the errors of the wire.
    """
    _be_exact(conn)
    _leave(conn)
    lines = [line for name, commands in visits for line in (_opening(conn, name, read_only=True), *commands)]
    replies = conn.together(lines)
    for name, commands in visits:
        _leave(conn)
        opened = next(replies)
        conn.left_open = None
        selected = _opened(conn, name, opened).selected if opened.status == "OK" else None
        yield selected, [next(replies) for _ in commands]


def learn(conn: Connection) -> None:
    """EXISTS counts; which messages have come has to be asked: what is found is news for everybody who listens."""
    box = conn.box
    if box is None or not box.grown:
        return
    if not box.uidnext:
        conn.state.log.tell(Changed(box.name))
        box.grown = False
        return
    reply = conn.command(b"UID FETCH", b"%d:*" % box.uidnext, b"(UID FLAGS)", otherwise=None)
    found = [(one.uid, one.flags) for one in decode.fetched(reply.data.get("FETCH", ()))]
    news.arrived(box, conn.state, found)


def close(conn: Connection) -> None:
    """Leave the open mailbox, if any; nothing is expunged. Where the server cannot (RFC 3691), it is only forgotten."""
    _leave(conn)
    if conn.left_open is not None and "UNSELECT" in conn.capabilities:
        conn.command(b"UNSELECT", otherwise=None)
        conn.left_open = None


def _is_open(conn: Connection, name: MailboxName, read_only: bool) -> bool:
    box = conn.box
    return box is not None and box.name == name and (read_only or not box.selected.read_only)


def _open(conn: Connection, name: MailboxName, read_only: bool) -> None:
    _be_exact(conn)
    words = _opening(conn, name, read_only)
    _leave(conn)
    reply = conn.command(*words, otherwise=None)
    conn.left_open = None
    if reply.status != "OK":
        refused = faults.refusal(reply.text, errors.MailboxMissing)
        # NOPERM on SELECT: it cannot be opened at all, not even to read.
        raise errors.MailboxMissing(refused.server_text) if isinstance(refused, errors.MailboxReadOnly) else refused
    _opened(conn, name, reply)


def _opening(conn: Connection, name: MailboxName, read_only: bool) -> tuple[bytes, ...]:
    parameter = (b"(CONDSTORE)",) if "CONDSTORE" in conn.capabilities and not conn.exact else ()
    return b"EXAMINE" if read_only else b"SELECT", wire.mailbox(name), *parameter


def _opened(conn: Connection, name: MailboxName, reply: Reply) -> news.Box:
    conn.box_at, conn.box_sure, conn.left_open = time.monotonic(), True, name
    conn.box = news.opened(decode.selected(name, conn.exists, reply.code, reply.data), conn.former, conn.state)
    return conn.box


def _be_exact(conn: Connection) -> None:
    """QRESYNC (RFC 7162 3.2) for its manner of speaking: what vanished and what changed, by UID, with the MODSEQ."""
    if conn.exact is None:
        offered = {"QRESYNC", "ENABLE"} <= conn.capabilities
        conn.exact = offered and conn.command(b"ENABLE", b"QRESYNC", otherwise=None).status == "OK"


def _leave(conn: Connection) -> None:
    """What we know of the mailbox that was open goes to the folder table; NOTIFY did not speak of it (RFC 5465 5.2)."""
    box = conn.box
    if box is not None and conn.folders is not None and box.name in conn.folders:
        known, unseen = conn.folders[box.name], box.unseen
        if unseen is None and box.selected.read_only and box.untouched and known.messages == conn.exists:
            # It was only looked into, for a moment: two hundred of them need not be counted again for that.
            unseen = known.unseen
        conn.folders[box.name] = replace(known, messages=conn.exists, unseen=unseen)
    conn.forget_mailbox()
