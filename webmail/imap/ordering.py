"""Making the order of a list: which messages, in which rows, one after the other."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Final

from webmail.imap import only, search, sorting, threads
from webmail.imap.connection import Connection
from webmail.imap.decode import Selected
from webmail.imap.links import Links
from webmail.imap.orders import How, Kind, Made, Order, grouped
from webmail.imap.selection import learn
from webmail.imap.sorting import Key
from webmail.mail.threads import thread

PART: Final = 5000
"""Of a larger mailbox the conversations of so many messages, the newest, are asked for first: a person seldom leaves
the first pages, and a server takes far longer for all of it."""

_READ: Final = "headers"
_SPARE: Final = 200
_KEYS: Final[dict[str, Key]] = {"sender": "sender", "subject": "subject", "size": "size"}


def kind(selected: Selected, how: How, *, part: bool = False) -> Kind:
    """Which order a list goes by."""
    if how.together:
        return Kind(selected.name, how.sort, "all", (), together=True, part=part)
    return Kind(selected.name, how.sort, how.only, how.mine, together=False)


def order(conn: Connection, selected: Selected, how: How, *, part: bool = False) -> Order:
    """The order of the open mailbox as it is now, made anew only when something has changed that could change it.

    part: conversations of the newest messages alone. A fixed number of commands. Raises the errors of the wire.
    """
    wanted = kind(selected, how, part=part)
    steady = not how.by_flags and (how.together or how.steady)
    kept = conn.state.orders.latest(wanted)
    if kept is not None and _still(conn, kept.made, steady):
        return kept
    made = _made(conn)
    fresh = _talks(conn, selected, how, made, part) if how.together else _singles(conn, selected, how, made)
    conn.state.orders.keep(wanted, fresh)
    return fresh


def continued(conn: Connection, selected: Selected, how: How, part: Order, shown: int) -> Order:
    """The order behind the first rows of a part: all other letters that were there when it was made, each once. Letters
    of a conversation that was shown, but are older than the part, stand for themselves; what came since does not."""
    wanted = replace(kind(selected, how), after=part.serial)
    kept = conn.state.orders.latest(wanted)
    if kept is not None:
        return kept
    whole = order(conn, selected, how)
    first = [part.row(number) for number in range(shown)]
    seen = {uid for group in first for uid in group}
    bound = part.made.uidnext or 1 << 32
    rest = ([u for u in whole.row(number) if u < bound and u not in seen] for number in range(len(whole)))
    uids, starts = grouped([*first, *sorted(filter(None, rest), key=itemgetter(0), reverse=True)])
    fresh = Order(whole.made, uids, starts, whole.considered)
    conn.state.orders.keep(wanted, fresh)
    return fresh


def same_messages(conn: Connection, order: Order) -> bool:
    """Whether the open mailbox has the messages that it had then, whatever their marks."""
    return _still(conn, order.made, steady=True)


def _still(conn: Connection, made: Made, steady: bool) -> bool:
    box = conn.box
    assert box is not None
    if made.uidvalidity != box.selected.uidvalidity:
        return False
    if made.stamp == box.stamp:
        return True
    learn(conn)
    # No UID was given out since, and as many messages are there: so they are the same (RFC 9051 2.3.1.1).
    return steady and bool(made.uidnext) and (made.uidnext, made.messages) == (box.uidnext, conn.exists)


def _made(conn: Connection) -> Made:
    learn(conn)
    box = conn.box
    assert box is not None
    return Made(box.selected.uidvalidity, box.stamp, box.uidnext, conn.exists)


# --- letters one by one -----------------------------------------------------------------------------------------------


def _singles(conn: Connection, selected: Selected, how: How, made: Made) -> Order:
    criteria = only.criteria(how.only, selected, how.mine)
    if how.sort in _KEYS:
        uids, considered = sorting.uids(conn, _KEYS[how.sort], criteria)
        return Order(made, uids, None, considered)
    uids = search.uids(conn, *criteria)
    if how.sort != "oldest":
        first = set(search.uids(conn, b"UNSEEN" if how.sort == "unread" else b"FLAGGED"))
        uids = sorted(uids, key=lambda uid: (uid in first, uid), reverse=True)
    return Order(made, uids, None, len(uids))


# --- conversations ----------------------------------------------------------------------------------------------------


def _talks(conn: Connection, selected: Selected, how: How, made: Made, part: bool) -> Order:
    total = made.messages
    by_server = "THREAD=REFS" in conn.capabilities
    most = min(total, (PART if part else threads.MOST_THREADED) if by_server else threads.MOST_READ)
    if not total:
        groups: list[Sequence[int]] = []
    elif by_server:
        groups = [*threads.groups(conn, b"%d:*" % (total - most + 1))]
    else:
        groups = [*_by_header(conn, made, most)]
    if most < total and not part:
        named = {uid for group in groups for uid in group}
        groups += [(uid,) for uid in search.uids(conn, b"ALL") if uid not in named]
    uids, starts = grouped(_in_order(conn, how, groups))
    return Order(made, uids, starts, most, part=part and most < total)


def _in_order(conn: Connection, how: How, groups: list[Sequence[int]]) -> Iterable[Sequence[int]]:
    if how.by_flags:
        first = set(search.uids(conn, b"UNSEEN" if how.sort == "unread" else b"FLAGGED"))
        return sorted(groups, key=lambda group: (not first.isdisjoint(group), group[0]), reverse=True)
    return sorted(groups, key=lambda group: group[0], reverse=how.sort != "oldest")


def _by_header(conn: Connection, made: Made, most: int) -> Iterable[Sequence[int]]:
    """By what the headers of the newest messages name, read once and added to."""
    # Some more than are wanted: each letter that goes brings an older one in.
    newest = search.uids(conn, b"%d:*" % max(1, conn.exists - most - _SPARE + 1))
    there = newest[-most:]
    key = (conn.box.name if conn.box else "", made.uidvalidity, _READ)
    kept = conn.state.links.get(key)
    if kept is not None and there and kept.low <= there[0]:
        links = kept.copy(made.messages)
    else:
        links = Links(newest[0] if newest else 1)
    if there and there[-1] >= links.uidnext:
        threads.read(conn, links, b"*")
        conn.state.links.put(key, links, links.size)
    told = {letter.uid: letter for letter in links.linked()}
    alive = [told[uid] for uid in there if uid in told]
    yield from ([uid] for uid in there if uid not in told)
    for talk in thread(alive):
        yield array("I", sorted((node.uid for node in talk if node.uid), reverse=True))
