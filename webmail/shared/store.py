"""Records for all machines: web.store.RecordStore in Redis or Valkey. What is sealed comes here sealed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final

from webmail import errors
from webmail.cache import BoundedCache
from webmail.shared.endings import CHANNEL
from webmail.shared.link import PREFIX, Link

Record = dict[str, str | int | bool]

_SEEN: Final = 8 << 20
_SEEN_SECONDS: Final = 300.0
"""How long a record that was read here is believed while nobody can be asked."""

_TRIES: Final = 20

_LIST: Final = 100 * 86400
"""Seconds that the list of an account's records outlives its newest one: no sign-in lasts so long."""

# r: the record; t: when it was touched; l: seconds that it lives without being touched, 0 for ever.
_TOUCH: Final = """
local life = redis.call('HGET', KEYS[1], 'l')
if not life then return 0 end
redis.call('HSET', KEYS[1], 't', ARGV[1])
if tonumber(life) > 0 then redis.call('EXPIRE', KEYS[1], life) end
return 1
"""

_SWAP: Final = """
if (redis.call('HGET', KEYS[1], 'r') or '') ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) return 1 end
redis.call('HSET', KEYS[1], 'r', ARGV[2])
if ARGV[3] ~= '' then
    redis.call('HSET', KEYS[1], 't', ARGV[3], 'l', ARGV[4])
    if tonumber(ARGV[4]) > 0 then redis.call('EXPIRE', KEYS[1], ARGV[4]) end
end
return 1
"""


class SharedStore:
    """name: what kind of records. life: seconds that one is of use after it was last touched, 0 for ever; then it goes
    by itself. weighed: weight() is asked for.

    Every call may raise SharedAway, but get of what was read here lately, and touch and change, which are missed then.
    """

    def __init__(
        self, link: Link, name: str, life: Callable[[Record], int] = lambda _: 0, *, weighed: bool = False
    ) -> None:
        self._link, self._name, self._life, self._weighed = link, name, life, weighed
        self._prefix = f"{PREFIX}{name}:"
        self.used: Callable[[], None] = _nobody
        """Called with each get: for whoever has to hear what the others remove."""
        self._seen: BoundedCache[tuple[Record, float, float]] = BoundedCache(_SEEN)

    def get(self, key: str) -> tuple[Record, float] | None:
        """As RecordStore has it."""
        place = self._place(key)
        self.used()
        try:
            raw, touched = self._link.ask(lambda client: client.hmget(place, "r", "t"))
        except errors.SharedAway:
            seen = self._seen.get((key,))
            if seen is None or time.monotonic() - seen[2] > _SEEN_SECONDS:
                raise
            return dict(seen[0]), seen[1]
        record = _record(raw)
        if record is None:
            self.ended(key)
            return None
        self._seen.put((key,), (record, float(touched or 0), time.monotonic()), len(raw) + 400)
        return dict(record), float(touched or 0)

    def ended(self, key: str) -> None:
        """Another machine removed it."""
        self._seen.forget(key)

    def has(self, key: str) -> bool:
        """As RecordStore has it."""
        place = self._place(key)
        return bool(self._link.ask(lambda client: client.exists(place)))

    def put(self, key: str, record: Record) -> None:
        """As RecordStore has it."""
        place, raw, life, now = self._place(key), json.dumps(record), self._life(record), time.time()

        def write(client: Any) -> None:
            with client.pipeline(transaction=True) as together:
                together.delete(place)
                together.hset(place, mapping={"r": raw, "t": repr(now), "l": life})
                if life:
                    together.expire(place, life)
                if isinstance(of := record.get("of"), str):
                    together.sadd(self._of(of), key)
                    together.expire(self._of(of), _LIST)
                if self._weighed:
                    together.zremrangebyscore(self._all(), 0, now)
                    together.zadd(self._all(), {f"{key} {len(raw)}": now + life})
                together.execute()

        self._link.ask(write)
        self.ended(key)

    def swap(self, key: str, before: Record | None, after: Record | None) -> bool:
        """As RecordStore has it."""
        life = self._life(after) if after is not None else 0
        return self._swapped(key, before, after, repr(time.time()), life)

    def touch(self, key: str) -> None:
        """As RecordStore has it."""
        with suppress(errors.SharedAway):
            self._link.run(_TOUCH, [self._place(key)], [repr(time.time())])

    def change(self, key: str, changes: Mapping[str, str | int | bool]) -> None:
        """As RecordStore has it."""
        place = self._place(key)
        with suppress(errors.SharedAway):
            for _ in range(_TRIES):
                before = _record(self._link.ask(lambda client: client.hget(place, "r")))
                if before is None or self._swapped(key, before, {**before, **changes}, "", 0):
                    self.ended(key)
                    return

    def delete(self, key: str) -> None:
        """As RecordStore has it. All machines are told."""
        place = self._place(key)

        def remove(client: Any) -> None:
            record = _record(client.hget(place, "r")) or {}
            with client.pipeline(transaction=True) as together:
                together.delete(place)
                if isinstance(of := record.get("of"), str):
                    together.srem(self._of(of), key)
                if self._weighed:
                    together.zrem(self._all(), f"{key} {len(json.dumps(record))}")
                together.publish(CHANNEL, key)
                together.execute()

        self._link.ask(remove)
        self.ended(key)

    def all(self) -> Iterator[tuple[str, Record, float]]:
        """As RecordStore has it. It walks through everything that is kept there: for an administrator."""
        places = self._link.ask(lambda client: list(client.scan_iter(f"{self._prefix}*", count=1000)))
        for place in places:
            key = place.removeprefix(self._prefix)
            if (found := self.get(key)) is not None:
                yield key, *found

    def of(self, name: str) -> Iterator[tuple[str, Record, float]]:
        """As RecordStore has it; those that went by themselves leave the account's list now."""
        for key in sorted(self._link.ask(lambda client: client.smembers(self._of(name)))):
            found = self.get(key)
            if found is not None and found[0].get("of") == name:
                yield key, *found
            else:
                self._link.ask(partial(_left, self._of(name), key))

    def weight(self) -> tuple[int, int]:
        """As RecordStore has it."""

        def kept(client: Any) -> list[str]:
            client.zremrangebyscore(self._all(), 0, time.time())
            return list(client.zrange(self._all(), 0, -1))

        sizes = [int(each.partition(" ")[2]) for each in self._link.ask(kept)]
        return len(sizes), sum(sizes)

    def sweep(self, older_than: float, over: Callable[[Record, float], bool] = lambda *_: True) -> None:
        """Nothing to do: what is over goes by itself."""

    def _swapped(self, key: str, before: Record | None, after: Record | None, now: str, life: int) -> bool:
        raw = ["" if each is None else json.dumps(each) for each in (before, after)]
        done = bool(self._link.run(_SWAP, [self._place(key)], [*raw, now, life]))
        self.ended(key)
        return done

    def _place(self, key: str) -> str:
        if len(key) != 64 or not set(key) <= set("0123456789abcdef"):
            raise ValueError("a store key is a SHA-256 hex digest")
        return self._prefix + key

    def _of(self, name: str) -> str:
        return f"{PREFIX}{self._name}-of:{name}"

    def _all(self) -> str:
        return f"{PREFIX}{self._name}-all"


def _left(place: str, key: str, client: Any) -> None:
    client.srem(place, key)


def _nobody() -> None:
    """Nobody has to."""


def _record(raw: str | None) -> Record | None:
    try:
        made = json.loads(raw or "")
    except ValueError:
        return None
    return made if isinstance(made, dict) else None
