"""Pages of message lists, kept under the stamp of the moment they were read at."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from webmail.imap.decode import Selected
from webmail.mail.flags import SEEN, Flags
from webmail.mail.ids import MailboxName, Uid
from webmail.mail.message import Summary

_MOST: Final = 24

Stamp = tuple[Hashable, ...]
"""The state of a mailbox: two equal stamps mean that nothing changed between them."""

Only = Literal["all", "unread", "starred", "pinned", "files", "mine"]
"""What a list shows of its mailbox; mine: what was written to the reader."""

BY_FLAGS: Final = frozenset({"unread", "starred", "pinned"})
"""Those that a mark lets in or out."""

STEADY: Final = "steady"
"""In the key of a page: no mark changes which rows it has."""

Window = tuple[Hashable, ...]
"""Which page of a mailbox."""


@dataclass(frozen=True, slots=True)
class Page:
    """rows: newest first by arrival, then UID. first, last: positions of this window counted from the newest, from 1.

    older: pass as `before` for the next page; newer: pass as `after` for the previous one; None where there is none.
    total: rows that the whole list has, None when nobody counted. stamp: of the moment it was read at.

    Of a list with an order of its own (orders.py): walk names the order, 0 for none; older_at and newer_at are passed
    with it. newer is then passed as `before`, too; it is 0 for the first page. considered: how many of the newest
    messages its order or its conversations were made from, None for all of them.

    pinned: so many of the rows are pinned and come first (pinned.py); woken: so many behind them were snoozed and are
    back. pins: what the pages behind the first leave out.
    """

    selected: Selected
    rows: tuple[Summary, ...]
    first: int
    last: int
    older: Uid | None
    newer: Uid | None
    total: int | None
    stamp: Stamp = ()
    walk: int = 0
    older_at: int = 0
    newer_at: int = 0
    considered: int | None = None
    pinned: int = 0
    woken: int = 0
    pins: tuple[Uid, ...] = ()


class Pages:
    """A few pages of one account. Safe between threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[MailboxName, Window], tuple[Stamp, Page]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, mailbox: MailboxName, window: Window, stamp: Stamp) -> Page | None:
        """The page as it was under exactly this stamp."""
        with self._lock:
            found = self._kept.get((mailbox, window))
            if found is None or found[0] != stamp:
                return None
            self._kept.move_to_end((mailbox, window))
            return found[1]

    def keep(self, mailbox: MailboxName, window: Window, stamp: Stamp, page: Page) -> None:
        """Keep a page; the one unused for longest makes room."""
        with self._lock:
            self._kept[(mailbox, window)] = (stamp, page)
            self._kept.move_to_end((mailbox, window))
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)

    def patch(self, mailbox: MailboxName, before: Stamp, after: Stamp, flags: Mapping[Uid, Flags]) -> int | None:
        """From one stamp to the other nothing but these flags changed. Steady pages go along; those filtered or ordered
        by flags may have gained or lost rows, and are left behind.

        Returns how many more messages are unread now; None when not all of them were on a page.
        """
        old: dict[Uid, Flags] = {}
        with self._lock:
            for key, (stamp, page) in list(self._kept.items()):
                if key[0] == mailbox and stamp == before and STEADY in key[1]:
                    shown = {uid: told for row in page.rows for uid, told in row.letters if uid in flags}
                    old |= shown
                    if any(flags[uid] != told for uid, told in shown.items()):
                        page = _flagged(page, flags)
                    self._kept[key] = (after, page if page.stamp == after else replace(page, stamp=after))
        if old.keys() != flags.keys():
            return None
        return sum((SEEN in old[uid]) - (SEEN in flags[uid]) for uid in flags)


def _flagged(page: Page, flags: Mapping[Uid, Flags]) -> Page:
    return replace(page, rows=tuple(row.flagged(flags) for row in page.rows))
