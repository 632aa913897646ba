"""One topology for the tests of a file; each finds both machines running."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.cluster.topology import Topology
from tests.deploy.outside import program
from tests.servers.people import Identity
from tests.servers.valkey import program as valkey_program

PEOPLE = tuple(
    Identity(f"user{number}@example.org", f"word-{number}-of-the-crowd", f"User {number}")
    for number in range(int(os.environ.get("SOAK_PEOPLE", "4")))
)


@pytest.fixture(scope="module")
def running() -> Iterator[Topology]:
    """Two machines, what they share, a mail server and the balancer."""
    program("haproxy")
    valkey_program()
    topology = Topology(PEOPLE, UNDO_SECONDS="2")
    try:
        yield topology.start()
    finally:
        topology.stop()


@pytest.fixture
def topology(running: Topology) -> Topology:
    """The same; nothing was delivered yet, and nothing is on its way."""
    running.submission.clear()
    with running.valkey.client as client:
        for place in client.scan_iter("pennypost:sends:*"):
            client.delete(place)
    return running
