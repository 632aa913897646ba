"""What the first visit, the next one and an opened letter may weigh, counted at a real browser before the production
server. The limits are those of docs/bench.md; times are measured by bench/client.py."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.flows.hands import wait_for
from tests.flows.traffic import Traffic, everyday, weight
from tests.servers.dovecot import Dovecot, free_ports
from tests.servers.people import Person
from tests.servers.submission import Submission
from tests.test_house import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHIFTS = """() => { globalThis.shifted = 0; new PerformanceObserver((list) => {
  for (const it of list.getEntries()) globalThis.shifted += it.value;
}).observe({ type: "layout-shift", buffered: true }); }"""


@pytest.fixture
def site(dovecot: Dovecot, submission: Submission, tmp_path: Path) -> Iterator[str]:
    """`python app.py`, as an administrator starts it."""
    [port] = free_ports(1)
    told = {
        "imap_host": "localhost", "imap_port": dovecot.port, "smtp_host": "localhost", "smtp_port": submission.port,
        "ca_file": dovecot.authority.ca_file, "state_dir": tmp_path / "state", "secure_cookies": "no",
        "listen": f"127.0.0.1:{port}",
    }  # fmt: skip
    others = {name: value for name, value in os.environ.items() if not name.startswith("PENNYPOST_")}
    server = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py")],
        env=others | {f"PENNYPOST_{name.upper()}": str(value) for name, value in told.items()},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert server.stdout
    assert b"listens" in server.stdout.readline()
    yield f"http://127.0.0.1:{port}"
    os.killpg(server.pid, signal.SIGTERM)
    server.wait(30)
    server.stdout.close()


def test_a_visit_stays_within_its_budget(site: str, alice: Person, page: Page) -> None:
    for number in range(60):
        alice.append(everyday(number, alice.address), flags=() if number % 10 == 9 else ("\\Seen",))
    page.add_init_script(f"({SHIFTS})()")
    wait_for(lambda: page.goto(f"{site}/login"))
    traffic = Traffic(page)
    traffic.devtools.send("Network.clearBrowserCache")
    page.goto(f"{site}/login", wait_until="networkidle")
    door = traffic.take()
    assert weight(door) <= 15, door
    assert len(door) <= 5, door

    page.get_by_label("Email address").fill(alice.address)
    page.get_by_label("Password").fill(alice.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/m/INBOX")
    expect(page.locator("[aria-keyshortcuts]").first).to_be_attached()
    page.wait_for_timeout(500)
    inbox = traffic.take()
    assert page.locator("#list .row").count() == 50
    assert weight(inbox) <= 25, inbox
    assert len(inbox) <= 4, inbox
    assert weight(door + inbox) <= 40
    assert {one.coding for one in inbox if one.method == "GET"} == {"br"}
    assert page.evaluate("shifted") <= 0.01
    assert page.evaluate("document.querySelectorAll('*').length") <= 1000

    page.reload(wait_until="load")
    page.wait_for_timeout(500)
    again = traffic.take()
    assert [one.path for one in again] == ["/m/INBOX"], "everything else is kept"
    assert 7 <= weight(again) <= 8.3, again

    page.locator("#list .row:not(.unread) .open").first.click()
    expect(page.locator("#message .conv")).to_be_visible()
    page.wait_for_timeout(500)
    opened = [one for one in traffic.take() if re.match(r"/m/INBOX/[\d.]+$", one.path)]
    assert len(opened) == 1
    assert weight(opened) <= 4, opened
    fonts = page.evaluate("document.fonts.size")
    assert fonts == 0
