"""Where letters go that are sent while something is measured: the submission server of the tests, in a process of its
own, so that what it takes of the machine is nobody else's."""

from __future__ import annotations

import logging
import multiprocessing
import re
import warnings
from collections import Counter
from collections.abc import Iterable
from multiprocessing.connection import Connection

from tests.servers.authority import Authority
from tests.servers.people import Identity
from tests.servers.submission import Submission


class Sink:
    """Make it before this process has threads: it begins as a copy of it."""

    def __init__(self, authority: Authority, people: Iterable[Identity]) -> None:
        fork = multiprocessing.get_context("fork")
        self._line, theirs = fork.Pipe()
        self._process = fork.Process(target=_serve, args=(theirs, authority, list(people)), daemon=True)
        self._process.start()
        self.port: int = self._line.recv()

    def taken(self) -> Counter[str]:
        """Subjects of all letters that it took, and how often each."""
        self._line.send("taken")
        found: Counter[str] = self._line.recv()
        return found

    def stop(self) -> None:
        self._line.send("stop")
        self._process.join(10)


def _serve(line: Connection, authority: Authority, people: list[Identity]) -> None:
    logging.disable()
    warnings.simplefilter("ignore")
    server = Submission(authority, people=people).start()
    line.send(server.port)
    while line.recv() == "taken":
        line.send(Counter(subject for letter in list(server.accepted) for subject in _subject(letter.raw)))
    server.stop()


def _subject(raw: bytes) -> list[str]:
    found = re.search(rb"(?m)^Subject: (\S+)", raw)
    return [found[1].decode()] if found else []
