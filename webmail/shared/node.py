"""This process among those of all machines: a name that others can see is alive, for as long as it is.

The name is the fencing token of whatever it writes: it is made anew with every process and used by no other, and what
is written under it may be changed by others only once it is no longer alive.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from webmail import errors
from webmail.shared.link import PREFIX, Link

log = logging.getLogger("pennypost")

ALIVE: Final = f"{PREFIX}alive:"

_WANTED: Final = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}


class Node:
    """link: where it is told. beats: called with every sign of life that was heard.

    lease: seconds that a name lives after its last sign of life; beat: seconds between those.
    """

    lease = 6.0
    beat = 1.5

    def __init__(self, link: Link) -> None:
        self._link = link
        self._guard = threading.Lock()
        self._process = 0
        self._name = ""
        self._stop = threading.Event()
        self.beats: list[Callable[[], None]] = []

    @property
    def name(self) -> str:
        """16 hex digits. Raises SharedAway when it cannot be told to the others before it is used."""
        with self._guard:
            if self._process != os.getpid():
                name = secrets.token_hex(8)
                self._told(name)
                self._process, self._name, self._stop = os.getpid(), name, threading.Event()
                threading.Thread(target=self._run, args=(name, self._stop), name="shared-beat", daemon=True).start()
            return self._name

    def own(self, name: str) -> bool:
        """Whether that is this process."""
        return name == self._name and self._process == os.getpid()

    def lives(self, name: str) -> bool:
        """Whether that process is alive. Raises SharedAway."""
        return bool(self._link.ask(lambda client: client.exists(ALIVE + name)))

    def close(self) -> None:
        """The process ends: what it left open may be taken over at once."""
        with self._guard:
            name, mine = self._name, self._process == os.getpid()
            self._stop.set()
            self._process, self._name = 0, ""
        if name and mine:
            with suppress(errors.SharedAway):
                self._link.ask(lambda client: client.delete(ALIVE + name))

    def _told(self, name: str) -> None:
        self._link.ask(lambda client: client.set(ALIVE + name, 1, px=int(self.lease * 1000)))

    def _run(self, name: str, stop: threading.Event) -> None:
        with suppress(errors.SharedAway):
            self._look()
        while not stop.wait(self.beat):
            with suppress(errors.MailError):
                self._told(name)
                for beat in self.beats:
                    beat()

    def _look(self) -> None:
        """Whether it keeps what it is told. A provider may not let us ask."""
        told = self._link.ask(lambda client: client.config_get(*_WANTED))
        for name, wanted in _WANTED.items():
            if (found := told.get(name)) not in (None, wanted):
                log.warning("what all machines share has %s %s and should have %s", name, found, wanted)
