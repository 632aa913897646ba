"""More people wait for a slow mail server than there are threads: the people of another one are served all the same."""

from __future__ import annotations

import http.cookiejar
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.deploy.outside import served
from tests.faults.box import PLAIN, Box
from tests.servers.answers import Stall, authenticate
from tests.servers.application import forms_of
from tests.servers.dovecot import free_ports
from tests.servers.people import Person, letter
from tests.servers.scripted import Scripted
from webmail.config import Settings
from webmail.lanes import SLOW

THREADS, PATIENCE = 8, 6
"""Of the web server, and seconds that it waits for an answer."""


class Reader:
    """A browser without script at a site that is served by the real server."""

    def __init__(self, port: int) -> None:
        self._site = f"http://127.0.0.1:{port}"
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)

    def get(self, path: str, form: dict[str, str] | None = None) -> tuple[int, float, str]:
        """Status, seconds and page."""
        began = time.monotonic()
        data = urllib.parse.urlencode(form).encode() if form else None
        try:
            with self._opener.open(self._site + path, data, timeout=60) as answer:
                return answer.status, time.monotonic() - began, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, time.monotonic() - began, error.read().decode()

    def sign_in(self, address: str, password: str) -> tuple[int, float, str]:
        form = next(form for form in forms_of(self.get("/login")[2]) if form.action == "/login")
        return self.get("/login", {"csrf_token": form.value("csrf_token"), "user": address, "password": password})


def test_people_of_a_server_that_hangs_take_no_more_than_three_of_four_threads(
    settings: Settings, tmp_path: Path, scripted: Callable[..., Scripted], alice: Person
) -> None:
    """Without lanes.py the second half of the crowd took the last threads, and alice waited as long as they did."""
    alice.append(letter("First"))
    box = Box([1])
    far = scripted(box.answers | {"AUTHENTICATE": authenticate}, capabilities=PLAIN)
    config = tmp_path / "pennypost.toml"
    config.write_text(f'command_timeout = {PATIENCE}\n[domains."slow.example"]\nimap_port = {far.port}\n', "utf-8")
    [port] = free_ports(1)
    site = {"CONFIG": str(config), "THREADS": str(THREADS), "STREAMS": "0", "SECURE_COOKIES": "0"}
    with served(replace(settings), tmp_path / "served.log", port, PROXY_HOPS="0", TRUSTED_HOSTS="", **site):
        near = Reader(port)
        near.sign_in(alice.address, alice.password)
        crowd = [Reader(port) for _ in range(THREADS * 2)]
        for number, one in enumerate(crowd):
            assert one.sign_in(f"guest{number}@slow.example", "secret")[0] == 200
        far.answers |= {name: Stall() for name in ("SELECT", "EXAMINE", "NOOP", "LIST", "UID FETCH", "FETCH")}
        early, late = crowd[: THREADS * 3 // 4], crowd[THREADS * 3 // 4 :]
        told: list[tuple[int, float, str]] = []
        waiting = [threading.Thread(target=lambda one=one: told.append(one.get("/m/INBOX"))) for one in early]
        for thread in waiting:
            thread.start()
        time.sleep(SLOW + 0.5)
        assert "First" in near.get("/m/INBOX")[2]
        for one in early:
            status, seconds, page = one.get("/m/INBOX")
            assert (status, seconds < SLOW) == (504, True)
            assert "Try again in a moment." in page
        assert not told, "they would have been answered by now"
        status, seconds, page = near.get("/m/INBOX")
        assert (status, seconds < SLOW, "First" in page) == (200, True, True)
        for thread in waiting:
            thread.join(60)
        assert [status for status, _, _ in told] == [504] * len(early)
        far.answers |= box.answers
        for one in (*early, *late):
            assert one.get("/m/INBOX")[0] == 200
