"""MAILBOXID (RFC 8474): a mailbox that another device renamed is found again by what never changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from webmail.imap import decode, wire
from webmail.imap.connection import Connection
from webmail.imap.fetched import records
from webmail.mail.ids import MailboxName

_MOST_ASKED: Final = 100
"""Mailboxes asked one by one where LIST-STATUS is not offered."""


def find(conn: Connection, mailbox_id: str) -> MailboxName | None:
    """The mailbox with this id, as Selected.mailbox_id told it earlier; None when it is gone or ids are not offered.

    For when a name that was there is missing, not for every page. Raises the errors of the wire.
    """
    if "OBJECTID" not in conn.capabilities:
        return None
    if "LIST-STATUS" in conn.capabilities:
        # Alone: beside a count Cyrus 3.6 answers with octets of memory that it had given back.
        reply = conn.command(b"LIST", b'""', b'"*"', b"RETURN", b"(STATUS (MAILBOXID))", otherwise=None)
        if reply.status == "OK":
            told = _ids(reply.data)
            return next((name for name in told if told[name] == mailbox_id), None)
    listed = decode.mailboxes(conn.command(b"LIST", b'""', b'"*"').data)
    for mailbox in [mailbox for mailbox in listed if mailbox.selectable][:_MOST_ASKED]:
        reply = conn.command(b"STATUS", wire.mailbox(mailbox.name), b"(MAILBOXID)", otherwise=None)
        if _ids(reply.data).get(mailbox.name) == mailbox_id:
            return mailbox.name
    return None


def _ids(data: Mapping[str, Sequence[Any]]) -> dict[MailboxName, str]:
    """`INBOX (MAILBOXID (F2212ea87))` -> {"INBOX": "F2212ea87"}."""
    found: dict[MailboxName, str] = {}
    for record in records(data.get("STATUS", ())):
        match decode.items(record):
            case (bytes(name), (bytes(word), (bytes(told),))) if word.upper() == b"MAILBOXID":
                text = name.decode("latin-1")
                found[MailboxName("INBOX" if text.upper() == "INBOX" else text)] = told.decode("latin-1")
    return found
