"""A browser tab that listens to /events of the production server, as EventSource does, and that server as a process."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.servers.application import forms_of
from tests.servers.dovecot import free_ports
from tests.servers.people import Person

ROOT = Path(__file__).resolve().parent.parent.parent


class Site:
    """`python app.py` with these settings (as environment variables without their prefix), in a process of its own."""

    def __init__(self, log: Path, **settings: Any) -> None:
        [self.port] = free_ports(1)
        given = {"listen": f"127.0.0.1:{self.port}", "secure_cookies": "off"} | settings
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PENNYPOST_")}
        environ |= {f"PENNYPOST_{name.upper()}": str(value) for name, value in given.items()}
        with log.open("ab") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "app.py"],
                cwd=ROOT,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
            )
        wait_for(lambda: self.process.poll() is not None or _answers(self.port), 20)

    def stop(self) -> None:
        """As a deploy does it; the processes are gone afterwards."""
        self.process.terminate()
        self.process.wait(60)

    def used(self) -> dict[str, int]:
        """Threads and open files of all its processes."""
        main = psutil.Process(self.process.pid)
        processes = [main, *main.children(recursive=True)]
        return {
            "threads": sum(each.num_threads() for each in processes),
            "files": sum(each.num_fds() for each in processes),
        }


@dataclass(frozen=True)
class Event:
    """One event of a stream. data: its JSON."""

    name: str
    id: str
    data: dict[str, Any]


class Browser:
    """A signed-in browser: its cookie, for pages and for streams."""

    def __init__(self, port: int, person: Person) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        [form] = [form for form in forms_of(self.get("/login")) if form.action == "/login"]
        fields = form.filled(user=person.address, password=person.password)
        self._ask("POST", "/login", urllib.parse.urlencode(fields, doseq=True))

    def get(self, path: str) -> str:
        """A page; AssertionError when it does not come."""
        status, text = self._ask("GET", path)
        assert status == 200, f"{status} at {path}"
        return text

    def sign_out(self) -> None:
        """By the button of a page."""
        [form] = [form for form in forms_of(self.get("/m/INBOX")) if form.action.startswith("/logout")]
        self._ask("POST", form.action, urllib.parse.urlencode(form.filled(), doseq=True))

    def stream(self, mailbox: str = "INBOX", last: str = "", port: int = 0) -> Stream:
        """Open /events. port: of something in between."""
        headers = self._headers() | ({"Last-Event-ID": last} if last else {}) | {"Accept": "text/event-stream"}
        return Stream(port or self.port, f"/events?m={mailbox}", headers)

    def _headers(self) -> dict[str, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": cookie} if cookie else {}

    def _ask(self, method: str, path: str, body: str = "") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = self._headers() | ({"Content-Type": "application/x-www-form-urlencoded"} if body else {})
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        for value in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = value.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        text = answer.read().decode()
        connection.close()
        return answer.status, text


class Stream:
    """One connection to /events, read by a thread until it ends."""

    def __init__(self, port: int, path: str, headers: dict[str, str]) -> None:
        self.events: list[Event] = []
        self.over = False
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._connection.request("GET", path, headers=headers)
        self._socket = self._connection.sock
        self._answer = self._connection.getresponse()
        self.status = self._answer.status
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def last(self) -> str:
        """The newest id, for the next connection."""
        return next((event.id for event in reversed(self.events) if event.id), "")

    def wait(self, wanted: Callable[[Event], bool], seconds: float = 20) -> Event:
        """The first such event; TimeoutError with what came instead."""
        wait_for(lambda: self.over or any(map(wanted, self.events)), seconds, lambda: str(self.events[-8:]))
        found = next(filter(wanted, self.events), None)
        if found is None:
            raise TimeoutError(f"the stream ended after {self.events[-8:]}")
        return found

    def close(self) -> None:
        """The tab is closed."""
        if self._socket:
            try:
                self._socket.shutdown(2)
            except OSError:
                pass  # it has ended already
        self._thread.join(10)
        self._connection.close()

    def _read(self) -> None:
        told: dict[str, str] = {}
        try:
            for raw in self._answer:
                line = raw.decode().rstrip("\r\n")
                name, _, value = line.partition(":")
                if name:
                    told[name] = value.removeprefix(" ")
                elif not line:
                    if "data" in told:
                        self.events.append(Event(told.get("event", ""), told.get("id", ""), json.loads(told["data"])))
                    told = {}
        except (OSError, ValueError, http.client.HTTPException):
            pass  # cut off in the middle: over all the same
        finally:
            self.over = True


class Tab:
    """A page that stays open: when its stream ends it connects again with the last id, as EventSource does."""

    def __init__(self, browser: Browser, mailbox: str = "INBOX") -> None:
        self.browser, self.mailbox = browser, mailbox
        self.stream = browser.stream(mailbox)
        self.before: list[Event] = []

    @property
    def events(self) -> list[Event]:
        return self.before + self.stream.events

    def wait(self, wanted: Callable[[Event], bool], seconds: float = 30) -> Event:
        """The first such event, over as many connections as it takes."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = next(filter(wanted, self.events), None)
            if found:
                return found
            if self.stream.over:
                self.again()
            time.sleep(0.02)
        raise TimeoutError(str(self.events[-8:]))

    def again(self, port: int = 0) -> None:
        """A new connection, told where the old one stopped."""
        self.stream.close()
        self.before, last = self.events, next((event.id for event in reversed(self.events) if event.id), "")
        time.sleep(0.2)
        self.stream = self.browser.stream(self.mailbox, last, port)

    def close(self) -> None:
        self.stream.close()


def tells_of(uid: int, mailbox: str = "INBOX") -> Callable[[Event], bool]:
    """Whether an event says that this message came, or at least that the list is to be fetched again."""

    def told(event: Event) -> bool:
        here = event.data.get("m") == mailbox
        return here and (event.name == "changed" or (event.name == "mail" and uid in event.data.get("added", [])))

    return told


def wait_for(condition: Callable[[], object], seconds: float, what: Callable[[], str] = str) -> None:
    """TimeoutError when it does not come true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what())
        time.sleep(0.02)


def _answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        connection.request("GET", "/login")
        connection.getresponse().read()
        connection.close()
    except OSError:
        return False
    return True
