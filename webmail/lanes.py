"""Threads for those whose mail server answers: whoever waits for a slow one waits beside the others, and not in front
of them (docs/decisions/0041). Knows nothing of who and what."""

from __future__ import annotations

import statistics
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

SLOW: Final = 1.0
"""Seconds after which a request is one of those that wait. The mail of most is there in a hundredth of that."""

_TIMES: Final = 4
"""So many times as long as most take it has to be, too: where all take long it is we who are slow."""

_RECENT: Final = 64

_LATELY: Final = 60.0
"""Seconds for which it is remembered how long somebody waited."""

_SIGN: Final = 4
"""So many who wait for the same server are a sign that it is the server."""

_REMEMBERED: Final = 10_000


@dataclass(eq=False, slots=True)
class Turn:
    """A request that is under way. key: whose; server: whom it waits for; since: by the clock of the lanes; slow: it
    will wait, as far as anybody can tell."""

    key: Hashable
    server: Hashable
    since: float
    slow: bool


class Lanes:
    """room: how many requests can be under way at once, now. Safe between threads.

    Three of four places at most are for those who wait for more than SLOW seconds, and much longer than most, or did so
    when they asked last; half of the rest for those of whom nothing is known since others began to wait for the same
    server. Who is one of them and asks when these are taken is told so at once, as long as there is anybody who is not:
    else there is nobody to keep a place for.
    """

    def __init__(self, room: Callable[[], int], clock: Callable[[], float] = time.monotonic) -> None:
        self._room, self._clock = room, clock
        self._lock = threading.Lock()
        self._turns: set[Turn] = set()
        self._slow: OrderedDict[Hashable, float] = OrderedDict()
        self._quick: OrderedDict[Hashable, float] = OrderedDict()
        self._recent: deque[float] = deque(maxlen=_RECENT)
        self._patience = SLOW

    def enter(self, key: Hashable, server: Hashable, *, sure: bool = False) -> Turn | None:
        """A turn, to be left; None: no place. sure: what cannot be refused is counted all the same."""
        now = self._clock()
        with self._lock:
            slow = self._is_slow(key, now)
            suspect = not slow and self._is_suspect(key, server, now)
            if (slow or suspect) and not sure and self._full(7 if suspect else 6, now):
                return None
            turn = Turn(key, server, now, slow or suspect)
            self._turns.add(turn)
            return turn

    def leave(self, turn: Turn) -> None:
        """It was answered, or nobody waits for it any more. A second time is nothing."""
        now = self._clock()
        with self._lock:
            if turn not in self._turns:
                return
            self._turns.remove(turn)
            self._recent.append(now - turn.since)
            self._patience = max(SLOW, _TIMES * statistics.median(self._recent))
            mine, other = (self._slow, self._quick) if self._waits(turn, now) else (self._quick, self._slow)
            other.pop(turn.key, None)
            mine[turn.key] = now
            mine.move_to_end(turn.key)
            if len(mine) > _REMEMBERED:
                mine.popitem(last=False)

    @contextmanager
    def within(self, key: Hashable, server: Hashable) -> Iterator[bool]:
        """A turn for the length of the block; False: no place."""
        turn = self.enter(key, server)
        try:
            yield turn is not None
        finally:
            if turn is not None:
                self.leave(turn)

    # --- with the lock held -------------------------------------------------------------------------------------------

    def _waits(self, turn: Turn, now: float) -> bool:
        return now - turn.since > self._patience

    def _full(self, eighths: int, now: float) -> bool:
        most = self._room() * eighths // 8
        if len(self._turns) < most or not self._quick or now - next(reversed(self._quick.values())) > _LATELY:
            return False
        return sum(turn.slow or self._waits(turn, now) for turn in self._turns) >= most

    def _is_slow(self, key: Hashable, now: float) -> bool:
        lately = now - self._slow.get(key, float("-inf")) < _LATELY
        return lately or any(turn.key == key and self._waits(turn, now) for turn in self._turns)

    def _is_suspect(self, key: Hashable, server: Hashable, now: float) -> bool:
        there = [turn for turn in self._turns if turn.server == server]
        waiting = [turn.since for turn in there if self._waits(turn, now)]
        trouble = len(waiting) >= _SIGN and 2 * len(waiting) > sum(not turn.slow for turn in there)
        return trouble and self._quick.get(key, float("-inf")) < min(waiting) + self._patience
