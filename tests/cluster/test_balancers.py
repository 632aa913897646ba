"""The balancers of deploy/: a browser stays where it is, what may have been taken is not sent twice, streams pass."""

from __future__ import annotations

import http.client
import http.server
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import balancers
from tests.deploy.outside import NAME
from tests.servers.authority import Authority


class Machine(http.server.ThreadingHTTPServer):
    """Says its name. mute: it takes requests, and hangs up. ready: what it tells who asks for that."""

    daemon_threads = True

    def __init__(self, name: str, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Answering)
        self.name, self.mute, self.ready = name, False, True
        self.taken: Counter[str] = Counter()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, *_: Any) -> None:
        """Who hangs up is no news."""

    def end(self) -> None:
        self.shutdown()
        self.server_close()


class Answering(http.server.BaseHTTPRequestHandler):
    server: Machine

    def do_GET(self) -> None:
        if self.path.startswith("/healthz"):
            self.send_response(200 if self.server.ready or self.path == "/healthz" else 503)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.server.taken[self.command] += 1
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.server.mute:
            self.close_connection = True
            return
        self.send_response(200)
        if self.path == "/events":
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("X-Accel-Buffering", "no")
            self.end_headers()
            for number in range(3):
                self.wfile.write(f"data: {number}\n\n".encode())
                self.wfile.flush()
                time.sleep(1)
            return
        told = f"{self.server.name} {self.headers['X-Forwarded-For']}".encode()
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""


@dataclass
class Site:
    """What is behind that port."""

    port: int
    authority: Authority
    machines: list[Machine]
    lines: list[http.client.HTTPSConnection] = field(default_factory=list)

    def ask(self, key: str = "", path: str = "/m/INBOX", method: str = "GET") -> tuple[int, str]:
        line = self.line()
        headers = {"Cookie": f"a=b; __Host-pennypost-key={key}; c=d", "X-Forwarded-For": "203.0.113.9"} if key else {}
        line.request(method, path, b"x=1" if method == "POST" else None, headers)
        answer = line.getresponse()
        said = answer.read().decode()
        line.close()
        return answer.status, said

    def line(self) -> http.client.HTTPSConnection:
        context = self.authority.client_context()
        return http.client.HTTPSConnection(NAME, self.port, timeout=20, context=context)


@pytest.fixture(params=["haproxy", "nginx"])
def site(request: pytest.FixtureRequest, authority: Authority, tmp_path: Path) -> Iterator[Site]:
    machines = [Machine("one"), Machine("two")]
    balancer = getattr(balancers, request.param)
    try:
        with balancer(tmp_path, authority, [machine.server_port for machine in machines]) as port:
            time.sleep(1.2)  # HAProxy has looked at both
            yield Site(port, authority, machines)
    finally:
        for machine in machines:
            machine.end()


def test_a_browser_stays_at_one_machine_and_browsers_are_spread(site: Site) -> None:
    homes = {}
    for number in range(24):
        said = {site.ask(f"key-{number}")[1] for _ in range(3)}
        assert len(said) == 1
        homes[number] = said.pop()
        assert homes[number].endswith(" 127.0.0.1"), "who asks is written over"
    spread = Counter(home.split()[0] for home in homes.values())
    assert min(spread["one"], spread["two"]) >= 4, spread
    # One goes: those of the other stay where they are, and it takes the rest, whatever they ask for.
    site.machines[0].end()
    for number, home in homes.items():
        status, now = site.ask(f"key-{number}", method="POST" if number % 2 else "GET")
        assert (status, now.split()[0]) == (200, "two")
        assert home.startswith("one") or now == home


def test_a_form_that_may_have_been_taken_is_never_sent_twice(site: Site) -> None:
    for machine in site.machines:
        machine.mute = True
    assert site.ask("some key")[0] in (502, 503)
    assert sum(machine.taken["GET"] for machine in site.machines) > 1, "a page is asked for again"
    time.sleep(3.5)  # nginx lets a machine rest that failed
    assert site.ask("some key", method="POST")[0] in (502, 503)
    assert sum(machine.taken["POST"] for machine in site.machines) == 1


def test_a_stream_passes_as_it_comes(site: Site) -> None:
    line = site.line()
    line.request("GET", "/events")
    answer = line.getresponse()
    began = time.monotonic()
    assert answer.readline() == b"data: 0\n"
    assert time.monotonic() - began < 0.8
    line.close()


def test_what_is_for_machines_inside_is_not_there(site: Site) -> None:
    assert site.ask(path="/metrics")[0] == site.ask(path="/healthz/ready")[0] == 404


@pytest.mark.parametrize("site", ["haproxy"], indirect=True)
def test_who_is_not_ready_gets_nothing_unless_nobody_is(site: Site) -> None:
    """A machine that drains; then what all share is away, and reading goes on."""
    site.machines[0].ready = False
    time.sleep(2.5)
    assert {site.ask(f"key-{number}")[1].split()[0] for number in range(12)} == {"two"}
    site.machines[1].ready = False
    time.sleep(2.5)
    assert {site.ask(f"key-{number}")[1].split()[0] for number in range(12)} == {"one", "two"}
