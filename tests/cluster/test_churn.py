"""Faults one after the other while people work, for SOAK_CHURN seconds (scripts/soak)."""

from __future__ import annotations

import os
import random
import time
from collections import Counter

import pytest

from tests.cluster.load import Crowd
from tests.cluster.topology import Topology

SECONDS = float(os.environ.get("SOAK_CHURN", "0"))
PAUSE = 12.0
"""Seconds of work between two faults: a lease is over then, and all is well again."""

pytestmark = [
    pytest.mark.skipif(not SECONDS, reason="scripts/soak runs it: SOAK_CHURN"),
    pytest.mark.timeout(int(SECONDS) + 600),
]


def _killed(topology: Topology) -> None:
    victim = random.choice(topology.machines)
    victim.kill()
    time.sleep(8)
    victim.start()


def _frozen(topology: Topology) -> None:
    """A machine sleeps for longer than its lease, and goes on as if nothing had been."""
    victim = random.choice(topology.machines)
    victim.freeze()
    time.sleep(9)
    victim.thaw()


def _unshared(topology: Topology) -> None:
    topology.valkey.kill()
    time.sleep(2)
    topology.valkey.start()


def _without_mail(topology: Topology) -> None:
    topology.dovecot.halt()
    time.sleep(1)
    topology.dovecot.resume()


def _deployed(topology: Topology) -> None:
    for machine in topology.machines:
        machine.stop()
        machine.start()
        time.sleep(2)


FAULTS = {
    "a machine is killed": _killed, "a machine sleeps": _frozen, "what all share is killed": _unshared,
    "the mail server is away": _without_mail, "a deploy": _deployed,
}  # fmt: skip


def test_many_faults_lose_no_letter_and_send_none_twice(topology: Topology) -> None:
    seen: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    with Crowd(topology) as crowd:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            for name, fault in FAULTS.items():
                before = crowd.tally.wrong.total()
                fault(topology)
                time.sleep(PAUSE)
                seen[name] += 1
                wrong[name] += crowd.tally.wrong.total() - before
                assert all(machine.ready() for machine in topology.machines), name
        count = crowd.settled()
    unknown = crowd.right(count)
    print(
        f"\n{dict(seen)}\nnot answered as they should: {dict(wrong)}\n{len(unknown)} asked about; {crowd.tally.said()}"
    )
    assert len(unknown) <= (seen["a machine is killed"] + seen["a machine sleeps"]) * len(crowd.users)
    assert all(count[name] <= 1 for name in crowd.tally.unsure)
