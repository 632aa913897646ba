"""What one server says about itself, for the page that tells it to its users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from webmail.imap import append, decode, quota
from webmail.imap.connection import Connection
from webmail.imap.quota import Quota
from webmail.mail.ids import MailboxName

__all__ = ["About", "Quota", "about"]


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
