"""Counting for all machines together: rate.Counter in Redis or Valkey, each call one step there."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from webmail import errors
from webmail.rate import Counter, MemoryCounter, Rate
from webmail.shared.link import PREFIX, Link

# A number is written with all its digits: Lua's own way of writing one cuts microseconds off this century.
_NOW: Final = """
local now = tonumber(ARGV[1])
if now < 0 then local t = redis.call('TIME'); now = t[1] + t[2] / 1000000 end
local clear = tonumber(redis.call('GET', KEYS[1]) or now)
local function keep()
    redis.call('SET', KEYS[1], string.format('%.6f', clear), 'PX', math.ceil((clear - now) * 1000) + 1)
end
"""

_TAKE: Final = (
    _NOW
    + """
clear = math.max(now, clear) + tonumber(ARGV[2])
local wait = clear - tonumber(ARGV[3]) - now
if wait > 0.00001 then return string.format('%.6f', wait) end
keep()
return '0'
"""
)

_GIVE_BACK: Final = (
    _NOW
    + """
clear = clear - tonumber(ARGV[2])
if clear <= now + 0.00001 then redis.call('DEL', KEYS[1]) else keep() end
"""
)


class SharedCounter:
    """As rate.MemoryCounter counts. A key goes by itself when it is as if nothing had happened, so what is kept is as
    much as was done lately.

    While it is away each machine counts for itself: a limit is looser then, and none is off. clock: seconds; without
    one that of the server, the same for all.
    """

    def __init__(self, link: Link, clock: Callable[[], float] | None = None) -> None:
        self._link, self._clock = link, clock
        self._alone: Counter = MemoryCounter()

    def take(self, key: str, rate: Rate, times: float = 1) -> float:
        """As Counter has it."""
        if not rate.times:
            return 0.0
        try:
            return float(self._run(_TAKE, key, min(times, rate.times) * rate.interval, rate.seconds))
        except errors.SharedAway:
            return self._alone.take(key, rate, times)

    def give_back(self, key: str, rate: Rate, times: float = 1) -> None:
        """Missing keys are fine."""
        if not rate.times:
            return
        try:
            self._run(_GIVE_BACK, key, min(times, rate.times) * rate.interval, rate.seconds)
        except errors.SharedAway:
            self._alone.give_back(key, rate, times)

    def _run(self, script: str, key: str, needed: float, seconds: float) -> str:
        now = -1.0 if self._clock is None else self._clock()
        told = self._link.run(script, [f"{PREFIX}rate:{key}"], [now, repr(needed), repr(seconds)])
        assert math.isfinite(float(told or 0))
        return str(told or 0)
