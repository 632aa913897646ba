"""Searching a mailbox for what a reader typed, one page of the newest first.

A search is asked once. What it found is kept for a while with the state of the mailbox, the newest of it as UIDs and
the rest as a number, so that a hundred thousand hits cost what fifty cost and the next page costs no second search.
What IMAP has no key for is asked for more widely, and what comes then is looked at here (inspect.py), so many and no
more for each page.
"""

from __future__ import annotations

import re
import time
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from webmail import errors
from webmail.imap import decode, faults, inspect, listing, search, wire
from webmail.imap.client import Reply
from webmail.imap.connection import Connection
from webmail.imap.decode import Selected
from webmail.imap.pages import Stamp
from webmail.imap.selection import select
from webmail.mail import program as programs
from webmail.mail.conditions import ALL, And, Leaf, Node, leaves, widened
from webmail.mail.ids import MailboxName, Uid, UidValidity
from webmail.mail.message import Summary
from webmail.mail.program import Asker, foreign, is_exact, is_lasting

WINDOW: Final = 2000
"""UIDs of a search that are kept: forty pages."""

LOOKED_AT: Final = 1000
"""Messages whose structure is looked at for one page,"""

READ: Final = 200
"""and messages that are read for one page where the server does not search for letters outside ASCII."""

READ_FOR_ALL: Final = 2000
"""The same for all that is found in a mailbox: 64 MB at most."""

_CHUNK: Final = 100
_TRUE_FOR: Final = 600.0
_LAST_UID: Final = (1 << 32) - 1
_ALL: Final = re.compile(rb"\bALL ([\d:,]+)", re.IGNORECASE)
_DEAF: Final = ("charset",)


@dataclass(frozen=True, slots=True)
class Swept:
    """What was found already (sweep.py). uids: the newest, ascending."""

    uidvalidity: UidValidity
    uids: Sequence[int]
    total: int


class _CharsetRefused(Exception):
    """BADCHARSET: this server does not search for letters outside ASCII."""


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of what was found. rows: newest first. first: position of the first of them, from 1.

    total: of all; where loose it is the most there can be, because every one has to be looked at. looked: how many were
    looked at for this page. older: pass as `before`, newer: as `after`, None where there is nothing. reads: the letters
    were compared here, not by the server.
    """

    selected: Selected
    rows: tuple[Summary, ...] = ()
    total: int = 0
    first: int = 0
    older: Uid | None = None
    newer: Uid | None = None
    loose: bool = False
    looked: int = 0
    reads: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What a search found. uids: the newest, ascending. more: there are older ones. top: the highest UID that was
    searched. checked: of messages that had to be looked at, what was seen."""

    uidvalidity: UidValidity
    stamp: Stamp
    at: float
    uids: array[int]
    total: int
    top: int
    checked: dict[int, bool] = field(default_factory=dict)

    @property
    def more(self) -> bool:
        return self.total > len(self.uids)


def page(
    conn: Connection,
    mailbox: MailboxName,
    root: Node,
    asker: Asker,
    *,
    size: int = 50,
    before: Uid | None = None,
    after: Uid | None = None,
    read_only: bool = False,
    swept: Swept | None = None,
) -> Hits:
    """The newest matches; or the newest below UID `before`; or the oldest above `after`.

    root: without conditions about folders (mail/scope.py). read_only: nothing is going to be changed there. swept: what
    is known already. Raises MailboxMissing, ServerRefused and the errors of the wire.
    """
    asker = able(conn, asker)
    selected = select(conn, mailbox, read_only=read_only, fresh=True)
    if conn.asked is False and conn.box_sure:
        # Opened under this lease, it has no news.
        conn.asked = True
    task = _Task(conn, selected, root, asker, size, before, after, swept)
    try:
        return task.page()
    except _CharsetRefused:
        deafen(conn)
        return task.page()


def able(conn: Connection, asker: Asker) -> Asker:
    """Who asks, with what this server can do."""
    fuzzy = "SEARCH=FUZZY" in conn.capabilities and asker.fuzzy
    return replace(asker, within="WITHIN" in conn.capabilities, fuzzy=fuzzy)


def is_deaf(conn: Connection) -> bool:
    """Whether this server is known not to search for letters outside ASCII."""
    return conn.state.finds.get(_DEAF) is not None


def deafen(conn: Connection) -> None:
    """It said so."""
    conn.state.finds.put(_DEAF, True, 100)


def apart(conn: Connection, root: Node) -> tuple[tuple[Leaf, ...], Node, bool]:
    """Conditions that this server cannot decide, each once; what it is asked for without them; whether messages have to
    be read for them."""
    deaf = is_deaf(conn)
    loose = tuple(dict.fromkeys(leaf for leaf in leaves(root) if not is_exact(leaf) or (deaf and foreign(leaf))))
    wide = widened(root, lambda leaf: None if leaf not in loose else leaf if not is_exact(leaf) else ALL)
    return loose, wide, any(foreign(leaf) and is_exact(leaf) for leaf in loose)


def asks_plainly(conn: Connection, root: Node) -> bool:
    """Whether the server answers all of it by itself."""
    return not apart(conn, root)[0]


def known(conn: Connection, mailbox: MailboxName, root: Node) -> Kept | None:
    """What a search that is asked plainly found there lately."""
    kept = conn.state.finds.get((mailbox, root, _plain(root)))
    return kept if isinstance(kept, Kept) and not _old(kept) else None


def keep(conn: Connection, selected: Selected, root: Node, found: tuple[Sequence[int], int]) -> Kept:
    """Keep what it found in the open mailbox just now, for its pages. found: as told() says it."""
    fresh = _fresh(conn, selected, *found)
    _put(conn, (selected.name, root, _plain(root)), fresh)
    return fresh


def still(conn: Connection, selected: Selected, kept: Kept) -> bool:
    """Whether the open mailbox is as it was then."""
    return kept.uidvalidity == selected.uidvalidity and kept.stamp == listing.stamp_of(conn)


def _plain(root: Node) -> Node:
    return widened(root, lambda _: None)


def _fresh(conn: Connection, selected: Selected, uids: Sequence[int], total: int) -> Kept:
    newest = array("I", uids[-WINDOW:])
    top = max(newest[-1] if newest else 0, _top(conn))
    return Kept(selected.uidvalidity, listing.stamp_of(conn), time.monotonic(), newest, total, top)


def _put(conn: Connection, key: tuple[Any, ...], found: Kept) -> None:
    conn.state.finds.put(key, found, 2000 + 4 * len(found.uids) + 100 * len(found.checked))


def _top(conn: Connection) -> int:
    """The highest UID that is certainly there or behind us; 0 when the server does not tell."""
    box = conn.box
    return max(0, box.uidnext - 1) if box is not None and not box.grown else 0


@dataclass(slots=True)
class _Task:
    conn: Connection
    selected: Selected
    root: Node
    asker: Asker
    size: int
    before: Uid | None
    after: Uid | None
    swept: Swept | None

    def page(self) -> Hits:
        loose, wide, reads = apart(self.conn, self.root)
        kept = self._kept(wide)
        if self.before is not None and kept.more and kept.uids and self.before <= kept.uids[0]:
            kept = self._longer(kept, wide)
        if loose:
            return self._looked_through(kept, wide, loose, reads)
        uids, low = self._window(kept.uids)
        high = low + len(uids)
        return Hits(
            self.selected,
            self._rows(uids),
            kept.total,
            len(kept.uids) - high + 1 if uids else 0,
            Uid(uids[0]) if uids and (low or kept.more) else None,
            Uid(uids[-1]) if uids and high < len(kept.uids) else None,
        )

    def _window(self, uids: Sequence[int]) -> tuple[list[int], int]:
        high = len(uids) if self.before is None else bisect_left(uids, self.before)
        low = max(0, high - self.size) if self.after is None else bisect_right(uids, self.after)
        return list(uids[low : min(high, low + self.size)]), low

    def _rows(self, uids: Sequence[int]) -> tuple[Summary, ...]:
        found = listing.some(self.conn, self.selected.name, [Uid(uid) for uid in uids], self.selected.uidvalidity)
        return tuple(sorted(found, key=lambda row: (row.arrived, row.ref.uid), reverse=True))

    # --- one after the other ------------------------------------------------------------------------------------------

    def _looked_through(self, kept: Kept, wide: Node, loose: Sequence[Leaf], reads: bool) -> Hits:
        upwards = self.after is not None
        if self.after is not None:
            waiting = list(kept.uids[bisect_right(kept.uids, self.after) :])
        else:
            end = len(kept.uids) if self.before is None else bisect_left(kept.uids, self.before)
            waiting = list(reversed(kept.uids[:end]))
        most = READ if reads else LOOKED_AT
        found: list[int] = []
        looked = 0
        while looked < min(len(waiting), most) and len(found) < self.size:
            chunk = waiting[looked : looked + _CHUNK]
            self._check(kept, wide, loose, chunk)
            # Not further than the page is long: what lies behind its last row is looked at for the next one.
            for uid in chunk:
                looked += 1
                if kept.checked.get(uid):
                    found.append(uid)
                    if len(found) == self.size:
                        break
        last = Uid(waiting[looked - 1]) if looked else None
        onwards = last if len(waiting) > looked or (kept.more and not upwards) else None
        back = Uid(waiting[0]) if waiting and (upwards or self.before is not None) else None
        older, newer = (back, onwards) if upwards else (onwards, back)
        return Hits(
            self.selected, self._rows(found), kept.total, 0, older, newer, loose=True, looked=looked, reads=reads
        )  # fmt: skip

    def _check(self, kept: Kept, wide: Node, loose: Sequence[Leaf], chunk: Sequence[int]) -> None:
        unknown = [Uid(uid) for uid in chunk if uid not in kept.checked]
        if not unknown:
            return
        fitting: set[int] = set()
        there = set(wide.of if isinstance(wide, And) else (wide,))
        for left, uids in inspect.sorted_out(self.conn, self.root, loose, unknown):
            if left == ALL or set(left.of if isinstance(left, And) else (left,)) <= there:
                fitting.update(uids)
            else:
                for part in wire.uid_sets(uids):
                    fitting.update(self._asked(left, part)[0])
        kept.checked.update((uid, uid in fitting) for uid in unknown)

    # --- asking -------------------------------------------------------------------------------------------------------

    def _kept(self, wide: Node) -> Kept:
        key = (self.selected.name, self.root, wide)
        known = self.conn.state.finds.get(key)
        if not isinstance(known, Kept) or known.uidvalidity != self.selected.uidvalidity or _old(known):
            known = None
        stamp = listing.stamp_of(self.conn)
        if known is not None and known.stamp == stamp:
            return known
        lasting = all(is_lasting(leaf) for leaf in leaves(self.root))
        if known is not None and lasting:
            found = self._caught_up(known, wide)
        elif self.swept is not None and self.swept.uidvalidity == self.selected.uidvalidity:
            found = _fresh(self.conn, self.selected, self.swept.uids, self.swept.total)
        else:
            found = _fresh(self.conn, self.selected, *self._asked(wide))
        _put(self.conn, key, found)
        return found

    def _caught_up(self, known: Kept, wide: Node) -> Kept:
        """What is new is searched, and what is gone is taken out: a message that was read is no reason to search the
        texts of all of them again."""
        new, more = self._asked(wide, b"%d:%d" % (known.top + 1, _LAST_UID)) if known.top < _LAST_UID else ([], 0)
        there = {uid for part in wire.uid_sets(known.uids) for uid in search.uids(self.conn, b"UID " + part)}
        uids = array("I", [uid for uid in known.uids if uid in there] + new)
        total = known.total - (len(known.uids) - len(there)) + more
        return replace(
            known, stamp=listing.stamp_of(self.conn), uids=uids, total=total, top=max(known.top, *new, _top(self.conn))
        )

    def _longer(self, kept: Kept, wide: Node) -> Kept:
        older, _ = self._asked(wide, b"1:%d" % (kept.uids[0] - 1)) if kept.uids[0] > 1 else ([], 0)
        found = replace(kept, uids=array("I", older) + kept.uids, total=kept.total if older else len(kept.uids))
        _put(self.conn, (self.selected.name, self.root, wide), found)
        return found

    def _asked(self, node: Node, span: bytes | None = None) -> tuple[list[int], int]:
        """The newest matches, ascending, and how many there are. span: among these UIDs."""
        command = asking(self.conn, node, self.asker, span)
        reply = self.conn.command(*command, otherwise=None)
        if reply.status != "OK":
            if b"CHARSET" in command and reply.code in ("", "BADCHARSET", "CANNOT", "PARSE"):
                raise _CharsetRefused
            raise faults.refusal(reply.text)
        return told(self.conn, reply)


def _returning(conn: Connection) -> tuple[bytes, ...]:
    if "PARTIAL" in conn.capabilities:
        return (b"RETURN", b"(COUNT PARTIAL -1:-%d)" % WINDOW)
    return (b"RETURN", b"(ALL)") if "ESEARCH" in conn.capabilities else ()


def asking(conn: Connection, node: Node, asker: Asker, span: bytes | None = None) -> tuple[bytes, ...]:
    """The command that searches the open mailbox. span: among these UIDs. Raises UnsafeText."""
    words, charset = arguments(node, asker)
    within = () if span is None else (b"UID", span)
    return b"UID SEARCH", *_returning(conn), *charset, *within, *words


def told(conn: Connection, reply: Reply) -> tuple[list[int], int]:
    """What was answered to it: the newest matches, ascending, and how many there are. Raises ProtocolBroken."""
    returning = _returning(conn)
    if not returning:
        found = decode.numbers(reply.data)
        return found[-WINDOW:], len(found)
    if b"PARTIAL" in returning[-1]:
        return sorted(search.partial(reply.data)), decode.count(reply.data) or 0
    lines = (_ALL.search(line or b"") for line in reply.data.get("ESEARCH", ()))
    return newest(b",".join(match[1] for match in lines if match))


def _old(known: Kept) -> bool:
    return time.monotonic() - known.at > _TRUE_FOR


def arguments(node: Node, asker: Asker) -> tuple[list[bytes], tuple[bytes, ...]]:
    """The keys as they go on the wire, and the charset, where one has to be named. Raises UnsafeText."""
    words = [part if isinstance(part, bytes) else wire.searched(part) for part in programs.program(node, asker)]
    foreign_words = any(isinstance(word, wire.Literal) for word in words)
    return words, (b"CHARSET", b"UTF-8") if foreign_words else ()


def newest(ranges: bytes) -> tuple[list[int], int]:
    """`1:99000,99005` -> the last of them, ascending, and how many there are, without writing all of them out.

    Raises ProtocolBroken.
    """
    spans = []
    for piece in ranges.split(b",") if ranges else ():
        first, _, last = piece.partition(b":")
        if not first.isdigit() or not (last or b"0").isdigit():
            raise errors.ProtocolBroken("not a set of numbers")
        low, high = int(first), int(last or first)
        spans.append((low, high) if low <= high else (high, low))
    spans.sort()
    found: list[int] = []
    for low, high in reversed(spans):
        room = WINDOW - len(found)
        if room <= 0:
            break
        found += range(high, max(low, high - room + 1) - 1, -1)
    found.reverse()
    return found, sum(high - low + 1 for low, high in spans)
