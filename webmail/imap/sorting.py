"""A mailbox in another order than that of arrival (RFC 5256), one window at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from webmail import errors
from webmail.imap import decode, search, wire
from webmail.imap.connection import Connection
from webmail.imap.decode import Selected
from webmail.imap.fetched import Fetched
from webmail.imap.selection import select
from webmail.mail import subject as subjects
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, Uid, UidValidity

Key = Literal["date", "sender", "subject", "size"]

MOST_SORTED_HERE: Final = 2000
"""Messages whose keys are fetched where the server does not sort: 2 MB of header fields, well under a second."""

_PROGRAMS: Final[dict[str, bytes]] = {"date": b"DATE", "sender": b"FROM", "subject": b"SUBJECT", "size": b"SIZE"}
_LONGEST: Final = 8192


@dataclass(frozen=True, slots=True)
class Order:
    """One window of the order. uids: in that order. first: position of the first of them, from 1; 0 when empty.

    total: messages in the mailbox. considered: how many of them, the newest ones, were looked at: fewer than total
    where the server does not sort, and then the page has to say so.
    """

    selected: Selected
    uids: tuple[Uid, ...]
    first: int
    total: int
    considered: int


def order(
    conn: Connection,
    name: MailboxName,
    key: Key,
    *,
    descending: bool = False,
    start: int = 1,
    size: int = 50,
    uidvalidity: UidValidity | None = None,
) -> Order:
    """The messages at positions start .. start+size-1 of a mailbox by key; equal ones newest first.

    date: of the Date header, else of arrival. sender: the name shown, where the server can (SORT=DISPLAY, RFC 5957),
    else the address. subject: without Re: and Fwd:. Raises MailboxMissing, MailboxRebuilt and the errors of the wire.
    """
    selected = select(conn, name, uidvalidity=uidvalidity, fresh=True)
    if "SORT" in conn.capabilities:
        uids, total = _by_server(conn, _program(conn, key, descending), start, size)
        considered = total
    else:
        total = selected.messages
        considered = min(total, MOST_SORTED_HERE)
        uids = _sorted_here(conn, total, considered, key, descending)[start - 1 : start - 1 + size]
    return Order(selected, tuple(uids), start if uids else 0, total, considered)


def _program(conn: Connection, key: Key, descending: bool) -> bytes:
    word = b"DISPLAYFROM" if key == "sender" and "SORT=DISPLAY" in conn.capabilities else _PROGRAMS[key]
    return b"(%b%b REVERSE ARRIVAL)" % (b"REVERSE " if descending else b"", word)


def _by_server(conn: Connection, program: bytes, start: int, size: int) -> tuple[list[Uid], int]:
    """ESORT (RFC 5267) sends the window alone; without it every number comes, 8 MB of them for a million messages."""
    windowed = "CONTEXT=SORT" in conn.capabilities or conn.quirks.sorts_in_windows
    if "ESORT" in conn.capabilities and windowed:
        returning = b"(COUNT PARTIAL %d:%d)" % (start, start + size - 1)
        reply = conn.command(b"UID SORT", b"RETURN", returning, program, b"UTF-8", b"ALL")
        count = decode.count(reply.data)
        if count is None:
            raise errors.ProtocolBroken("ESORT without COUNT")
        return [Uid(number) for number in search.partial(reply.data)], count
    told = conn.command(b"UID SORT", program, b"UTF-8", b"ALL").data.get("SORT", ())
    uids = [Uid(int(word)) for line in told for word in (line or b"").split() if word.isdigit()]
    return uids[start - 1 : start - 1 + size], len(uids)


# --- where the server does not sort -----------------------------------------------------------------------------------


def _sorted_here(conn: Connection, total: int, considered: int, key: Key, descending: bool) -> list[Uid]:
    """The newest messages, by keys fetched at once; sequence numbers hold during FETCH (RFC 9051 7.5.1)."""
    found: list[Fetched] = []
    fields = wire.fields(b"DATE FROM SUBJECT", _LONGEST, cut=not conn.quirks.cuts_wrongly)
    for part in wire.uid_sets(range(total - considered + 1, total + 1)):
        reply = conn.command(b"FETCH", part, b"(UID INTERNALDATE RFC822.SIZE " + fields + b")")
        found += decode.fetched(reply.data.get("FETCH", ()))
    there = [one for one in found if one.uid is not None]
    there.sort(key=lambda one: (one.arrived or decode.EPOCH, one.uid), reverse=True)
    there.sort(key=lambda one: _value(one, key), reverse=descending)
    return [one.uid for one in there if one.uid is not None]


def _value(one: Fetched, key: Key) -> Any:
    if key == "size":
        return one.size or 0
    headers = Headers.parse(one.section("HEADER") or b"")
    if key == "date":
        return _instant(headers.date or one.arrived)
    if key == "subject":
        return subjects.base(headers.subject).casefold()
    senders: Sequence[Any] = headers.addresses("from")
    return (senders[0].name or senders[0].address).casefold() if senders else ""


def _instant(when: datetime | None) -> datetime:
    return decode.EPOCH if when is None else when.astimezone(UTC)
