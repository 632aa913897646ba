"""More people wait for a slow mail server than there are threads: the people of another one are served all the same."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.deploy.outside import served
from tests.deploy.test_restart import Reader
from tests.faults.box import PLAIN, Box
from tests.faults.test_hanging import somebody
from tests.servers.answers import Stall, authenticate
from tests.servers.dovecot import free_ports
from tests.servers.people import Person, letter
from tests.servers.scripted import Scripted
from webmail.config import Settings
from webmail.lanes import SLOW

THREADS, PATIENCE = 8, 6
"""Of the web server, and seconds that it waits for an answer."""


def inbox(reader: Reader) -> tuple[int, float, str]:
    """Status, seconds and page."""
    began = time.monotonic()
    status, page = reader.ask("/m/INBOX")
    return status, time.monotonic() - began, page


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
    with served(settings, tmp_path / "served.log", port, PROXY_HOPS="0", TRUSTED_HOSTS="", **site):
        near = Reader(port, alice)
        assert "First" in inbox(near)[2]
        crowd = [Reader(port, somebody(number)) for number in range(THREADS * 2)]
        for one in crowd:
            assert inbox(one)[0] == 200
        far.answers |= {name: Stall() for name in ("SELECT", "EXAMINE", "NOOP", "LIST", "UID FETCH", "FETCH")}
        early, late = crowd[: THREADS * 3 // 4], crowd[THREADS * 3 // 4 :]
        told: list[tuple[int, float, str]] = []
        waiting = [threading.Thread(target=lambda one=one: told.append(inbox(one))) for one in early]
        for thread in waiting:
            thread.start()
        time.sleep(SLOW + 0.5)
        assert "First" in inbox(near)[2]
        for one in early:
            status, seconds, page = inbox(one)
            assert (status, seconds < SLOW) == (504, True)
            assert "Try again in a moment." in page
        assert not told, "they would have been answered by now"
        status, seconds, page = inbox(near)
        assert (status, seconds < SLOW, "First" in page) == (200, True, True)
        for thread in waiting:
            thread.join(60)
        assert [status for status, _, _ in told] == [504] * len(early)
        far.answers |= box.answers
        for one in (*early, *late):
            assert inbox(one)[0] == 200
