"""Sign-ins that ended on any machine, told to the pages that are open on this one."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from webmail import errors
from webmail.endings import Endings
from webmail.shared.link import PREFIX, Link

CHANNEL: Final = f"{PREFIX}ended"

_LISTEN: Final = 0.5
_AGAIN: Final = 0.5
"""Seconds between tries to hear again. What was told meanwhile is lost, so everybody looks when we do."""


class SharedEndings(Endings):
    """link: whose channel is heard, in one thread that starts with the first who waits. ended: told of each, too."""

    def __init__(self, link: Link, ended: Callable[[str], None]) -> None:
        super().__init__()
        self._link, self._ended = link, ended
        self._process = 0
        self._thread: threading.Thread | None = None
        self._closed = False

    @contextmanager
    def awaiting(self, key: str, wake: Callable[[], None]) -> Iterator[None]:
        """As Endings has it."""
        self.start()
        with super().awaiting(key, wake):
            yield

    def start(self) -> None:
        """Listen, in the process that serves."""
        with self._lock:
            if self._process == os.getpid() or self._closed:
                return
            self._process = os.getpid()
            self._thread = threading.Thread(target=self._run, name="shared-endings", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """The process ends."""
        self._closed = True
        if self._thread is not None and self._process == os.getpid():
            self._thread.join(4 * _LISTEN)

    def _run(self) -> None:
        while not self._closed:
            try:
                self._link.ask(self._hear)
            except errors.SharedAway:
                time.sleep(_AGAIN)

    def _hear(self, client: Any) -> None:
        with client.pubsub(ignore_subscribe_messages=True) as heard:
            heard.subscribe(CHANNEL)
            self.tell_all()
            while not self._closed:
                told = heard.get_message(timeout=_LISTEN)
                if told is not None and told["type"] == "message":
                    self._ended(told["data"])
                    self.tell(told["data"])
