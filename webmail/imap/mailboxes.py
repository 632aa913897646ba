"""The mailboxes of an account: listing them with their roles, making them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from webmail import errors
from webmail.imap import decode, wire
from webmail.imap.connection import Connection
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Mailbox, Role, assign_roles

_COUNTS: Final = b"(MESSAGES UNSEEN)"
_MOST_COUNTED: Final = 500
"""Mailboxes that are all counted at each listing; the server opens an index for every one of them."""

_MADE: Final = {
    Role.DRAFTS: ("Drafts", b"(USE (\\Drafts))"),
    Role.SENT: ("Sent", b"(USE (\\Sent))"),
    Role.ARCHIVE: ("Archive", b"(USE (\\Archive))"),
    Role.JUNK: ("Junk", b"(USE (\\Junk))"),
    Role.TRASH: ("Trash", b"(USE (\\Trash))"),
}


def list_mailboxes(conn: Connection) -> tuple[Mailbox, ...]:
    """All mailboxes in the server's order, roles by attribute first, then by name (RFC 6154).

    With LIST-STATUS (RFC 5819) and not too many of them, counts for all in one round trip (two the first time on a
    connection, when nobody knows how many there are); else for INBOX and those with a role only. Raises the errors of
    the wire.
    """
    found: list[Mailbox] = []
    if conn.many_mailboxes is not False:
        found = _listed(conn, counted=False)
        conn.many_mailboxes = len(found) > _MOST_COUNTED
    if "LIST-STATUS" in conn.capabilities and not conn.many_mailboxes:
        found = _listed(conn, counted=True)
        conn.many_mailboxes = len(found) > _MOST_COUNTED
    told = assign_roles(found or _listed(conn, counted=False))
    if any(mailbox.messages is not None for mailbox in told):
        return told
    return tuple(_counted(conn, mailbox) if mailbox.role and mailbox.selectable else mailbox for mailbox in told)


def create(conn: Connection, name: MailboxName) -> None:
    """Make a mailbox (RFC 9051 6.3.4) and subscribe to it, so that other programs show it.

    name: whole and raw, with the prefix of its namespace. Raises MailboxExists, ServerRefused, UnsafeText,
    QuotaExceeded, MailboxReadOnly and the errors of the wire.
    """
    _create(conn, name, None)


def ensure(conn: Connection, role: Role, known: Sequence[Mailbox]) -> MailboxName:
    """The mailbox with this role, made below the personal namespace when there is none. known: from list_mailboxes.

    Raises what create raises, but not MailboxExists.
    """
    if role is Role.INBOX:
        return MailboxName("INBOX")
    found = next((mailbox.name for mailbox in known if mailbox.role is role), None)
    if found is not None:
        return found
    if role not in _MADE:
        raise errors.MailboxMissing
    title, use = _MADE[role]
    refused: errors.MailError = errors.MailboxMissing()
    for prefix in dict.fromkeys((_prefix(conn), _below_inbox(known))):
        name = MailboxName(prefix + title)
        try:
            _create(conn, name, use if "CREATE-SPECIAL-USE" in conn.capabilities else None)
        except errors.MailboxExists:
            return name
        except errors.ServerRefused as error:
            # Many say "exists" in words only.
            if any(mailbox.name == name and mailbox.selectable for mailbox in _listed(conn, counted=False)):
                return name
            refused = error
        else:
            return name
    raise refused


def _listed(conn: Connection, counted: bool) -> list[Mailbox]:
    returning = [b"SPECIAL-USE"] if "SPECIAL-USE" in conn.capabilities else []
    returning += [b"STATUS " + _COUNTS] if counted else []
    # RETURN is a word of RFC 5258: a server without it calls the command BAD, and some with it do too.
    if returning and (counted or "LIST-EXTENDED" in conn.capabilities):
        options = b"(" + b" ".join(returning) + b")"
        reply = conn.command(b"LIST", b'""', b'"*"', b"RETURN", options, otherwise=None)
        if reply.status == "OK":
            return decode.mailboxes(reply.data)
    return decode.mailboxes(conn.command(b"LIST", b'""', b'"*"').data)


def _counted(conn: Connection, mailbox: Mailbox) -> Mailbox:
    """STATUS of one (RFC 9051 6.3.11); a listed mailbox can still be refused, and then has no count."""
    reply = conn.command(b"STATUS", wire.mailbox(mailbox.name), _COUNTS, otherwise=None)
    told = decode.status(reply.data).get(mailbox.name, {})
    return replace(mailbox, messages=told.get("MESSAGES"), unseen=told.get("UNSEEN"))


def _create(conn: Connection, name: MailboxName, use: bytes | None) -> None:
    target = wire.mailbox(name)
    conn.command(b"CREATE", target, *(() if use is None else (use,)))
    conn.command(b"SUBSCRIBE", target, otherwise=None)


def _prefix(conn: Connection) -> str:
    """What names of one's own begin with: "" or "INBOX." (RFC 2342). Asked for once a connection."""
    if conn.namespace is None:
        told = decode.namespace(conn.command(b"NAMESPACE").data) if "NAMESPACE" in conn.capabilities else None
        conn.namespace = told or ("", None)
    return conn.namespace[0]


def _below_inbox(known: Iterable[Mailbox]) -> str:
    """Where servers without NAMESPACE may want new mailboxes."""
    inbox = next((mailbox for mailbox in known if mailbox.role is Role.INBOX), None)
    return f"INBOX{inbox.delimiter}" if inbox is not None and inbox.delimiter else ""
