"""Who wants to know at once that a sign-in ended: open pages, by the name of its record. In this process only."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Endings:
    """Safe between threads. Keys are names of sign-in records."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._awaited: dict[str, list[Callable[[], None]]] = {}

    @contextmanager
    def awaiting(self, key: str, wake: Callable[[], None]) -> Iterator[None]:
        """For the length of the block wake is called when this sign-in may have ended; who is woken looks."""
        with self._lock:
            self._awaited.setdefault(key, []).append(wake)
        try:
            yield
        finally:
            with self._lock:
                self._awaited[key].remove(wake)
                if not self._awaited[key]:
                    del self._awaited[key]

    def tell(self, key: str) -> None:
        """It ended."""
        with self._lock:
            wanted = list(self._awaited.get(key, ()))
        for wake in wanted:
            wake()

    def tell_all(self) -> None:
        """Nobody knows which: everybody looks."""
        with self._lock:
            wanted = [wake for each in self._awaited.values() for wake in each]
        for wake in wanted:
            wake()
