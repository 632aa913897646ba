"""Thousands of messages at once: set by set, with a stop in the middle, and back to exactly what was."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.servers.authority import Authority
from tests.servers.people import Person, letter
from webmail import errors
from webmail.actions import deeds, which
from webmail.actions.deeds import DEEDS, Deed
from webmail.actions.jobs import Job, Jobs
from webmail.actions.order import Among, Order, State
from webmail.config import Endpoint
from webmail.imap.connection import Connection
from webmail.imap.pool import Account, Pool
from webmail.mail.ids import MailboxName, Uid, UidValidity

INBOX = MailboxName("INBOX")
MANY = 5_200
MOST = Uid(2**32 - 1)


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close()


@pytest.fixture
def run(authority: Authority, alice: Person) -> Iterator[Callable[..., object]]:
    """Runs work on a pool of two connections, as the pages have it."""
    pool = Pool(connect_timeout=5, read_timeout=20)
    account = Account(Endpoint("localhost", alice.port, "implicit", authority.ca_file), alice.login, alice.password)
    yield lambda work: pool.run(account, work)
    pool.close()


def fill(person: Person, count: int) -> UidValidity:
    """Many small letters, every third read."""
    with person.imap() as client:
        for start in range(0, count, 400):
            some = [
                {"msg": letter(f"Number {n}", message_id=f"<{n}@x>"), "flags": [b"\\Seen"] if n % 3 == 0 else []}
                for n in range(start, min(count, start + 400))
            ]
            client.multiappend("INBOX", some)
    return UidValidity(person.uidvalidity())


def flags(person: Person, mailbox: str = "INBOX") -> dict[bytes, frozenset[bytes]]:
    """Message-ID -> flags, cheaply."""
    with person.imap() as client:
        client.select_folder(mailbox, readonly=True)
        found = client.fetch(client.search("ALL"), ["FLAGS", "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"])
    key = b"BODY[HEADER.FIELDS (MESSAGE-ID)]"
    return {data[key]: frozenset(data[b"FLAGS"]) - {b"\\Recent"} for data in found.values()}


def order(validity: UidValidity, deed: Deed, only: str = "all") -> Order:
    among = Among(INBOX, validity, which.whole(INBOX, validity, only, MOST))  # type: ignore[arg-type]
    return Order((among,), deed, "done")


def over(job: Job) -> Job:
    assert job.over.wait(120)
    return job


def test_thousands_are_marked_stopped_gone_on_with_moved_and_taken_back(
    jobs: Jobs, run: Callable[..., object], alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    validity = fill(alice, MANY)
    before = flags(alice)
    perform, sets = deeds.perform, []

    def watched(conn: Connection, step: deeds.Step, deed: Deed, uids: list[Uid]) -> None:
        sets.append(len(uids))
        perform(conn, step, deed, uids)
        if len(sets) == 2:
            jobs.stop(job)

    monkeypatch.setattr(deeds, "perform", watched)
    started = threading.Event()
    real = which.whole(INBOX, validity, "all", MOST)
    among = Among(INBOX, validity, lambda conn: _after(started, real, conn))
    job = jobs.start("alice", run, Order((among,), DEEDS["read"], "read"))  # type: ignore[arg-type]
    started.set()
    over(job)
    assert (job.state, job.count, job.total) == (State.STOPPED, 2000, MANY)
    assert sum(b"\\Seen" in told for told in flags(alice).values()) > MANY // 3
    assert run(lambda conn: conn.exists) is not None, "the connection is free"
    jobs.go_on(job, run)  # type: ignore[arg-type]
    over(job)
    assert (job.state, job.count, sets) == (State.DONE, MANY, [1000] * 5 + [200])
    assert all(b"\\Seen" in told for told in flags(alice).values())
    back = over(jobs.undo(job, run))  # type: ignore[arg-type]
    assert (back.state, back.undone.back, back.undone.lost) == (State.DONE, MANY, 0)
    assert flags(alice) == before, "each as it was"
    monkeypatch.setattr(deeds, "perform", perform)
    moved = over(jobs.start("alice", run, order(validity, DEEDS["archive"], "unread")))  # type: ignore[arg-type]
    assert moved.count == sum(b"\\Seen" not in told for told in before.values())
    assert len(flags(alice)) + len(flags(alice, "Archive")) == MANY
    over(jobs.undo(moved, run))  # type: ignore[arg-type]
    assert flags(alice) == before
    assert jobs.undo(moved, run).undoes is moved, "and not twice"  # type: ignore[arg-type]
    assert Counter(flags(alice)) == Counter(before)


def _after(started: threading.Event, resolver: Callable[[Connection], object], conn: Connection) -> object:
    started.wait(5)
    return resolver(conn)


def test_an_error_stops_a_job_and_what_was_done_can_be_taken_back(
    jobs: Jobs, run: Callable[..., object], alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deeds, "SET", 10)
    validity = fill(alice, 35)
    before, perform, sets = flags(alice), deeds.perform, []

    def failing(conn: Connection, step: deeds.Step, deed: Deed, uids: list[Uid]) -> None:
        sets.append(1)
        perform(conn, step, deed, uids)
        if len(sets) == 2:
            raise errors.ServerTooSlow

    monkeypatch.setattr(deeds, "perform", failing)
    job = over(jobs.start("alice", run, order(validity, DEEDS["archive"])))  # type: ignore[arg-type]
    assert (job.state, job.count) == (State.FAILED, 20)
    assert isinstance(job.error, errors.ServerTooSlow)
    over(jobs.undo(job, run))  # type: ignore[arg-type]
    assert flags(alice) == before


def test_a_large_job_starves_nobody(jobs: Jobs, run: Callable[..., object], alice: Person) -> None:
    validity = fill(alice, 2000)
    job = jobs.start("alice", run, order(validity, DEEDS["star"]))  # type: ignore[arg-type]
    waits = []
    while not job.over.is_set():
        start = time.monotonic()
        run(lambda conn: conn.noop())
        waits.append(time.monotonic() - start)
    assert max(waits, default=0) < 10, "far below the time that a request waits for a connection"
    assert job.count == 2000


def test_only_so_much_is_remembered(jobs: Jobs, run: Callable[..., object], alice: Person) -> None:
    validity = fill(alice, 1)
    made = [jobs.now("alice", run, order(validity, DEEDS[name])) for name in ("star", "unstar") * 15]  # type: ignore[arg-type]
    assert jobs.find("alice", made[0].token) is None
    assert jobs.find("alice", made[-1].token) is made[-1]
    assert jobs.find("bob", made[-1].token) is None, "R34"
    jobs.forget("alice")
    assert jobs.last("alice") is None
