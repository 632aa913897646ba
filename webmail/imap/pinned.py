"""Pinned messages come first: before the rows of the first page, and in none of the pages behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from webmail.imap import search, walk, wire
from webmail.imap.connection import Connection
from webmail.imap.pages import Page
from webmail.mail.flags import PINNED
from webmail.mail.ids import Uid
from webmail.mail.message import Summary

MOST: Final = 20
"""Rows that come first; what is pinned besides stays in its place."""

_NAMED: Final = 12
"""Letters of one conversation that the later pages know it by."""


def raised(conn: Connection, page: Page) -> Page:
    """The first page of a list, newest first, with what is pinned before everything else.

    page: as walk.page gave it under this lease. One SEARCH more, and what it takes to draw these rows, only when
    something has changed. Raises the errors of the wire.
    """
    selected = page.selected
    if not selected.keywords and PINNED not in selected.permanent_flags:
        return page
    key = ("pinned", page.walk, page.first, page.last)
    kept = conn.state.pages.find(selected.name, key, page.stamp)
    if kept is not None:
        return replace(kept, selected=selected)
    uids = search.uids(conn, wire.having(PINNED))
    found = _with(page, walk.rows(conn, selected, _groups(conn, page, uids))) if uids else page
    conn.state.pages.keep(selected.name, key, page.stamp, found)
    return found


def behind(page: Page, pins: Sequence[Uid]) -> Page:
    """A page behind such a first one, without what was shown there. pins: Page.pins of it."""
    return replace(page, rows=_others(page.rows, pins), pins=tuple(pins)) if pins else page


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
    above = tuple(sorted(rows, key=lambda row: (row.arrived, row.ref.uid), reverse=True))
    pins = tuple(uid for row in above for uid, _ in row.letters[:_NAMED])
    return replace(page, rows=(*above, *_others(page.rows, pins)), pinned=len(above), pins=pins)


def _others(rows: Iterable[Summary], pins: Iterable[Uid]) -> tuple[Summary, ...]:
    gone = frozenset(pins)
    return tuple(row for row in rows if gone.isdisjoint(uid for uid, _ in row.letters))
