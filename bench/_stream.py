"""A stream of server-sent events as a browser has it open, each event with the moment at which its last octet came."""

from __future__ import annotations

import json
import select
import socket
from collections import deque
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from bench._http import Browser


@dataclass(frozen=True)
class Event:
    """kind: its `event:`; data: its JSON; at: perf_counter() on arrival."""

    kind: str
    data: dict[str, Any]
    at: float


class Stream:
    """GET /events of a signed-in browser, on a connection of its own."""

    def __init__(self, browser: Browser, mailbox: str = "INBOX") -> None:
        self.browser, self.mailbox = browser, mailbox
        self.last_id = ""
        self.ended = False
        self._sock = socket.create_connection(("127.0.0.1", browser.port), timeout=30)
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        self._sock.sendall(browser.request("GET", f"/events?m={mailbox}", headers))
        self._wire, self._text = bytearray(), bytearray()
        self._waiting: deque[Event] = deque()
        self._head()
        # The first events can come with the head, and no selector tells of them any more.
        self._waiting.extend(self._parsed(perf_counter()))

    def fileno(self) -> int:
        return self._sock.fileno()

    def close(self) -> None:
        self._sock.close()

    def events(self) -> list[Event]:
        """What has come; waits for nothing that the selector did not promise."""
        octets = self._sock.recv(65536)
        now = perf_counter()
        self.ended = not octets
        self._wire += octets
        before = list(self._waiting)
        self._waiting.clear()
        return before + self._parsed(now)

    def _parsed(self, now: float) -> list[Event]:
        self._unwrap()
        *whole, rest = bytes(self._text).split(b"\n\n")
        self._text = bytearray(rest)
        return [event for block in whole if (event := self._event(block.decode(), now))]

    def until(self, seconds: float, kind: str) -> Event | None:
        """The next event of that kind, None when none came in time."""
        end = perf_counter() + seconds
        while True:
            while self._waiting:
                event = self._waiting.popleft()
                if event.kind == kind:
                    return event
            left = end - perf_counter()
            if left <= 0 or self.ended or not select.select([self], [], [], left)[0]:
                return None
            self._waiting.extend(self.events())

    def _head(self) -> None:
        while (at := self._wire.find(b"\r\n\r\n")) < 0:
            octets = self._sock.recv(65536)
            if not octets:
                raise RuntimeError("/events: no answer")
            self._wire += octets
        head = bytes(self._wire[:at]).lower()
        if b" 200 " not in head.split(b"\r\n")[0] or b"text/event-stream" not in head:
            raise RuntimeError(f"/events: {head[:200]!r}")
        self._chunked = b"transfer-encoding: chunked" in head
        del self._wire[: at + 4]

    def _unwrap(self) -> None:
        """Off with the chunks, when there are any."""
        if not self._chunked:
            self._text += self._wire
            self._wire.clear()
            return
        while (at := self._wire.find(b"\r\n")) >= 0:
            size = int(self._wire[:at], 16)
            if len(self._wire) < at + size + 4:
                return
            self._text += self._wire[at + 2 : at + 2 + size]
            del self._wire[: at + size + 4]

    def _event(self, block: str, now: float) -> Event | None:
        fields = dict(line.partition(":")[::2] for line in block.splitlines() if line and not line.startswith(":"))
        self.last_id = fields.get("id", self.last_id).strip()
        if "data" not in fields:
            return None
        return Event(fields.get("event", "message").strip(), json.loads(fields["data"]), now)
