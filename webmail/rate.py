"""How often something is done: a number of times in a span, counted as tokens that come back one by one (GCRA, as in
ITU-T I.371). Memory only, bounded; knows nothing of who and what."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

MOST: Final = 200_000
"""Keys that are counted at once; of more, those that are over soonest are forgotten."""


@dataclass(frozen=True, slots=True)
class Rate:
    """times: how often at once, and in every span. seconds: the span. times 0 is no limit."""

    times: int
    seconds: float

    @property
    def interval(self) -> float:
        """Seconds until one of them comes back."""
        return self.seconds / self.times


class Counter(Protocol):
    """Counts for one process, or (in a store that does each call as one step) for several.

    A key belongs to one kind of thing; who asks says each time at which rate it is measured, so that a limit may be
    stricter for a while. All that is kept of a key is one moment: when it is as if nothing had happened.
    """

    def take(self, key: str, rate: Rate, times: float = 1) -> float:
        """Take so many; 0.0 when they were there, else the seconds until they are, and nothing is taken."""

    def give_back(self, key: str, rate: Rate, times: float = 1) -> None:
        """What was taken was not used after all."""


class MemoryCounter:
    """In this process. Safe between threads: of many takers at the same moment none gets more than there is.

    clock: seconds, never going back.
    """

    def __init__(self, most: int = MOST, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = most, clock
        self._clear: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, key: str, rate: Rate, times: float = 1) -> float:
        """What needs more than a whole span holds, waits for a whole span: it would never get through otherwise."""
        if not rate.times:
            return 0.0
        needed = min(times, rate.times) * rate.interval
        with self._lock:
            now = self._clock()
            clear = max(now, self._clear.get(key, now)) + needed
            if (wait := clear - rate.seconds - now) > 1e-9:
                return wait
            if key not in self._clear and len(self._clear) >= self._most:
                self._make_room(now)
            self._clear[key] = clear
            return 0.0

    def give_back(self, key: str, rate: Rate, times: float = 1) -> None:
        """Missing keys are fine."""
        with self._lock:
            if rate.times and key in self._clear:
                self._clear[key] -= min(times, rate.times) * rate.interval
                if self._clear[key] <= self._clock():
                    del self._clear[key]

    def __len__(self) -> int:
        return len(self._clear)

    def _make_room(self, now: float) -> None:
        """All that are over; if those are few, the half that is over soonest."""
        self._clear = {key: clear for key, clear in self._clear.items() if clear > now}
        if len(self._clear) > self._most // 2:
            kept = sorted(self._clear.items(), key=lambda pair: pair[1])[len(self._clear) // 2 :]
            self._clear = dict(kept)
