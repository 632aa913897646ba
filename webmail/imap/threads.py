"""Talks of a mailbox: by the server (THREAD, RFC 5256), else from the headers of the messages at hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from webmail.imap import decode, wire
from webmail.imap.connection import Connection
from webmail.imap.decode import Selected
from webmail.imap.selection import select
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, Uid, UidValidity
from webmail.mail.threads import Linked, Node, Thread, thread

_TOKEN: Final = re.compile(rb"[()]|\d{1,10}")
_LONGEST: Final = 16_384


@dataclass(frozen=True, slots=True)
class Threads:
    """talks: the one with the newest message first. considered: messages of the mailbox that were looked at."""

    selected: Selected
    talks: tuple[Thread, ...]
    considered: int


def newest(conn: Connection, name: MailboxName, count: int = 1000, uidvalidity: UidValidity | None = None) -> Threads:
    """The talks among the newest messages of a mailbox: one command besides the opening.

    count: how many are looked at. All of a large mailbox would keep the server busy for seconds.
    Raises MailboxMissing, MailboxRebuilt and the errors of the wire.
    """
    selected = select(conn, name, uidvalidity=uidvalidity, fresh=True)
    total = selected.messages
    considered = min(total, count)
    if not considered:
        return Threads(selected, (), 0)
    # Sequence numbers, used at once: they hold during SEARCH's kin and FETCH (RFC 9051 7.5.1).
    span = b"%d:%d" % (total - considered + 1, total)
    way = _method(conn)
    talks = by_server(conn, way, span) if way else _by_header(conn, b"FETCH", [span])
    return Threads(selected, talks, considered)


def among(
    conn: Connection, name: MailboxName, uids: Sequence[Uid], uidvalidity: UidValidity | None = None
) -> Threads:  # fmt: skip
    """The talks among these messages; those that are gone are passed over. Raises as newest does."""
    selected = select(conn, name, uidvalidity=uidvalidity)
    sets = list(wire.uid_sets(uids))
    way = _method(conn)
    # A set too long for one command cannot be threaded in pieces.
    whole = way is not None and len(sets) == 1
    talks = by_server(conn, way, b"UID " + sets[0]) if way and whole else _by_header(conn, b"UID FETCH", sets)
    return Threads(selected, talks, len(uids))


def _method(conn: Connection) -> bytes | None:
    """REFS joins by identifiers alone; REFERENCES joins by subject, too, which is second best."""
    known = (word for word in (b"REFS", b"REFERENCES") if f"THREAD={word.decode()}" in conn.capabilities)
    return next(known, None)


def by_server(conn: Connection, way: bytes, criteria: bytes) -> tuple[Thread, ...]:
    """Of the mailbox that is open. way: from method. criteria: constants and numbers."""
    return _newest_first(parsed(conn.command(b"UID THREAD", way, b"UTF-8", criteria).data))


def _by_header(conn: Connection, command: bytes, sets: Iterable[bytes]) -> tuple[Thread, ...]:
    found: list[Linked] = []
    fields = wire.fields(b"MESSAGE-ID REFERENCES IN-REPLY-TO", _LONGEST, cut=not conn.quirks.cuts_wrongly)
    for part in sets:
        reply = conn.command(command, part, b"(UID " + fields + b")")
        for one in decode.fetched(reply.data.get("FETCH", ())):
            if one.uid is not None:
                headers = Headers.parse(one.section("HEADER") or b"")
                parent = headers.in_reply_to
                found.append(Linked(one.uid, headers.message_id, headers.references or ((parent,) if parent else ())))
    return _newest_first(thread(found))


def _newest_first(talks: Iterable[Thread]) -> tuple[Thread, ...]:
    return tuple(sorted(talks, key=lambda talk: max(node.uid or 0 for node in talk), reverse=True))


def parsed(data: Mapping[str, Sequence[Any]]) -> list[Thread]:
    """THREAD responses (RFC 5256 4): `(1 2 (3)(4 5))` is 1, answered by 2, answered by 3 and by 4, that by 5."""
    talks: list[Thread] = []
    nodes: list[Node] = []
    above: list[int] = []
    depth, before = 0, b""
    for token in (token for line in data.get("THREAD", ()) for token in _TOKEN.findall(line or b"")):
        if token == b"(":
            if before == b"(":
                # Answers to a message that is not here.
                nodes.append(Node(None, depth))
                depth += 1
            above.append(depth)
        elif token == b")":
            depth = above.pop() if above else 0
        else:
            nodes.append(Node(Uid(int(token)), depth))
            depth += 1
        if not above and nodes:
            talks.append(tuple(nodes))
            nodes, depth = [], 0
        before = token
    return [*talks, tuple(nodes)] if nodes else talks
