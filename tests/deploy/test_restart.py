"""A deploy: the server ends and starts anew on a socket that stays, as under systemd, while people work."""

from __future__ import annotations

import contextlib
import http.client
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from tests.deploy.outside import ROOT, environment
from tests.servers.people import Person, letter
from tests.servers.submission import Submission
from tests.web.every import token_of
from webmail.config import Settings

_HANDED = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.executable, [sys.executable, "-m", "webmail", "serve"])
"""


@dataclass
class Unit:
    """What pennypost.socket and pennypost.service do: each process is handed a socket of ours (sd_listen_fds)."""

    settings: Settings
    log: Path
    socket: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0), backlog=512))
    process: subprocess.Popen[bytes] | None = None
    tree: Path = ROOT

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    def start(self) -> None:
        wanted = environment(self.settings, self.port, SECURE_COOKIES="0", PROXY_HOPS="0", UNDO_SECONDS="30")
        number = self.socket.fileno()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _HANDED, str(number)], cwd=self.tree, env=wanted, pass_fds=[number],
                stdout=log, stderr=log,
            )  # fmt: skip

    def stop(self) -> float:
        """Seconds until it was gone. It ended by itself."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(45) == 0, self.log.read_text(errors="replace")
        return time.monotonic() - began


@pytest.fixture
def unit(settings: Settings, tmp_path: Path) -> Iterator[Unit]:
    made = Unit(settings, tmp_path / "served.log")
    made.start()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop()
    made.socket.close()


class Reader:
    """A connection for each request, as deploy/nginx.conf makes them."""

    def __init__(self, port: int, person: Person) -> None:
        self.port, self.cookies = port, dict[str, str]()
        token = token_of(self.ask("/login")[1])
        status, _ = self.ask("/login", csrf_token=token, user=person.address, password=person.password)
        assert status == 303

    def ask(self, path: str, **form: str) -> tuple[int, str]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(line):
            body = urllib.parse.urlencode(form)
            headers = {
                "Cookie": self.cookie(),
                "Host": f"localhost:{self.port}",
                "Origin": f"http://localhost:{self.port}",
            }
            if form:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            line.request("POST" if form else "GET", path, body or None, headers)
            answer = line.getresponse()
            text = answer.read().decode()
            for cookie in answer.headers.get_all("Set-Cookie") or []:
                name, _, value = cookie.partition(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, text

    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def send(self, to: str, subject: str) -> int:
        token = token_of(self.ask("/write")[1])
        return self.ask("/write", csrf_token=token, do="send", to=to, subject=subject, body="Words")[0]

    @contextmanager
    def stream(self) -> Iterator[http.client.HTTPResponse]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(line):
            line.request("GET", "/events?m=INBOX", headers={"Cookie": self.cookie(), "Host": f"localhost:{self.port}"})
            yield line.getresponse()


@dataclass
class Load:
    """Somebody who asks for the inbox again and again."""

    reader: Reader
    over: threading.Event
    statuses: list[int | str] = field(default_factory=list)
    longest: float = 0.0

    def __call__(self) -> None:
        while not self.over.is_set():
            began = time.monotonic()
            try:
                self.statuses.append(self.reader.ask("/m/INBOX")[0])
            except (OSError, http.client.HTTPException) as error:
                self.statuses.append(type(error).__name__)
            self.longest = max(self.longest, time.monotonic() - began)


@pytest.mark.slow
def test_a_deploy_fails_no_request_loses_no_letter_and_streams_go_on(
    unit: Unit, alice: Person, bob: Person, submission: Submission
) -> None:
    alice.append(letter("Hello"))
    readers = [Reader(unit.port, person) for person in (alice, alice, bob)]
    over = threading.Event()
    loads = [Load(reader, over) for reader in readers]
    threads = [threading.Thread(target=load) for load in loads]
    for thread in threads:
        thread.start()
    try:
        time.sleep(1)
        for turn in range(2):
            subject = f"Held {turn}"
            assert readers[0].send("charlie@example.org", subject) == 303
            with readers[0].stream() as stream:
                assert stream.status == 200
                seconds = unit.stop()
                rest = stream.read().decode()
            assert "restart" in rest, "it ends with a word, and browsers come back by themselves"
            assert [one for one in submission.accepted if subject.encode() in one.raw], "sent before it ended"
            unit.start()
            began = time.monotonic()
            with readers[0].stream() as stream:
                assert stream.status == 200
                back = time.monotonic() - began
            print(f"stopped in {seconds:.1f} s, streams back {back:.1f} s after the start")
            assert back < 15
        time.sleep(1)
    finally:
        over.set()
        for thread in threads:
            thread.join(60)
    statuses = [status for load in loads for status in load.statuses]
    print(f"{len(statuses)} requests, the longest {max(load.longest for load in loads):.1f} s")
    assert [status for status in statuses if status != 200] == []
    assert len(statuses) > 20
    assert len(submission.accepted) == 2


@pytest.mark.slow
def test_when_the_parent_is_killed_its_worker_sends_what_is_held_and_goes(
    unit: Unit, alice: Person, submission: Submission
) -> None:
    reader = Reader(unit.port, alice)
    assert reader.send("charlie@example.org", "Held") == 303
    assert unit.process is not None
    [worker] = psutil.Process(unit.process.pid).children()
    with reader.stream() as stream:
        unit.process.kill()
        unit.process.wait()
        assert "restart" in stream.read().decode()
    worker.wait(20)
    assert len(submission.accepted) == 1
