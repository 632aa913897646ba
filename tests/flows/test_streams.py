"""Streams of events survive what happens to connections, and leave nothing behind: against the production server.

SOAK_RECONNECTS: how many times a stream is left and opened again (scripts/soak); without it twenty.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.flows.tabs import Browser, Site, Tab, tells_of, wait_for
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person, letter
from tests.servers.proxy import Proxy

RECONNECTS = int(os.environ.get("SOAK_RECONNECTS", "20"))

TURN = 10
"""Streams that are left at once: the server keeps the threads that it needed for most of them at a time."""

TURN = 20
"""Streams that are left at once: the server keeps the threads that it needed for most of them at a time."""

Start = Callable[[int], Site]


@pytest.fixture
def site(authority: Authority, tmp_path: Path) -> Iterator[Start]:
    """Starts the production server in front of an IMAP port: site(dovecot.port)."""
    started: list[Site] = []

    def start(imap_port: int) -> Site:
        started.append(
            Site(
                tmp_path / "site.log", imap_host="localhost", imap_port=imap_port, ca_file=authority.ca_file,
                state_dir=tmp_path / "state", connect_timeout=5, command_timeout=5,
            )
        )  # fmt: skip
        return started[-1]

    yield start
    for each in started:
        each.stop()


@pytest.fixture
def tab(site: Start, dovecot: Dovecot, alice: Person) -> Iterator[Tab]:
    """Alice's inbox, open in a tab that has had its first counts."""
    opened = Tab(Browser(site(dovecot.port).port, alice))
    opened.wait(lambda event: event.name == "counts")
    yield opened
    opened.close()


def test_the_mail_server_restarts_and_the_tab_hears_on(tab: Tab, dovecot: Dovecot, alice: Person) -> None:
    dovecot.restart()
    tab.wait(tells_of(alice.append(letter("After the restart"))))
    assert "After the restart" in tab.browser.get("/m/INBOX")


def test_the_connections_are_kicked_and_the_tab_hears_on(tab: Tab, dovecot: Dovecot, alice: Person) -> None:
    for number in range(3):
        dovecot.kick(alice)
        tab.wait(tells_of(alice.append(letter(f"After kick {number}"))))


def test_what_came_while_a_tab_was_away_is_told_when_it_returns(tab: Tab, alice: Person) -> None:
    tab.wait(tells_of(alice.append(letter("Before"))))
    tab.stream.close()
    missed = alice.append(letter("While away"))
    tab.again()
    tab.wait(tells_of(missed))


def test_a_laptop_sleeps_and_wakes_on_another_network(
    site: Start, dovecot: Dovecot, alice: Person, proxy: Callable[[int], Proxy]
) -> None:
    """Its old connection is half open: nobody tells the server that it is gone."""
    port = site(dovecot.port).port
    between = proxy(port)
    tab = Tab(Browser(port, alice))
    tab.close()
    tab.again(between.port)
    tab.wait(lambda event: event.name == "counts")
    between.lose()
    missed = [alice.append(letter(f"Asleep {number}")) for number in range(3)]
    tab.again()
    for uid in missed:
        tab.wait(tells_of(uid))
    tab.wait(tells_of(alice.append(letter("Awake"))))
    tab.close()


def test_a_forgotten_imap_connection_is_noticed(
    site: Start, dovecot: Dovecot, alice: Person, proxy: Callable[[int], Proxy]
) -> None:
    """The web server was suspended, or a NAT box between forgot: nothing ever comes on the old connections."""
    between = proxy(dovecot.port)
    tab = Tab(Browser(site(between.port).port, alice))
    tab.wait(lambda event: event.name == "counts")
    between.lose()
    missed = alice.append(letter("Into the void"))
    # Whoever looks at a page makes the server find out; without that it may take it minutes.
    assert "Into the void" in tab.browser.get("/m/INBOX")
    tab.wait(tells_of(missed))
    tab.wait(tells_of(alice.append(letter("Heard again"))))
    tab.close()


def test_a_deploy_ends_streams_politely(site: Start, dovecot: Dovecot, alice: Person) -> None:
    served = site(dovecot.port)
    stream = Browser(served.port, alice).stream()
    stream.wait(lambda event: event.name == "counts")
    served.stop()
    assert stream.wait(lambda event: event.name == "ended").data == {"why": "restart"}
    wait_for(lambda: stream.over, 5)
    stream.close()


def test_signing_out_ends_the_streams_of_this_sign_in(tab: Tab, dovecot: Dovecot, alice: Person) -> None:
    tab.browser.sign_out()
    assert tab.stream.wait(lambda event: event.name == "ended").data == {"why": "signed-out"}
    wait_for(lambda: tab.stream.over, 5)
    wait_for(lambda: dovecot.sessions(alice) == 0, 10)


@pytest.mark.timeout(120 + 2 * RECONNECTS)
def test_reconnects_leave_no_thread_no_socket_and_no_imap_connection(
    site: Start, dovecot: Dovecot, alice: Person
) -> None:
    served = site(dovecot.port)
    browser = Browser(served.port, alice)
    tab = Tab(browser)

    def settled() -> dict[str, int]:
        return served.used() | {"imap": dovecot.sessions(alice)}

    _turns(tab, alice, TURN)
    before = settled()
    for _ in range(RECONNECTS // TURN):
        _turns(tab, alice, TURN)
    most = {name: number + 2 for name, number in before.items()}
    wait_for(lambda: all(settled()[name] <= most[name] for name in most), 40, lambda: f"{before} became {settled()}")
    print(f"streams: {RECONNECTS} reconnects, {before} before, {settled()} after")
    tab.close()


def _turns(tab: Tab, alice: Person, count: int) -> None:
    """Leave and return so many times; then enough happens that the server finds out who has left."""
    for _ in range(count):
        _leave_and_return(tab, alice)
    for number in range(3):
        tab.wait(tells_of(alice.append(letter(f"Still here {number}"))))


def _leave_and_return(tab: Tab, alice: Person) -> None:
    tab.close()
    tab.before = []
    tab.again()
    tab.wait(lambda event: event.name in ("counts", "ended"))
