"""All that a search finds in a mailbox, for whoever does something to all of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from webmail import errors
from webmail.imap import find, inspect, search, wire
from webmail.imap.connection import Connection
from webmail.imap.selection import select
from webmail.mail.conditions import ALL, And, Leaf, Node, leaves
from webmail.mail.ids import MailboxName, Uid, UidValidity
from webmail.mail.program import Asker, foreign

LOOKED_AT: Final = 10_000
"""Messages whose structure is looked at, the newest; what is older is there for a second time."""

_CHUNK: Final = 500
_READ: Final = 100
"""Messages looked at, and read, by one command."""


def everything(
    conn: Connection, mailbox: MailboxName, validity: UidValidity, root: Node, asker: Asker, up_to: Uid
) -> list[Uid]:
    """UIDs of at most up_to, ascending. root: without conditions about folders, as find.page takes it.

    Where the server does not search for letters outside ASCII, the newest candidates are read (find.READ_FOR_ALL).
    Raises MailboxMissing, MailboxRebuilt, ServerRefused and the errors of the wire.
    """
    select(conn, mailbox, uidvalidity=validity, sure=True)
    asker = find.able(conn, asker)
    try:
        return _found(conn, root, asker, up_to)
    except errors.ServerRefused:
        if find.is_deaf(conn) or not any(map(foreign, leaves(root))):
            raise
        # It has forgotten that this was asked before, or was restarted as another one.
        find.deafen(conn)
        return _found(conn, root, asker, up_to)


def _found(conn: Connection, root: Node, asker: Asker, up_to: Uid) -> list[Uid]:
    loose, wide, reads = find.apart(conn, root)
    found = _asked(conn, wide, asker, b"1:%d" % up_to)
    if not loose:
        return found
    newest = found[-(find.READ_FOR_ALL if reads else LOOKED_AT) :]
    return _fitting(conn, root, wide, loose, asker, newest, _READ if reads else _CHUNK)


def _asked(conn: Connection, node: Node, asker: Asker, span: bytes) -> list[Uid]:
    words, charset = find.arguments(node, asker)
    return sorted(search.uids(conn, *charset, b"UID", span, *words))


def _fitting(
    conn: Connection, root: Node, wide: Node, loose: Sequence[Leaf], asker: Asker, uids: Sequence[Uid], size: int
) -> list[Uid]:
    """Those that meet the conditions for which IMAP has no key."""
    met: set[Uid] = set()
    there = _conditions(wide)
    for start in range(0, len(uids), size):
        for left, members in inspect.sorted_out(conn, root, loose, uids[start : start + size]):
            if left == ALL or _conditions(left) <= there:
                met.update(members)
            else:
                met.update(uid for part in wire.uid_sets(members) for uid in _asked(conn, left, asker, part))
    return sorted(met)


def _conditions(node: Node) -> set[Node]:
    return set(node.of if isinstance(node, And) else (node,))
