"""All that a search finds in a mailbox, for whoever does something to all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from webmail.imap import find, inspect, search, wire
from webmail.imap.connection import Connection
from webmail.imap.selection import select
from webmail.mail.conditions import ALL, And, Leaf, Node, leaves, widened
from webmail.mail.ids import MailboxName, Uid, UidValidity
from webmail.mail.program import Asker, is_exact

LOOKED_AT: Final = 10_000
"""Messages whose structure is looked at, the newest; what is older is there for a second time."""

_CHUNK: Final = 500


def everything(
    conn: Connection, mailbox: MailboxName, validity: UidValidity, root: Node, asker: Asker, up_to: Uid
) -> list[Uid]:
    """UIDs of at most up_to, ascending. root: without conditions about folders, as find.page takes it.

    Raises MailboxMissing, MailboxRebuilt, ServerRefused (a server that does not search for letters outside ASCII) and
    the errors of the wire.
    """
    select(conn, mailbox, uidvalidity=validity, sure=True)
    asker = replace(
        asker, within="WITHIN" in conn.capabilities, fuzzy="SEARCH=FUZZY" in conn.capabilities and asker.fuzzy
    )
    loose = tuple(dict.fromkeys(leaf for leaf in leaves(root) if not is_exact(leaf)))
    wide = widened(root, lambda leaf: leaf if leaf in loose else None)
    found = _asked(conn, wide, asker, b"1:%d" % up_to)
    return _fitting(conn, root, wide, loose, asker, found[-LOOKED_AT:]) if loose else found


def _asked(conn: Connection, node: Node, asker: Asker, span: bytes) -> list[Uid]:
    words, charset = find.arguments(node, asker)
    return sorted(search.uids(conn, *charset, b"UID", span, *words))


def _fitting(
    conn: Connection, root: Node, wide: Node, loose: Sequence[Leaf], asker: Asker, uids: Sequence[Uid]
) -> list[Uid]:
    """Those that meet the conditions for which IMAP has no key."""
    met: set[Uid] = set()
    there = _conditions(wide)
    for start in range(0, len(uids), _CHUNK):
        for left, members in inspect.sorted_out(conn, root, loose, uids[start : start + _CHUNK]):
            if left == ALL or _conditions(left) <= there:
                met.update(members)
            else:
                met.update(uid for part in wire.uid_sets(members) for uid in _asked(conn, left, asker, part))
    return sorted(met)


def _conditions(node: Node) -> set[Node]:
    return set(node.of if isinstance(node, And) else (node,))
