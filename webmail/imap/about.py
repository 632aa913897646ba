"""What a server says about itself and about one mailbox, for the pages that tell it to their readers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from webmail.imap import append, decode, folders, quota, wire
from webmail.imap.connection import Connection
from webmail.imap.quota import Quota
from webmail.mail.ids import MailboxName, UidValidity
from webmail.mail.mailbox import Mailbox
from webmail.mail.rights import Rights

__all__ = ["About", "Folder", "Quota", "about", "folder", "room"]


@dataclass(frozen=True, slots=True)
class About:
    """identity: its answer to ID (RFC 2971), lower-case keys, untrusted. tls: "TLSv1.3". capabilities: upper case.

    not_kept: offered, but known not to work, so left alone. most_octets: of one message, None when not told.
    quota: of the inbox, None when not told. sizes: octets by mailbox, None when not asked or not told.
    """

    identity: Mapping[str, str]
    tls: str
    capabilities: frozenset[str]
    not_kept: frozenset[str]
    most_octets: int | None
    quota: Quota | None
    sizes: Mapping[MailboxName, int] | None


def about(conn: Connection, *, with_sizes: bool = False) -> About:
    """At most two commands, and one for the sizes, which can take a while. Raises the errors of the wire."""
    identity: Mapping[str, str] = {}
    if "ID" in conn.capabilities:
        identity = decode.identity(conn.command(b"ID", b"NIL", otherwise=None).data.get("ID", ()))
    return About(
        identity,
        conn.tls,
        conn.capabilities,
        conn.quirks.not_kept,
        append.append_limit(conn),
        quota.quota(conn, MailboxName("INBOX")),
        quota.sizes(conn) if with_sizes else None,
    )


def room(conn: Connection) -> Quota | None:
    """How full the account is. At most one command. Raises the errors of the wire."""
    return quota.quota(conn, MailboxName("INBOX"))


@dataclass(frozen=True, slots=True)
class Folder:
    """One mailbox now. messages, unseen, size (octets): None when not told. last: no message has a higher UID; with
    uidvalidity, 0 when not told."""

    messages: int | None
    unseen: int | None
    size: int | None
    uidvalidity: UidValidity
    last: int
    rights: Rights
    subscribed: bool


def folder(conn: Connection, mailbox: Mailbox) -> Folder:
    """At most three commands. Raises MailboxMissing and the errors of the wire."""
    told: Mapping[str, int] = {}
    if mailbox.selectable:
        wanted = b"MESSAGES UNSEEN UIDNEXT UIDVALIDITY" + (b" SIZE" if "STATUS=SIZE" in conn.capabilities else b"")
        reply = conn.command(b"STATUS", wire.mailbox(mailbox.name), b"(" + wanted + b")", otherwise=None)
        told = decode.status(reply.data).get(mailbox.name, {})
    return Folder(
        told.get("MESSAGES"), told.get("UNSEEN"), told.get("SIZE"), UidValidity(told.get("UIDVALIDITY", 0)),
        told.get("UIDNEXT", 1) - 1, folders.rights(conn, mailbox.name), mailbox.name in folders.subscribed(conn),
    )  # fmt: skip
