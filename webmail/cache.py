"""What was worked out is kept for a moment: in memory only, bounded in octets, the least recently used leaves first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Final, Generic, TypeVar

V = TypeVar("V")


class BoundedCache(Generic[V]):
    """Least recently used entries fall out when the sizes add up to more than limit octets. Safe between threads."""

    def __init__(self, limit: int) -> None:
        self._limit: Final = limit
        self._size = 0
        self._entries: OrderedDict[tuple[Hashable, ...], tuple[V, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[Hashable, ...]) -> V | None:
        """The value, or None."""
        with self._lock:
            found = self._entries.get(key)
            if found is None:
                return None
            self._entries.move_to_end(key)
            return found[0]

    def put(self, key: tuple[Hashable, ...], value: V, size: int) -> None:
        """Keep a value of so many octets; one larger than a quarter of everything is not kept."""
        if size > self._limit // 4:
            return
        with self._lock:
            self._drop(key)
            self._entries[key] = (value, size)
            self._size += size
            while self._size > self._limit:
                self._drop(next(iter(self._entries)))

    def forget(self, owner: Hashable) -> None:
        """Drop everything whose key begins with owner (a sign-in that ended, a mailbox made anew)."""
        with self._lock:
            for key in [k for k in self._entries if k[0] == owner]:
                self._drop(key)

    def _drop(self, key: tuple[Hashable, ...]) -> None:
        found = self._entries.pop(key, None)
        if found is not None:
            self._size -= found[1]
