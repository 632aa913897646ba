"""How much room there is (RFC 9208), and how much each mailbox takes (RFC 8438)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from webmail.imap import decode, wire
from webmail.imap.connection import Connection
from webmail.imap.fetched import records
from webmail.mail.ids import MailboxName

_UNIT: Final = 1024
"""STORAGE is told in units of 1024 octets, whatever the server (RFC 9208 5.1)."""


@dataclass(frozen=True, slots=True)
class Quota:
    """Octets and messages, used and allowed; None where the server does not tell or there is no limit."""

    used: int | None = None
    limit: int | None = None
    messages: int | None = None
    most_messages: int | None = None


def quota(conn: Connection, mailbox: MailboxName) -> Quota | None:
    """The quota that a new message in this mailbox falls under; of several roots the one with the least room.

    None where QUOTA is not offered, refused, or has nothing to tell. Raises the errors of the wire.
    """
    if not any(word == "QUOTA" or word.startswith("QUOTA=") for word in conn.capabilities):
        return None
    reply = conn.command(b"GETQUOTAROOT", wire.mailbox(mailbox), otherwise=None)
    told = [one for one in _quotas(reply.data) if one != Quota()]
    return min(told, key=_room, default=None)


def sizes(conn: Connection) -> dict[MailboxName, int] | None:
    """Octets of every mailbox that can be opened, in one command; None where that would cost a command for each.

    Not for every page: a server that keeps no sizes reads all mail to answer. Raises the errors of the wire.
    """
    if not {"LIST-STATUS", "STATUS=SIZE"} <= conn.capabilities:
        return None
    reply = conn.command(b"LIST", b'""', b'"*"', b"RETURN", b"(STATUS (SIZE))", otherwise=None)
    if reply.status != "OK":
        return None
    return {name: told["SIZE"] for name, told in decode.status(reply.data).items() if "SIZE" in told}


def _quotas(data: Mapping[str, Sequence[Any]]) -> Iterator[Quota]:
    for record in records(data.get("QUOTA", ())):
        listed = next((item for item in decode.items(record) if isinstance(item, tuple)), ())
        found = {
            _word(listed[at]): (listed[at + 1], listed[at + 2])
            for at in range(0, len(listed) - 2, 3)
            if isinstance(listed[at + 1], int) and isinstance(listed[at + 2], int)
        }
        used, limit = found.get("STORAGE", (None, None))
        yield Quota(
            None if used is None else used * _UNIT, None if limit is None else limit * _UNIT, *found.get("MESSAGE", ())
        )


def _room(one: Quota) -> float:
    return float("inf") if one.limit is None else one.limit - (one.used or 0)


def _word(item: Any) -> str:
    return item.decode("latin-1").upper() if isinstance(item, bytes) else ""
