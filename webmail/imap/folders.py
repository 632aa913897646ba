"""Changing the tree of mailboxes, and what this account may do with each of them."""

from __future__ import annotations

from webmail.imap import decode, wire
from webmail.imap.connection import Connection
from webmail.imap.selection import close
from webmail.mail.ids import MailboxName
from webmail.mail.rights import ALL, Rights, rights_of


def rename(conn: Connection, name: MailboxName, new: MailboxName) -> None:
    """RENAME (RFC 9051 6.3.6); what lies below moves along, subscriptions do not.

    Raises MailboxMissing, MailboxExists, MailboxReadOnly, ServerRefused, UnsafeText and the errors of the wire.
    """
    old, target = wire.mailbox(name), wire.mailbox(new)
    close(conn)
    conn.folders = None
    conn.command(b"RENAME", old, target)


def delete(conn: Connection, name: MailboxName) -> None:
    """DELETE (RFC 9051 6.3.5): the mailbox and its messages, not what lies below. Raises as rename does."""
    target = wire.mailbox(name)
    close(conn)
    conn.folders = None
    conn.command(b"DELETE", target)


def subscribe(conn: Connection, name: MailboxName, yes: bool = True) -> None:
    """Whether programs that show only chosen mailboxes show this one (RFC 9051 6.3.7). Raises as rename does."""
    conn.command(b"SUBSCRIBE" if yes else b"UNSUBSCRIBE", wire.mailbox(name))


def subscribed(conn: Connection) -> frozenset[MailboxName]:
    """Every name that is subscribed to, also of mailboxes that are gone. Raises the errors of the wire."""
    if "LIST-EXTENDED" in conn.capabilities:
        reply = conn.command(b"LIST", b"(SUBSCRIBED)", b'""', b'"*"', otherwise=None)
        if reply.status == "OK":
            return frozenset(mailbox.name for mailbox in decode.mailboxes(reply.data))
    reply = conn.command(b"LSUB", b'""', b'"*"', otherwise=None)
    return frozenset(mailbox.name for mailbox in decode.mailboxes({"LIST": reply.data.get("LSUB", ())}))


def rights(conn: Connection, name: MailboxName) -> Rights:
    """What this account may do with a mailbox: all, where the server has no access control (RFC 4314).

    Raises MailboxMissing, UnsafeText and the errors of the wire. A server that does not want to tell is believed to
    allow it: it refuses by itself.
    """
    if "ACL" not in conn.capabilities:
        return ALL
    told = decode.myrights(conn.command(b"MYRIGHTS", wire.mailbox(name), otherwise=None).data)
    return ALL if told is None else rights_of(told)
