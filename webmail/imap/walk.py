"""One page of any list of a mailbox: plain, sorted, filtered, by conversation."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from webmail import errors
from webmail.imap import decode, listing, mailboxes, ordering, search, wire
from webmail.imap import only as filters
from webmail.imap.connection import Connection
from webmail.imap.decode import Selected
from webmail.imap.orders import How, Order
from webmail.imap.pages import STEADY, Only, Page
from webmail.imap.selection import select
from webmail.mail.address import Address
from webmail.mail.flags import Flags
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, MessageRef, Uid, UidValidity
from webmail.mail.mailbox import Role, is_templates
from webmail.mail.message import Summary, Talk

_NAMED: Final = 12
"""Letters of one conversation whose writers are asked for: the first and the latest."""

_LONGEST: Final = 8192


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where a page lies: numbers of its rows in the order; position of the first among those that are left, from 0."""

    order: Order
    rows: Sequence[int]
    first: int
    left: Sequence[int]


def page(
    conn: Connection,
    name: MailboxName,
    *,
    size: int = 50,
    before: Uid | None = None,
    after: Uid | None = None,
    only: Only = "all",
    how: How | None = None,
    walk: tuple[int, int] = (0, 0),
    uidvalidity: UidValidity | None = None,
) -> Page:
    """A page of the list. Of the plain one as listing.page says. Of one with an order of its own the first rows, or
    those that begin at walk: the order that the page before was made from, and the number of the row in it. Where a
    server refuses what conversations need, messages stand one by one.

    before: where that order is not known any more, the page begins behind the row of this UID, which is the last one
    that was shown. A fixed number of commands, whatever the size of the mailbox. Raises as listing.page does.
    """
    how = how or How(only=only)
    if how.together and _apart(conn, name):
        how = How(how.sort, how.only, mine=how.mine)
    plain = partial(listing.page, conn, name, size=size, only=how.only, mine=how.mine, uidvalidity=uidvalidity)
    if how.plain or after is not None:
        return plain(before=before, after=after)
    selected = select(conn, name, uidvalidity=uidvalidity, fresh=True)
    stamp = listing.stamp_of(conn)
    key = (how, size, before, walk, STEADY if how.steady else "")
    kept = conn.state.pages.find(name, key, stamp)
    if kept is not None:
        return listing.allowed(kept, selected)
    try:
        cut = _cut(conn, selected, how, size, before, walk)
        if cut.order.part and not cut.rows:
            # Older messages stand one by one: no order has to be made for that.
            below = cut.order.span[0]
            return plain(before=below if before is None else min(before, below))
        found = replace(_page(conn, selected, how, cut, size), stamp=stamp)
    except errors.ServerRefused:
        if not how.together:
            raise
        return plain(before=before)
    if how.together and not found.rows and before is None and conn.exists:
        # It has messages, and names none of them: the plain list asks by position.
        return plain()
    conn.state.pages.keep(name, key, stamp, found)
    return found


def _apart(conn: Connection, name: MailboxName) -> bool:
    """Drafts and templates are letters of their own, whatever they answer."""
    known = conn.state.apart.get(name)
    if conn.folders is None and known is not None:
        return known
    here = conn.folders.get(name) if conn.folders else mailboxes.list_mailboxes(conn).named(name)
    apart = here is not None and (here.role is Role.DRAFTS or is_templates(here))
    conn.state.apart[name] = apart
    return apart


# --- which rows -------------------------------------------------------------------------------------------------------


def _cut(conn: Connection, selected: Selected, how: How, size: int, before: Uid | None, walk: tuple[int, int]) -> _Cut:
    order, at = _begun(conn, selected, how, size, before, walk)
    left = _left(conn, selected, how, order)
    first = bisect_left(left, at)
    return _Cut(order, left[first : first + size], first, left)


def _begun(
    conn: Connection, selected: Selected, how: How, size: int, before: Uid | None, walk: tuple[int, int]
) -> tuple[Order, int]:
    """The order to go by, and where in it the page begins."""
    serial, at = walk
    known = conn.state.orders.by_serial(selected.name, serial) if serial else None
    if known is not None and known[1].made.uidvalidity == selected.uidvalidity:
        kind, order = known
        fits = replace(kind, part=False, after=0) == ordering.kind(selected, how)
        if fits and order.part and at + size > len(order) and not _alone_below(conn):
            return ordering.continued(conn, selected, how, order, at), at
        if fits:
            return order, at
    if _partly(conn, how):
        part = ordering.order(conn, selected, how, part=True)
        start = _behind(part, how, before, at)
        if start + size <= len(part) or _alone_below(conn):
            return part, start
    order = ordering.order(conn, selected, how)
    return order, _behind(order, how, before, at)


def _partly(conn: Connection, how: How) -> bool:
    """Whether the newest messages are enough to begin with. Where nobody knows the conversations of older ones, these
    are all that there are, and what passes a filter below them is a plain list."""
    wanted = how.together and how.sort == "newest" and (how.only == "all" or _alone_below(conn))
    return wanted and conn.exists > ordering.PART


def _alone_below(conn: Connection) -> bool:
    """Whether nobody knows the conversations of what is older than a part."""
    return "THREAD=REFS" not in conn.capabilities


def _behind(order: Order, how: How, before: Uid | None, at: int) -> int:
    """Where the rows behind this one begin. By date its UID tells, in another order it has to be there itself."""
    if before is None:
        return 0
    if how.sort in ("newest", "oldest"):
        newest = how.sort == "newest"
        place = bisect_left(range(len(order)), True, key=lambda number: _beyond(order.newest(number), before, newest))
        return place
    found = order.find(before)
    return at if found is None else found + 1


def _beyond(uid: Uid, before: Uid, newest: bool) -> bool:
    return uid < before if newest else uid > before


def _left(conn: Connection, selected: Selected, how: How, order: Order) -> Sequence[int]:
    """The numbers of the rows that are still there and pass the filter."""
    filtered = how.together and how.only != "all"
    if not filtered and how.steady and ordering.same_messages(conn, order):
        return range(len(order))
    if not filtered and order.made.stamp == listing.stamp_of(conn):
        return range(len(order))
    among = (b"UID", b"%d:%d" % order.span) if order.part else ()
    there = frozenset(search.uids(conn, *among, *filters.criteria(how.only, selected, how.mine)))
    return [number for number in range(len(order)) if not there.isdisjoint(order.row(number))]


# --- what they say ----------------------------------------------------------------------------------------------------


def _page(conn: Connection, selected: Selected, how: How, cut: _Cut, size: int) -> Page:
    groups = [cut.order.row(number) for number in cut.rows]
    shown = _by_arrival(rows(conn, selected, groups) if groups else (), how)
    order, last, count = cut.order, cut.first + len(cut.rows), len(cut.left)
    back = max(0, cut.first - size)
    ends = order.part and _alone_below(conn)
    limited = (ends or not order.part) and order.considered < order.made.messages
    older = order.newest(cut.rows[-1]) if cut.rows and (last < count or order.part) else None
    return Page(
        selected,
        shown,
        first=cut.first + 1 if shown else 0,
        last=last if shown else 0,
        older=order.span[0] if ends and last == count else older,
        newer=(order.newest(cut.left[back - 1]) if back else Uid(0)) if cut.first else None,
        total=None if order.part else count,
        walk=order.serial,
        older_at=cut.rows[-1] + 1 if cut.rows else 0,
        newer_at=cut.left[back] if back else 0,
        considered=order.considered if limited else None,
    )


def _by_arrival(rows: tuple[Summary, ...], how: How) -> tuple[Summary, ...]:
    """Inside a page, as in the plain list: what was moved here has a new UID and its old time."""
    if how.sort not in ("newest", "oldest"):
        return rows
    return tuple(sorted(rows, key=lambda row: (row.arrived, row.ref.uid), reverse=how.sort == "newest"))


def rows(conn: Connection, selected: Selected, groups: Sequence[Sequence[int]]) -> tuple[Summary, ...]:
    """A row for each group of the open mailbox whose letters are not all gone, by its newest that is there."""
    now = listing.flags_of(conn, b"UID FETCH", [uid for group in groups for uid in group])
    alive = [[Uid(uid) for uid in group if uid in now] for group in groups]
    heads = {group[0]: now[group[0]] for group in alive if group}
    known = {row.ref.uid: row for row in listing.filled(conn, selected, heads)}
    people = _people(conn, selected, [group for group in alive if len(group) > 1], known)
    return tuple(_row(known[group[0]], group, now, people) for group in alive if group and group[0] in known)


def _row(row: Summary, group: list[Uid], now: Mapping[Uid, Flags], people: Mapping[Uid, Sequence[Address]]) -> Summary:
    if len(group) < 2:
        return row
    named = {one.address.lower(): one for uid in reversed(group) for one in people.get(uid, ())}
    return replace(row, talk=Talk(tuple((uid, now[uid]) for uid in group), tuple(named.values())))


def _people(
    conn: Connection, selected: Selected, talks: Iterable[Sequence[Uid]], rows: Mapping[Uid, Summary]
) -> dict[Uid, Sequence[Address]]:
    """Who wrote the letters of these conversations; one command for all that nobody knows."""
    ref = partial(MessageRef, selected.name, selected.uidvalidity)
    wanted = [uid for talk in talks for uid in {*talk[: _NAMED - 1], talk[-1]}]
    found: dict[Uid, Sequence[Address]] = {}
    for uid in wanted:
        row = rows.get(uid) or conn.state.row(ref(uid))
        known = row.senders if row else conn.state.writers.get((ref(uid),))
        if known is not None:
            found[uid] = known
    return found | _asked(conn, selected, {uid for uid in wanted if uid not in found})


def _asked(conn: Connection, selected: Selected, lacking: Collection[Uid]) -> dict[Uid, Sequence[Address]]:
    found: dict[Uid, Sequence[Address]] = {}
    item = wire.fields(b"FROM", _LONGEST, cut=not conn.quirks.cuts_wrongly)
    for part in wire.uid_sets(lacking):
        reply = conn.command(b"UID FETCH", part, b"(UID " + item + b")", otherwise=None)
        for one in decode.fetched(reply.data.get("FETCH", ())):
            if one.uid is not None and one.uid in lacking:
                writers = Headers.parse(one.section("HEADER") or b"").addresses("from")
                found[one.uid] = writers
                key = (MessageRef(selected.name, selected.uidvalidity, one.uid),)
                conn.state.writers.put(key, writers, 150 + sum(150 + len(each.address) for each in writers))
    return found
