"""Lists in another order than that of arrival, or by conversation: their UIDs alone, kept as they were made.

Who goes from page to page goes on in the order that the first page was made from, so that whatever comes, goes or is
marked meanwhile, no row is passed over and none comes twice.
"""

from __future__ import annotations

import itertools
import threading
from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from webmail.imap.pages import BY_FLAGS, Only, Stamp
from webmail.mail.ids import MailboxName, Uid, UidValidity

Sort = Literal["newest", "oldest", "sender", "subject", "size", "unread", "starred"]

_GENERATIONS: Final = 3
"""Orders of one list that are kept: who is on an old page is seldom further behind."""

_LARGEST: Final = 8 << 20
"""Octets of all orders of an account. A quarter of a million letters are one to two million octets."""

_serial = itertools.count(1)


@dataclass(frozen=True, slots=True)
class How:
    """Which list of a mailbox. only: what of it is shown; conversations are found among all and shown when one of their
    letters is. mine: the reader's addresses, for "mine". together: conversations are one row each."""

    sort: Sort = "newest"
    only: Only = "all"
    together: bool = False
    mine: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """One row for each letter in the order of arrival: that list needs no order kept."""
        return self.sort == "newest" and not self.together

    @property
    def by_flags(self) -> bool:
        """Whether its order moves when something is marked."""
        return self.sort in ("unread", "starred")

    @property
    def steady(self) -> bool:
        """Whether a mark changes neither its rows nor their order."""
        return not self.by_flags and self.only not in BY_FLAGS


@dataclass(frozen=True, slots=True)
class Kind:
    """Which order: lists that only show less of it share it. part: of the newest letters only. after: the one of such a
    part that it goes on from, by its serial."""

    mailbox: MailboxName
    sort: Sort
    only: Only
    mine: tuple[str, ...]
    together: bool
    part: bool = False
    after: int = 0


@dataclass(frozen=True, slots=True)
class Made:
    """Of which state an order was made: uidvalidity, stamp, uidnext and messages as in news.Box. uidnext 0: unknown."""

    uidvalidity: UidValidity
    stamp: Stamp
    uidnext: Uid
    messages: int


class Order:
    """Rows as groups of UIDs, each with its newest first. considered: how many of the newest messages were looked at;
    where that is not all, the others follow one by one, in a part not at all. serial: names it, in this process alone.
    """

    __slots__ = ("_starts", "_uids", "considered", "made", "part", "serial")

    def __init__(
        self, made: Made, uids: Iterable[int], starts: Iterable[int] | None, considered: int, *, part: bool = False
    ) -> None:
        self.serial: Final = next(_serial)
        self.made: Final = made
        self.considered: Final = considered
        self.part: Final = part
        self._uids: Final = array("I", uids)
        self._starts: Final = None if starts is None else array("I", starts)

    def __len__(self) -> int:
        return len(self._uids if self._starts is None else self._starts)

    def row(self, number: int) -> Sequence[int]:
        """UIDs of a row, the newest first."""
        if self._starts is None:
            return self._uids[number : number + 1]
        end = self._starts[number + 1] if number + 1 < len(self._starts) else len(self._uids)
        return self._uids[self._starts[number] : end]

    def newest(self, number: int) -> Uid:
        """The UID that stands for a row."""
        return Uid(self._uids[number if self._starts is None else self._starts[number]])

    @property
    def span(self) -> tuple[Uid, Uid]:
        """Its lowest and its highest UID, zeros when it has none."""
        return Uid(min(self._uids, default=0)), Uid(max(self._uids, default=0))

    def find(self, uid: Uid) -> int | None:
        """The number of the row that a message is in."""
        try:
            at = self._uids.index(uid)
        except ValueError:
            return None
        return at if self._starts is None else bisect_right(self._starts, at) - 1

    @property
    def size(self) -> int:
        """Octets, about."""
        return 300 + 4 * len(self._uids) + (0 if self._starts is None else 4 * len(self._starts))


class Orders:
    """The latest orders of one account. Safe between threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Kind, tuple[Order, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def latest(self, kind: Kind) -> Order | None:
        """The one made last."""
        with self._lock:
            found = self._kept.get(kind)
            if found is None:
                return None
            self._kept.move_to_end(kind)
            return found[-1]

    def by_serial(self, mailbox: MailboxName, serial: int) -> tuple[Kind, Order] | None:
        """The one of this number."""
        with self._lock:
            for kind, orders in self._kept.items():
                for order in orders if kind.mailbox == mailbox else ():
                    if order.serial == serial:
                        return kind, order
        return None

    def keep(self, kind: Kind, order: Order) -> None:
        """The lists that nobody looked at for longest make room; one of more than a quarter of all is not kept."""
        if order.size > _LARGEST // 4:
            return
        with self._lock:
            self._kept[kind] = (*self._kept.get(kind, ()), order)[-_GENERATIONS:]
            self._kept.move_to_end(kind)
            while self._size() > _LARGEST and len(self._kept) > 1:
                self._kept.popitem(last=False)

    def _size(self) -> int:
        return sum(order.size for orders in self._kept.values() for order in orders)


def grouped(groups: Iterable[Sequence[int]]) -> tuple[array[int], array[int]]:
    """Groups, each with its newest first, as the two lists that an Order is made of."""
    uids, starts = array("I"), array("I")
    for group in groups:
        starts.append(len(uids))
        uids.extend(group)
    return uids, starts
