"""A mailbox in another order than that of arrival (RFC 5256): all its UIDs at once, because an order is kept
(orders.py) and pages are cut from it here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from webmail.imap import decode, search, wire
from webmail.imap.connection import Connection
from webmail.imap.fetched import Fetched
from webmail.imap.only import Criteria
from webmail.mail import subject as subjects
from webmail.mail.headers import Headers
from webmail.mail.ids import Uid

Key = Literal["sender", "subject", "size"]

MOST_SORTED_HERE: Final = 2000
"""Messages whose keys are fetched where the server does not sort: 2 MB of header fields, well under a second."""

MOST_SORTED: Final = 250_000
"""Messages that a server is asked to sort: two megabytes of numbers."""

_PROGRAMS: Final[dict[Key, bytes]] = {"sender": b"FROM", "subject": b"SUBJECT", "size": b"REVERSE SIZE"}
_LONGEST: Final = 8192


def uids(conn: Connection, key: Key, criteria: Criteria) -> tuple[list[Uid], int]:
    """The messages of the open mailbox that meet criteria, by key, equal ones newest first; and how many were sorted:
    the newest. Where those are not all, the others follow by arrival.

    sender: the name shown, where the server can (SORT=DISPLAY, RFC 5957), else the address. subject: without Re: and
    Fwd:. size: the largest first. A fixed number of commands. Raises the errors of the wire.
    """
    if "SORT" not in conn.capabilities:
        return _sorted_here(conn, key, criteria)
    total = conn.exists
    span = (b"%d:*" % (total - MOST_SORTED + 1),) if total > MOST_SORTED else ()
    reply = conn.command(b"UID SORT", _program(conn, key), b"UTF-8", *span, *criteria)
    found = [Uid(int(word)) for line in reply.data.get("SORT", ()) for word in (line or b"").split() if word.isdigit()]
    return (_with_rest(conn, found, criteria), len(found)) if span else (found, len(found))


def _program(conn: Connection, key: Key) -> bytes:
    word = b"DISPLAYFROM" if key == "sender" and "SORT=DISPLAY" in conn.capabilities else _PROGRAMS[key]
    return b"(%b REVERSE ARRIVAL)" % word


def _with_rest(conn: Connection, found: list[Uid], criteria: Criteria) -> list[Uid]:
    first = set(found)
    return found + [uid for uid in reversed(search.uids(conn, *criteria)) if uid not in first]


# --- where the server does not sort -----------------------------------------------------------------------------------


def _sorted_here(conn: Connection, key: Key, criteria: Criteria) -> tuple[list[Uid], int]:
    """The newest messages, by keys fetched at once."""
    everything = search.uids(conn, *criteria)
    newest = everything[-MOST_SORTED_HERE:]
    found: list[Fetched] = []
    fields = wire.fields(b"FROM SUBJECT", _LONGEST, cut=not conn.quirks.cuts_wrongly)
    for part in wire.uid_sets(newest):
        reply = conn.command(b"UID FETCH", part, b"(UID INTERNALDATE RFC822.SIZE " + fields + b")")
        found += decode.fetched(reply.data.get("FETCH", ()))
    wanted = set(newest)
    there = [one for one in found if one.uid in wanted]
    there.sort(key=lambda one: (one.arrived or decode.EPOCH, one.uid), reverse=True)
    there.sort(key=lambda one: _value(one, key))
    ordered = [one.uid for one in there if one.uid is not None]
    return [*ordered, *everything[: -len(newest)][::-1]] if newest else [], len(newest)


def _value(one: Fetched, key: Key) -> Any:
    if key == "size":
        return -(one.size or 0)
    headers = Headers.parse(one.section("HEADER") or b"")
    if key == "subject":
        return subjects.base(headers.subject).casefold()
    senders: Sequence[Any] = headers.addresses("from")
    return (senders[0].name or senders[0].address).casefold() if senders else ""
