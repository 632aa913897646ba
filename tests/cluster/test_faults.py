"""What happens to people who are at work: a machine dies, what all share dies, the mail server is restarted, a deploy.

SOAK_CLUSTER: seconds that each goes on (scripts/soak); without it as long as it needs to say something.
"""

from __future__ import annotations

import os
import time

import pytest
from playwright.sync_api import Browser

from tests.cluster.load import Crowd
from tests.cluster.topology import Machine, Topology
from tests.servers.people import letter

SECONDS = float(os.environ.get("SOAK_CLUSTER", "0"))
RESUMED = 5.0
"""Seconds in which a stream is there again."""

pytestmark = pytest.mark.timeout(300 + int(4 * SECONDS))


def work(least: float) -> None:
    """Let them."""
    time.sleep(max(least, SECONDS))


def test_the_stream_of_an_open_page_is_there_again_within_five_seconds(topology: Topology, browser: Browser) -> None:
    context = browser.new_context(ignore_https_errors=True, service_workers="block")
    try:
        page = context.new_page()
        person = topology.dovecot.person(topology.people[0])
        page.goto(f"{topology.url}/login")
        page.fill("#user", person.address)
        page.fill("#password", person.password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/m/INBOX")
        victim = _holder(topology.machines)
        [survivor] = [machine for machine in topology.machines if machine is not victim]
        killed = time.monotonic()
        victim.kill()
        assert _holder([survivor]) is survivor
        gone = time.monotonic() - killed
        person.append(letter("Written after the fall"))
        page.get_by_text("Written after the fall").first.wait_for(timeout=10_000)
        assert "/m/INBOX" in page.url
        print(f"\nthe stream of a browser was there again after {gone:.1f} s")
        assert gone < 5
    finally:
        context.close()
        for machine in topology.machines:
            if not machine.ready():
                machine.start()


def test_a_machine_dies_and_nobody_types_a_password(topology: Topology) -> None:
    with Crowd(topology) as crowd:
        work(3)
        victim = max(topology.machines, key=lambda machine: machine.figure("streams"))
        victim.kill()
        work(6)
        wrong = crowd.tally.wrong.total()
        count = crowd.settled()
        victim.start()
    unknown = crowd.right(count)
    print(f"\na machine died: {len(unknown)} asked about; {crowd.tally.said()}")
    assert len(unknown) <= len(crowd.users), "one of each may have been under way"
    assert crowd.tally.gaps, "somebody had a stream there"
    assert max(crowd.tally.gaps) < RESUMED, crowd.tally.said()
    assert wrong <= len(crowd.users), "one request of each may have been under way"
    assert all(count[name] <= 1 for name in crowd.tally.unsure)


def test_what_all_share_is_killed_and_comes_back(topology: Topology) -> None:
    with Crowd(topology) as crowd:
        work(2)
        topology.valkey.kill()
        time.sleep(3)
        topology.valkey.start()
        back = time.monotonic()
        while not all(machine.ready() for machine in topology.machines):
            assert time.monotonic() - back < 15
            time.sleep(0.05)
        healed = time.monotonic() - back
        work(3)
        count = crowd.settled()
    print(f"\nwhat all share was killed: ready again after {healed:.1f} s;", crowd.tally.said())
    assert not crowd.right(count)
    assert set(crowd.tally.wrong) <= {"send 503", "list 503", "form 503"}, crowd.tally.said()
    # The balancer finds out about one machine first: whoever it sends to the other in that second is not known there.
    assert crowd.tally.wrong.total() - crowd.tally.wrong["send 503"] <= 2 * len(crowd.users), "reading goes on"
    assert all(count[name] <= 1 for name in crowd.tally.unsure)


def test_the_mail_server_is_restarted(topology: Topology) -> None:
    with Crowd(topology) as crowd:
        work(2)
        topology.dovecot.halt()
        time.sleep(1)
        topology.dovecot.resume()
        time.sleep(2)
        before = crowd.tally.wrong.total()
        work(3)
        after = crowd.tally.wrong.total()
        count = crowd.settled()
    print("\nthe mail server was restarted:", crowd.tally.said())
    assert not crowd.right(count)
    assert after == before, "two seconds later all is well"


def test_a_deploy_under_load_fails_no_request(topology: Topology) -> None:
    with Crowd(topology) as crowd:
        work(1)
        for machine in topology.machines:
            machine.stop()
            machine.start()
            # What begins to serve it waits until the balancer knows, as an operator's script does.
            time.sleep(2)
        work(1)
        count = crowd.settled()
    print("\na deploy:", crowd.tally.said())
    assert not crowd.right(count)
    assert crowd.tally.wrong.total() == 0, crowd.tally.said()
    assert not crowd.tally.unsure
    assert max(crowd.tally.gaps) < RESUMED, crowd.tally.said()


def _holder(machines: list[Machine]) -> Machine:
    """The one that has the stream. This test is the first: those that nobody reads any more are found out slowly."""
    end = time.monotonic() + 20
    while True:
        for machine in machines:
            if machine.figure("streams"):
                return machine
        assert time.monotonic() < end
        time.sleep(0.1)
