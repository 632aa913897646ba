"""What comes first: pinned messages, and snoozed ones that are back and unread. They stand before the rows of the first
page, and on none of the pages behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from webmail.imap import search, walk, wire
from webmail.imap.connection import Connection
from webmail.imap.decode import Selected
from webmail.imap.pages import Page
from webmail.mail.flags import PINNED, WOKEN
from webmail.mail.ids import Uid
from webmail.mail.message import Summary

MOST: Final = 20
"""Rows that come first; what is pinned or back besides stays in its place."""

BACK: Final = 10
"""Of them, so many that are back, where there is not room for all: a pin lasts longer."""

_NAMED: Final = 12
"""Letters of one conversation that the later pages know it by."""

_UNREAD: Final = b"(UNSEEN " + wire.having(WOKEN) + b")"


def raised(conn: Connection, page: Page) -> Page:
    """The first page of a list, newest first, with what is pinned, and then what is back, before everything else.

    page: as walk.page gave it under this lease. One SEARCH more, and what it takes to draw these rows, only when
    something has changed; two where it finds more than there is room for. Raises the errors of the wire.
    """
    selected = page.selected
    pins, wakes = _keeps(selected, PINNED), selected.name == "INBOX" and _keeps(selected, WOKEN)
    if not pins and not wakes:
        return page
    key = ("pinned", page.walk, page.first, page.last)
    kept = conn.state.pages.find(selected.name, key, page.stamp)
    if kept is not None:
        return replace(kept, selected=selected)
    uids = _sought(conn, pins, wakes)
    found = _with(page, walk.rows(conn, selected, _groups(conn, page, uids))) if uids else page
    conn.state.pages.keep(selected.name, key, page.stamp, found)
    return found


def behind(page: Page, pins: Sequence[Uid]) -> Page:
    """A page behind such a first one, without what was shown there. pins: Page.pins of it."""
    return replace(page, rows=_others(page.rows, pins), pins=tuple(pins)) if pins else page


def _keeps(selected: Selected, keyword: str) -> bool:
    return selected.keywords or keyword in selected.permanent_flags


def _sought(conn: Connection, pins: bool, wakes: bool) -> list[Uid]:
    """Ascending; where they are too many those that are back come last."""
    pinned = wire.having(PINNED)
    if not wakes or not pins:
        return search.uids(conn, _UNREAD if wakes else pinned)
    uids = search.uids(conn, b"OR", pinned, _UNREAD)
    if len(uids) <= MOST:
        return uids
    stay = search.uids(conn, pinned)
    return [*stay, *sorted(set(uids) - set(stay))[-BACK:]]


def _groups(conn: Connection, page: Page, uids: Sequence[Uid]) -> list[list[int]]:
    """The rows of the list that they lie in, by the order that the page was made from."""
    known = conn.state.orders.by_serial(page.selected.name, page.walk) if page.walk else None
    groups: dict[int, list[int]] = {}
    for uid in reversed(uids):
        number = known[1].find(uid) if known else None
        group = [int(uid)] if known is None or number is None else list(known[1].row(number))
        groups.setdefault(group[0], group)
        if len(groups) == MOST:
            break
    return list(groups.values())


def _with(page: Page, rows: Iterable[Summary]) -> Page:
    """What another device has read or unpinned in this very moment stays in its place."""
    first = sorted(rows, key=lambda row: (row.arrived, row.ref.uid), reverse=True)
    pinned = [row for row in first if row.pinned]
    # The one that came back last is the newest by its UID, whatever its date.
    woken = sorted((row for row in first if row.woken and not row.pinned), key=_newest, reverse=True)
    above = (*pinned, *woken)
    pins = tuple(uid for row in above for uid, _ in row.letters[:_NAMED])
    return replace(page, rows=(*above, *_others(page.rows, pins)), pinned=len(pinned), woken=len(woken), pins=pins)


def _newest(row: Summary) -> Uid:
    return row.letters[0][0]


def _others(rows: Iterable[Summary], pins: Iterable[Uid]) -> tuple[Summary, ...]:
    gone = frozenset(pins)
    return tuple(row for row in rows if gone.isdisjoint(uid for uid, _ in row.letters))
