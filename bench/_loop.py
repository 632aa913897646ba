"""Many people at once in a closed loop: each asks for the next thing when the last one has come whole.

One process and one selector for both sides, so that what the driver takes of the machine is the same for both.
"""

from __future__ import annotations

import re
import selectors
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import Protocol

from bench._http import Browser
from bench._imap import Bare, over

Deed = tuple[str, str]
"""What ("list" or "open"), and on what: a path, or an IMAP command."""


class Line(Protocol):
    """One person's connection."""

    sock: socket.socket

    def renew(self) -> None: ...
    def ask(self, what: str) -> None: ...
    def whole(self, told: bytearray) -> bool: ...


class HttpLine:
    """A browser at the webmail. pane: opening asks for the pane alone, as the script does."""

    def __init__(self, browser: Browser, pane: bool) -> None:
        self._browser, self._pane = browser, pane
        self.sock = browser.sock()

    def renew(self) -> None:
        """The web server closes what was quiet for a while."""
        self._browser.close()
        self.sock = self._browser.sock()

    def ask(self, what: str) -> None:
        opening = re.search(r"/\d+\.\d+", what)
        headers = {"X-Part": "message"} if opening and self._pane else {}
        self.sock.sendall(self._browser.request("GET", what, headers))

    def whole(self, told: bytearray) -> bool:
        at = told.find(b"\r\n\r\n")
        if at < 0:
            return False
        head = bytes(told[:at]).lower()
        if not head.startswith(b"http/1.1 200"):
            raise RuntimeError(head.decode())
        found = re.search(rb"content-length: *(\d+)", head)
        return len(told) >= at + 4 + int(found[1]) if found else told.endswith(b"\r\n0\r\n\r\n")


class ImapLine:
    """A bare socket at the mail server."""

    def __init__(self, bare: Bare) -> None:
        self._bare, self._tag = bare, b""
        self.sock = bare.sock

    def renew(self) -> None:
        """Nothing to do: mail servers wait for half an hour."""

    def ask(self, what: str) -> None:
        self._tag = self._bare.send(what.encode())

    def whole(self, told: bytearray) -> bool:
        return over(told, self._tag)


@dataclass
class Person:
    """line: where to ask. deeds: what to ask, without end. later: seconds after the others begin."""

    line: Line
    deeds: Iterator[Deed]
    name: str = ""
    begun: float = 0.0
    later: float = 0.0
    told: bytearray = field(default_factory=bytearray)

    def ask(self) -> None:
        self.name, what = next(self.deeds)
        self.begun = perf_counter()
        self.say(what)

    def say(self, what: str) -> None:
        """Put it on the wire."""
        self.told.clear()
        self.line.sock.setblocking(True)
        self.line.ask(what)
        self.line.sock.setblocking(False)

    def rests(self) -> float:
        """Seconds until it asks for the next thing."""
        return 0.0

    def goes_on(self) -> bool:
        """Whether the deed has one more step, which was asked for just now."""
        return False


@dataclass
class Measured:
    """seconds: how long the loop ran. times: name of a deed -> milliseconds of each. before: the same of what was
    answered in the lead."""

    seconds: float = 0.0
    times: dict[str, list[float]] = field(default_factory=dict)
    before: dict[str, list[float]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(map(len, self.times.values()))

    def join(self, other: Measured) -> None:
        self.seconds += other.seconds
        for name, values in other.times.items():
            self.times.setdefault(name, []).extend(values)


def run(people: list[Person], seconds: float, lead: float = 0.0) -> Measured:
    """Everybody asks and waits for so long, after a lead of so many seconds. What is under way at the end is awaited
    and counted: else who waits for long would count for nothing."""
    found = Measured()
    with selectors.DefaultSelector() as selector:
        for one in people:
            one.line.renew()
            selector.register(one.line.sock, selectors.EVENT_READ, one)
        begun = perf_counter()
        start, end, waiting = begun + lead, begun + lead + seconds, len(people)
        resting = [(begun + one.later, one) for one in people]
        while waiting:
            for at, one in resting[:]:
                if perf_counter() >= at:
                    resting.remove((at, one))
                    one.ask()
            for key, _ in selector.select(0.05 if resting else 60):
                one = key.data
                if not _read(one) or one.goes_on():
                    continue
                now = perf_counter()
                times = found.times if now >= start else found.before
                times.setdefault(one.name, []).append((now - one.begun) * 1000)
                if now >= end:
                    one.line.sock.setblocking(True)
                    waiting -= 1
                    continue
                if seconds_off := one.rests():
                    resting.append((min(now + seconds_off, end), one))
                else:
                    one.ask()
        found.seconds = seconds
    return found


def _read(one: Person) -> bool:
    """Take what is there; true when the answer is whole. TLS hides octets from the selector, so it is emptied."""
    while True:
        try:
            octets = one.line.sock.recv(262144)
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        if not octets:
            raise RuntimeError("a connection ended in the middle")
        one.told += octets
        if one.line.whole(one.told):
            return True
