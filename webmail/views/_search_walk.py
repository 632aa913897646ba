"""A search going through many folders: several small ones at a time, and none waits for a large one."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from queue import Empty, Full, Queue
from typing import Any, Final

from webmail import errors
from webmail.imap import find, sweep
from webmail.imap.connection import Connection
from webmail.imap.find import Hits
from webmail.mail.conditions import Node, leaves
from webmail.mail.mailbox import Mailbox
from webmail.mail.program import Asker, is_exact
from webmail.views import _results
from webmail.views._results import Offer, Section
from webmail.web import converters, filters
from webmail.web.asked import Asked
from webmail.web.words import _

Borrow = Callable[[Callable[[Connection], Any]], Any]
"""Runs work on the reader's connection, and gives what the work gives."""

SHORT, SHORTER, MANY = 5, 3, 50
"""Rows of each folder where several are searched, and where more than so many are."""

_TOGETHER: Final = 16
_MESSAGES: Final = 4000
"""Folders of one turn, and messages in them: nobody waits long for the connection, nor for what the first of them held.
"""

_UNKNOWN: Final = 1000
_WAITING: Final = 4
_PAUSE: Final = 0.002
"""Seconds between two turns: who waits for the connection wakes up in them."""

Result = tuple[int, Hits | errors.MailError | None]
"""The number of a folder, and what it holds: None where it is known that nothing there fits."""


@dataclass(frozen=True, slots=True)
class Step:
    """One folder further. done: folders so far, of total. found: messages so far.

    section: None where nothing was found. name: the folder up to which all were searched, as addresses have it, ""
    before the first; before: messages found until there. loose: not every message that may fit was looked at.
    """

    name: str
    done: int
    total: int
    found: int
    before: int
    section: Section | None = None
    loose: bool = False


@dataclass(slots=True)
class Search:
    """chosen: folders, and what to look for in each. begin: how many were done before, found: what they held.
    left: numbers of folders that nobody has begun, in order."""

    chosen: Sequence[tuple[Mailbox, Node]]
    who: Asker
    borrow: Borrow
    begin: int = 0
    found: int = 0
    left: list[int] = field(init=False)
    most: int = 1
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.left = [*range(self.begin, len(self.chosen))]

    @property
    def large_first(self) -> bool:
        """Whether the folder that comes first may take long."""
        return bool(self.left) and (self.chosen[self.left[0]][0].messages or 0) > _MESSAGES

    def at_start(self) -> Step:
        """How far it is before it goes on."""
        name = converters.mailbox_to_url(self.chosen[self.begin - 1][0].name) if self.begin else ""
        return Step(name, self.begin, len(self.chosen), self.found, self.found)

    def turns(self) -> Iterator[list[Result]]:
        """One after the other, each under a lease of its own, so that the reader's other pages never wait for all."""
        while numbers := self._take(small=False):
            yield self._asked(numbers)

    def beside(self) -> Iterator[list[Result]]:
        """The same while somebody looks at what was found, and on two connections, of which one never takes a folder
        that may take long. borrow has to work in another thread."""
        told: Queue[list[Result]] = Queue(_WAITING)
        over = threading.Event()
        with ThreadPoolExecutor(2, thread_name_prefix="search") as workers:
            lanes = [workers.submit(self._lane, told, over, small) for small in (False, True)]
            try:
                while not all(lane.done() for lane in lanes) or not told.empty():
                    try:
                        yield told.get(timeout=0.1)
                    except Empty:
                        continue
            finally:
                over.set()
        yield from self.turns()

    def _lane(self, told: Queue[list[Result]], over: threading.Event, small: bool) -> None:
        while not over.is_set() and (numbers := self._take(small)):
            results = self._asked(numbers)
            if small and any(isinstance(one, errors.ServerBusy) for _, one in results):
                # There is no second connection.
                with self.lock:
                    self.left = sorted({*self.left, *numbers})
                return
            while not over.is_set():
                try:
                    told.put(results, timeout=0.2)
                    break
                except Full:
                    continue
            time.sleep(_PAUSE)

    def _take(self, small: bool) -> list[int]:
        """Those that come next: several small ones, or one that is not."""
        taken: list[int] = []
        room = _MESSAGES
        with self.lock:
            for number in self.left:
                messages = self.chosen[number][0].messages
                size = _UNKNOWN if messages is None else messages
                if size > _MESSAGES and not taken and not small:
                    taken = [number]
                    break
                if size > room and taken:
                    break
                if size <= room and not (small and messages is None):
                    taken.append(number)
                    room -= size
                if len(taken) == self.most:
                    break
            self.left = [number for number in self.left if number not in taken]
            self.most = min(_TOGETHER, 2 * self.most)
        return taken

    def _asked(self, numbers: Sequence[int]) -> list[Result]:
        asked = [number for number in numbers if self.chosen[number][0].messages != 0]
        try:
            results: list[Result] = self.borrow(partial(self._batch, numbers=asked)) if asked else []
        except errors.MailError as error:
            results = [(number, error) for number in asked]
        known = dict(results)
        return [(number, known.get(number)) for number in numbers]

    def _batch(self, conn: Connection, numbers: Sequence[int]) -> list[Result]:
        """Of each the newest. Raises the errors of the wire only when the connection is lost."""
        size = SHORTER if len(self.chosen) > MANY else SHORT
        pairs = [(self.chosen[number][0].name, self.chosen[number][1]) for number in numbers]
        names = [name for name, root in pairs if root == pairs[0][1]]
        swept = sweep.sweep(conn, names, pairs[0][1], self.who)
        known = {} if swept else sweep.in_turn(conn, pairs, self.who, size)
        results: list[Result] = []
        for number, (name, root) in zip(numbers, pairs, strict=True):
            told = swept.get(name)
            if name in known or (told is not None and not told.total):
                results.append((number, known.get(name)))
                continue
            try:
                hits = find.page(conn, name, root, self.who, size=size, read_only=True, swept=told)
                results.append((number, hits))
            except errors.MailError as error:
                if conn.broken:
                    raise
                results.append((number, error))
        return results


def walk(search: Search, told: Asked, *, beside: bool = False) -> Iterator[Step]:
    """Folder after folder, as soon as it was searched."""
    found, before, first, loose = search.found, search.found, search.begin, False
    counts: dict[int, int] = {}
    for turn in search.beside() if beside else search.turns():
        for number, hits in turn:
            mailbox, shown, count = search.chosen[number][0], None, 0
            if isinstance(hits, errors.MailError):
                shown = _failed(mailbox, hits)
            loose = loose or (isinstance(hits, Hits) and hits.loose)
            if isinstance(hits, Hits) and (hits.rows or (hits.loose and hits.older)):
                count = len(hits.rows) if hits.loose else hits.total
                shown = _results.section(hits, mailbox, told, paged=False)
            shown = replace(shown, place=number) if shown else None
            counts[number], found = count, found + count
            while first in counts:
                before, first = before + counts[first], first + 1
            name = converters.mailbox_to_url(search.chosen[first - 1][0].name) if first else ""
            yield Step(name, search.begin + len(counts), len(search.chosen), found, before, shown, loose)


def _failed(mailbox: Mailbox, error: errors.MailError) -> Section:
    if error.server_text:
        # Translators: said: what the mail server said, as it said it.
        why = _("This folder could not be searched. The mail server: %(said)s", said=error.server_text)
    else:
        why = _("This folder could not be searched. The mail server: it did not answer as it should.")
    return Section(" / ".join(mailbox.path), "", failed=why)


def offer(root: Node, last: Step) -> Offer | None:
    """All that was found, also on the pages before this one, when all folders were searched."""
    if last.done < last.total or not last.found:
        return None
    exact = not last.loose and all(is_exact(leaf) for leaf in leaves(root))
    return Offer(filters.number(last.found) if exact else "")


def ends(search: Search, number: int) -> tuple[str, ...]:
    """Of the folders on the pages before this one, what the form says of them when it is about all that was found."""
    chosen = [(box.name, root) for box, root in search.chosen[:number] if box.messages != 0]
    if not chosen:
        return ()
    refs = search.borrow(lambda conn: sweep.ends(conn, chosen))
    return tuple(map(converters.ref_to_text, refs))


def until(steps: Iterator[Step], seconds: float) -> tuple[list[Section], Step | None]:
    """What is found in that time, one folder at least, and the last step."""
    end, found, last = time.monotonic() + seconds, list[Section](), None
    for last in steps:
        if last.section is not None:
            found.append(last.section)
        if time.monotonic() >= end:
            break
    return found, last
