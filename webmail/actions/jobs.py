"""What was done to messages, or is being done: set by set, so that nobody waits for it, and kept for undo.

In memory only. A job that the end of this process cuts short has done whole sets, or nothing, to each message; what is
left of it is seen in the folder. Nothing of it can be undone then but by hand.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Final, Protocol, TypeVar

from webmail import errors
from webmail.actions import deeds
from webmail.actions.deeds import Deed, Step, Undone
from webmail.imap.connection import Connection
from webmail.mail.ids import MailboxName, Uid, UidValidity

log = logging.getLogger("pennypost")
T = TypeVar("T")

KEPT_SECONDS: Final = 3600.0
"""How long something can be undone."""

_OF_ONE: Final = 20
_UIDS: Final = 4_000_000
"""Jobs of one sign-in, and UIDs of all jobs together (4 octets each); the oldest are forgotten first."""

_MANY: Final = 2
"""Sets beyond which a job dials a connection of its own."""

_WORKERS: Final = 8
_PAUSE: Final = 0.002
"""Seconds between two sets: who waits for the connection wakes up in them."""


class Run(Protocol):
    """Runs work on a connection, and gives the connection back: Pool.run for one account."""

    def __call__(self, work: Callable[[Connection], T], /) -> T: ...


Apart = Callable[[], AbstractContextManager[Run]]
"""A connection of its own for a large job: Pool.apart for one account."""

Resolver = Callable[[Connection], Sequence[Uid]]
"""Says which messages a job is about, when it begins: those of a page, of a filter, of a search."""


class State(StrEnum):
    """FAILED: an error stopped it; STOPPED: a person did. Both can go on."""

    RUNNING = "running"
    STOPPED = "stopped"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asked for. done: how it is told afterwards ("moved to Archive")."""

    mailbox: MailboxName
    uidvalidity: UidValidity
    deed: Deed
    done: str
    which: Resolver = field(repr=False)


@dataclass(slots=True)
class Job:
    """One deed on its way, or done. owner: the sign-in. undoes: the job that this one takes back.

    total: None until it is known. steps: what was done. undone: what taking back came to so far. over: it does not run.
    seen: a page has told that it failed.
    """

    token: str
    owner: str
    order: Order
    run: Run = field(repr=False)
    apart: Apart | None = field(repr=False)
    at: float
    undoes: Job | None = None
    state: State = State.RUNNING
    error: errors.MailError | None = None
    total: int | None = None
    waiting: array[int] | None = field(default=None, repr=False)
    steps: list[Step] = field(default_factory=list, repr=False)
    undone: Undone = field(default_factory=Undone)
    taken_back: bool = False
    stopping: bool = False
    seen: bool = False
    over: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def count(self) -> int:
        """Messages that the deed was done to (or undone for)."""
        return self.undone.back if self.undoes else sum(step.count for step in self.steps)

    @property
    def gone(self) -> int:
        """Messages that were no longer there."""
        return self.undone.lost if self.undoes else sum(step.gone for step in self.steps)

    @property
    def size(self) -> int:
        """UIDs that it keeps."""
        return len(self.waiting or ()) + sum(step.size for step in self.steps)

    @property
    def can_undo(self) -> bool:
        """Whether there is something to take back, and nobody is at it."""
        return self.undoes is None and not self.taken_back and self.state != State.RUNNING and self._has_any

    @property
    def _has_any(self) -> bool:
        return deeds.can_undo(self.steps)


class Jobs:
    """One for the whole process. Safe between threads."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="jobs")
        self._closed = False

    # --- doing --------------------------------------------------------------------------------------------------------

    def now(self, owner: str, run: Run, order: Order) -> Job:
        """Do it before this returns. Raises the error that stopped it; what was done until then can be undone."""
        job = self._kept(Job(secrets.token_hex(16), owner, order, run, None, time.monotonic()))
        self._work(job)
        if job.error is not None:
            raise job.error
        return job

    def start(self, owner: str, run: Run, order: Order, apart: Apart | None = None) -> Job:
        """Do it beside the requests."""
        job = self._kept(Job(secrets.token_hex(16), owner, order, run, apart, time.monotonic()))
        self._workers.submit(self._work, job)
        return job

    def undo(self, job: Job, run: Run, apart: Apart | None = None) -> Job:
        """Take a job back, beside the requests when it is a large one. Raises as now does.

        A job that is already being taken back gives that one, and one that was stopped in it goes on.
        """
        with self._lock:
            before = next((one for one in self._jobs.values() if one.undoes is job), None)
            if before is None:
                back = Job(secrets.token_hex(16), job.owner, job.order, run, apart, time.monotonic(), undoes=job)
                back.total = sum(step.count for step in job.steps)
                job.taken_back = True
                self._jobs[back.token] = back
        if before is not None:
            return before
        if back.total is not None and back.total > deeds.SET:
            self._workers.submit(self._work, back)
            return back
        self._work(back)
        if back.error is not None:
            self._again(job, back)
            raise back.error
        return back

    def _again(self, job: Job, back: Job) -> None:
        """It did not come to its end: it can be tried again."""
        with self._lock:
            job.taken_back = False
            self._jobs.pop(back.token, None)

    def stop(self, job: Job) -> None:
        """After the set under way."""
        job.stopping = True

    def go_on(self, job: Job, run: Run) -> None:
        """With what is left."""
        with self._lock:
            if job.state not in (State.STOPPED, State.FAILED):
                return
            job.state, job.error, job.stopping, job.run = State.RUNNING, None, False, run
            job.over.clear()
        self._workers.submit(self._work, job)

    def close(self) -> None:
        """The process ends: nothing new begins, each job stops after its set."""
        self._closed = True
        for job in self._all():
            job.stopping = True
        self._workers.shutdown(wait=True, cancel_futures=True)

    # --- what is known ------------------------------------------------------------------------------------------------

    def find(self, owner: str, token: str) -> Job | None:
        """The job of this sign-in; another's is None, as is one that is forgotten."""
        with self._lock:
            job = self._jobs.get(token)
        return job if job is not None and job.owner == owner and not _old(job) else None

    def last(self, owner: str) -> Job | None:
        """What this sign-in did last."""
        return next((job for job in reversed(self._all()) if job.owner == owner and not _old(job)), None)

    def forget(self, owner: str) -> None:
        """The sign-in ended. What is under way comes to its end, as its reader asked."""
        with self._lock:
            for job in [job for job in self._jobs.values() if job.owner == owner and job.state != State.RUNNING]:
                del self._jobs[job.token]
            self._turns.pop(owner, None)

    def _all(self) -> list[Job]:
        with self._lock:
            return list(self._jobs.values())

    def _kept(self, job: Job) -> Job:
        with self._lock:
            self._jobs[job.token] = job
            self._make_room(job.owner)
        return job

    def _make_room(self, owner: str) -> None:
        mine = [job for job in self._jobs.values() if job.owner == owner and job.state != State.RUNNING]
        for job in [*mine[: -_OF_ONE or None], *(job for job in self._jobs.values() if _old(job))]:
            self._jobs.pop(job.token, None)
        size = sum(job.size for job in self._jobs.values())
        for job in list(self._jobs.values()):
            if size <= _UIDS:
                return
            if job.state != State.RUNNING:
                size -= job.size
                del self._jobs[job.token]

    # --- the work -----------------------------------------------------------------------------------------------------

    def _work(self, job: Job) -> None:
        """Until it is done, stopped, or an error comes. One at a time of each sign-in."""
        with self._lock:
            turn = self._turns.setdefault(job.owner, threading.Lock())
        with turn:
            try:
                self._sets(job)
            except errors.MailError as error:
                job.state, job.error = State.FAILED, error
            except Exception as error:
                # The place and the class, never the values (R17).
                log.error("a job: %s", type(error).__name__)
                job.state, job.error = State.FAILED, errors.MailError()
            finally:
                job.over.set()
                with self._lock:
                    self._make_room(job.owner)

    def _sets(self, job: Job) -> None:
        if job.undoes is not None:
            self._back(job, job.undoes)
            return
        order = job.order
        if job.waiting is None:
            job.waiting = array("I", job.run(order.which))
            job.total = len(job.waiting)
        with self._runner(job, len(job.waiting)) as run:
            for part in list(_parts(job.waiting)):
                if job.stopping:
                    job.state = State.STOPPED
                    return
                self._step(job, run, part)
                job.waiting = job.waiting[len(part) :]
                time.sleep(_PAUSE if job.waiting else 0)
        job.state = State.DONE

    @contextmanager
    def _runner(self, job: Job, size: int) -> Iterator[Run]:
        """What runs the sets: a connection of its own when there are many, and there is one; else as every page."""
        with ExitStack() as stack:
            run = job.run
            if job.apart is not None and size > _MANY * deeds.SET:
                with suppress(errors.ServerBusy):
                    run = stack.enter_context(job.apart())
            yield run

    def _step(self, job: Job, run: Run, part: Sequence[int]) -> None:
        steps: list[Step] = []

        def work(conn: Connection) -> None:
            # Once more on a new connection, when the kept one turned out dead: then nothing was done by the first.
            steps[:] = [Step(job.order.mailbox, job.order.uidvalidity)]
            deeds.perform(conn, steps[0], job.order.deed, [Uid(uid) for uid in part])

        try:
            run(work)
        finally:
            job.steps += steps

    def _back(self, job: Job, undoes: Job) -> None:
        """The last set first."""
        with self._runner(job, job.total or 0) as run:
            while undoes.steps:
                if job.stopping:
                    job.state = State.STOPPED
                    return
                job.undone += run(partial(deeds.take_back, step=undoes.steps[-1]))
                undoes.steps.pop()
                time.sleep(_PAUSE if undoes.steps else 0)
        job.state = State.DONE


def _parts(uids: array[int]) -> Iterable[array[int]]:
    for start in range(0, len(uids), deeds.SET):
        yield uids[start : start + deeds.SET]


def _old(job: Job) -> bool:
    return job.state != State.RUNNING and time.monotonic() - job.at > KEPT_SECONDS
