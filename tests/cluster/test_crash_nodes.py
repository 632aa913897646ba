"""A machine is killed while it sends: another one goes on, and a letter is neither lost nor sent twice."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.crash import Nursery, Report
from tests.faults.test_crash import Bench, Case, _draft
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE
from tests.servers.submission import Submission
from tests.servers.valkey import Valkey
from webmail.journal import State

ALL = bool(os.environ.get("SOAK_SENDS"))
LEASE = 1.3
"""Seconds until the other machine knows; crash.py makes them short."""

PROMISED = ("due", "submit")
"""Killed here, a letter that waited for its Undo was promised to go, and was surely not handed over."""

CASES = [
    *(Case(kill, "ok", "ok", True) for kill in ("copied", *PROMISED, "sending", "@data", "@taken", "accepted", "file")),
    *(Case(kill, "ok", "ok", False) for kill in ("sending", "answered")),
    Case("due", "tempfail", "ok", True),
]
MORE = [
    Case(kill, smtp, "ok", held)
    for kill in ("claim", "copy", *PROMISED, "@arrived", "refused", "answered", "mark", "clear", "done")
    for smtp in ("ok", "later", "datafail", "drop")
    for held in (True, False)
]


@dataclass
class Nodes(Bench):
    """Each process is a machine of its own, with a state directory of its own."""

    valkey: Valkey = field(kw_only=True)
    count: int = 0

    def fresh(self) -> None:
        super().fresh()
        self.valkey.clear()

    def _process(self, case: Case, port: int, **more: object) -> Report:
        if more["do"] == "look":
            time.sleep(LEASE)
        self.count += 1
        state = self.folder / f"machine-{self.count}"
        shared = {"shared": self.valkey.url, "secret_key": "x" * 40}
        return self.nursery.run(
            imap_port=port, smtp_port=self.submission.port, ca_file=str(self.authority.ca_file), state_dir=str(state),
            person=self.person.login, held=case.held, settings=shared, patience=15, **more,
        )  # fmt: skip

    def _settled(self, case: Case, report: Report, message_id: str) -> None:
        with self.valkey.client as client:
            left = [value for place in client.scan_iter("pennypost:sends:*") for value in client.hvals(place)]
        states = {State(value.partition("|")[0]) for value in left}
        if states & {State.ACCEPTED, State.SENDING}:
            self.wrong.append(f"{case}: not finished by the other machine ({report.told} told)")

    def taken_over(self, case: Case) -> None:
        """What was promised goes without another word from its writer."""
        if case.kill in PROMISED and case.smtp == "ok" and case.held and len(self.submission.accepted) != 1:
            self.wrong.append(f"{case}: promised, and delivered {len(self.submission.accepted)} times")


@pytest.fixture
def nodes(
    authority: Authority, dovecot: Dovecot, submission: Submission, valkey: Valkey, tmp_path: Path
) -> Iterator[Nodes]:
    """For Alice."""
    with Nursery() as nursery:
        ports = {"ok": dovecot.port}
        person = dovecot.person(ALICE)
        yield Nodes(person, submission, dovecot, authority, ports, nursery, tmp_path, valkey=valkey)


@pytest.mark.timeout(1800 if ALL else 240)
def test_another_machine_goes_on_where_one_was_killed(nodes: Nodes) -> None:
    begun = time.monotonic()
    cases = CASES + MORE * ALL
    for case in cases:
        nodes.run(case)
        nodes.taken_over(case)
    print(f"\n{len(cases)} cases in {time.monotonic() - begun:.0f} s; {dict(nodes.outcomes.most_common())}")
    assert not nodes.wrong, "\n".join(nodes.wrong[:40])


def test_one_that_slept_through_its_lease_wakes_up_and_sends_nothing(nodes: Nodes) -> None:
    """Stopped between the journal and SMTP; the other machine says that it may have been sent, its writer insists."""
    nodes.fresh()
    case, message_id = Case("stop sending", "ok", "ok", False), "<sleeper@example.org>"
    uid = nodes.person.append(
        _draft(nodes.person.address, "ok@example.net", message_id, "words"), "Drafts", ("\\Draft", "\\Seen")
    )
    pick = f"{nodes.person.uidvalidity('Drafts')}.{uid}"
    reports: list[Report] = []
    sleeper = threading.Thread(
        target=lambda: reports.append(nodes._process(case, nodes.ports["ok"], do="send", pick=pick, kill=case.kill))
    )
    sleeper.start()
    pid = _stopped(nodes)
    with Nursery() as other:
        mine, nodes.nursery = nodes.nursery, other
        told = nodes._process(case, nodes.ports["ok"], do="look")
        assert told.told == "unknown"
        assert nodes.submission.accepted == []
        assert nodes._process(case, nodes.ports["ok"], do="again").told == "sent"
        os.kill(pid, signal.SIGCONT)
        sleeper.join(30)
        nodes.nursery = mine
    assert len(nodes.submission.accepted) == 1
    assert reports[0].told != "sent"
    assert len(nodes.person.messages("Sent")) == 1
    assert nodes.person.messages("Drafts") == []


def _stopped(nodes: Nodes) -> int:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        pid = nodes.nursery.pid
        if pid and Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T":
            return pid
        time.sleep(0.05)
    raise AssertionError("it was not stopped")
