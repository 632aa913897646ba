"""Talks of a mailbox: by the server (THREAD, RFC 5256), else from the headers of the messages at hand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from webmail.imap import decode, wire
from webmail.imap.connection import Connection
from webmail.imap.links import Links, names_above
from webmail.mail.headers import Headers
from webmail.mail.ids import Uid
from webmail.mail.threads import Node, Thread

_TOKEN: Final = re.compile(rb"[()]|\d{1,10}")
_LONGEST: Final = 16_384

# No step back, however deep: every quantifier keeps what it took.
_WITHIN = rb"[^()]*+"
for _ in range(8):
    _WITHIN = rb"[^()]*+(?:\(" + _WITHIN + rb"\)[^()]*+)*+"
_TALK: Final = re.compile(rb"\((" + _WITHIN + rb")\)")
_FLAT: Final = bytes.maketrans(b"()", b"  ")


MOST_THREADED: Final = 250_000
"""Messages among which a server is asked for conversations."""

MOST_READ: Final = 2000
"""Messages whose headers are read for that where the server cannot: well under a second."""


def groups(conn: Connection, criteria: bytes) -> list[list[int]]:
    """The talks among messages of the open mailbox as UIDs, each with its newest first. criteria: as by_server."""
    data = conn.command(b"UID THREAD", b"REFS", b"UTF-8", criteria).data
    return [sorted(group, reverse=True) for group in uids_in(data)]


def uids_in(data: Mapping[str, Sequence[Any]]) -> list[list[int]]:
    """Of THREAD responses who belongs together, without who answers whom."""
    found = _quickly(data)
    return _slowly(data) if found is None else found


def _quickly(data: Mapping[str, Sequence[Any]]) -> list[list[int]] | None:
    """A hundred thousand letters are read in a tenth of the time that reading the trees takes. None: not so plain."""
    found: list[list[int]] = []
    for line in data.get("THREAD", ()):
        at = 0
        for talk in _TALK.finditer(line or b""):
            if talk.start() != at:
                return None
            found.append([int(number) for number in talk[1].translate(_FLAT).split()])
            at = talk.end()
        if (line or b"")[at:].strip():
            return None
    return found


def _slowly(data: Mapping[str, Sequence[Any]]) -> list[list[int]]:
    return [[node.uid for node in talk if node.uid] for talk in parsed(data)]


def read(conn: Connection, links: Links, end: bytes) -> None:
    """Fetch what the letters of the open mailbox from links.uidnext to end say of their places, and add it.

    end: a UID or "*". A refusal adds nothing.
    """
    fields = wire.fields(b"MESSAGE-ID REFERENCES IN-REPLY-TO", _LONGEST, cut=not conn.quirks.cuts_wrongly)
    reply = conn.command(b"UID FETCH", b"%d:%b" % (links.uidnext, end), b"(UID " + fields + b")", otherwise=None)
    first = links.uidnext
    for one in decode.fetched(reply.data.get("FETCH", ())):
        # "7:*" names the newest message even when it has a lower number (RFC 9051 9, seq-range).
        if one.uid is not None and one.uid >= first:
            headers = Headers.parse(one.section("HEADER") or b"")
            links.add(one.uid, headers.message_id, names_above(headers))


def by_server(conn: Connection, criteria: bytes) -> tuple[Thread, ...]:
    """The talks of the mailbox that is open, by REFS, which joins by identifiers alone. criteria: constants and
    numbers."""
    return tuple(parsed(conn.command(b"UID THREAD", b"REFS", b"UTF-8", criteria).data))


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
