"""A server of the tests in a process of its own, so that what it takes of the machine is nobody else's."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from typing import Any, Final

STOP: Final = "stop"


class Beside:
    """work: called there with its end of a line and what is given; it says its port, then answers each question until
    it is told STOP. Make it before this process has threads: it begins as a copy of it."""

    def __init__(self, work: Callable[..., None], *given: Any) -> None:
        fork = multiprocessing.get_context("fork")
        self._line, theirs = fork.Pipe()
        self._process = fork.Process(target=work, args=(theirs, *given), daemon=True)
        self._process.start()
        self.port: int = self._line.recv()

    def ask(self, what: str) -> Any:
        """What it answers."""
        self._line.send(what)
        return self._line.recv()

    def stop(self) -> None:
        self._line.send(STOP)
        self._process.join(10)
