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
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from webmail import errors
from webmail.actions import deeds
from webmail.actions.deeds import Step, Undone
from webmail.actions.order import Among, Apart, Order, Refused, Run, State
from webmail.imap.connection import Connection
from webmail.mail.ids import Uid

log = logging.getLogger("pennypost")

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

_REFUSALS: Final = (
    errors.MailboxMissing, errors.MailboxRebuilt, errors.MailboxReadOnly, errors.KeywordsNotKept, errors.ServerRefused,
)  # fmt: skip
"""What one folder says; the others are asked all the same."""


@dataclass(slots=True)
class Job:
    """One deed on its way, or done. owner: the sign-in. undoes: the job that this one takes back. letter: the key of
    one that was sent together with it, and waits for its seconds; unsent: it was taken back as well.

    total: None until it is known. waiting: what is left, folder by folder. steps: what was done. refused: by some of
    several folders. undone: what taking back came to so far. over: it does not run. seen: a page has told that it
    failed.
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
    waiting: list[tuple[Among, array[int]]] | None = field(default=None, repr=False)
    steps: list[Step] = field(default_factory=list, repr=False)
    refused: list[Refused] = field(default_factory=list, repr=False)
    undone: Undone = field(default_factory=Undone)
    taken_back: bool = False
    letter: str = ""
    unsent: bool = False
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
        return sum(len(uids) for _, uids in self.waiting or ()) + sum(step.size for step in self.steps)

    @property
    def folders(self) -> int:
        """In so many folders there is something to do."""
        return len(self.waiting or ())

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
        """With what is left; where it was asked, this is the yes."""
        with self._lock:
            if job.state not in (State.ASKED, State.STOPPED, State.FAILED):
                return
            job.state, job.error, job.stopping, job.run = State.RUNNING, None, False, run
            job.over.clear()
        self._workers.submit(self._work, job)

    def drop(self, job: Job) -> None:
        """It was asked, and the answer is no."""
        with self._lock:
            if job.state is State.ASKED:
                self._jobs.pop(job.token, None)

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
        mine = (job for job in reversed(self._all()) if job.owner == owner and job.state is not State.ASKED)
        return next((job for job in mine if not _old(job)), None)

    def beside(self, owner: str, letter: str) -> Job | None:
        """What this sign-in did together with sending a letter."""
        return next((job for job in self._all() if job.owner == owner and job.letter == letter), None)

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
        if job.waiting is None:
            job.waiting = self._counted(job)
            job.total = None if job.waiting is None else sum(len(uids) for _, uids in job.waiting)
            if job.waiting is None or (job.order.asks and job.total):
                job.state = State.STOPPED if job.waiting is None else State.ASKED
                return
        with self._runner(job, sum(len(uids) for _, uids in job.waiting)) as run:
            while job.waiting:
                if job.stopping:
                    job.state = State.STOPPED
                    return
                job.waiting[:1] = self._next(job, run, *job.waiting[0])
                time.sleep(_PAUSE if job.waiting else 0)
        if job.refused and not job.count:
            raise job.refused[0].error
        job.state = State.DONE

    def _counted(self, job: Job) -> list[tuple[Among, array[int]]] | None:
        """What it is about, each folder under a lease of its own; None when a person stopped that."""
        found = []
        for among in job.order.among:
            if job.stopping:
                return None
            try:
                uids = array("I", job.run(among.which))
            except _REFUSALS as error:
                self._refused(job, among, 0, error)
            else:
                found += [(among, uids)] if uids else []
        return found

    def _next(self, job: Job, run: Run, among: Among, uids: array[int]) -> list[tuple[Among, array[int]]]:
        """One set. Returns what is left of this folder."""
        try:
            self._step(job, run, among, uids[: deeds.SET])
        except _REFUSALS as error:
            self._refused(job, among, len(uids), error)
            return []
        return [(among, uids[deeds.SET :])] if len(uids) > deeds.SET else []

    def _refused(self, job: Job, among: Among, count: int, error: errors.MailError) -> None:
        """Of several folders the others come next; raises the error where there is one alone."""
        if len(job.order.among) == 1:
            raise error
        job.refused.append(Refused(among.mailbox, count, error))

    @contextmanager
    def _runner(self, job: Job, size: int) -> Iterator[Run]:
        """What runs the sets: a connection of its own when there are many, and there is one; else as every page."""
        with ExitStack() as stack:
            run = job.run
            if job.apart is not None and size > _MANY * deeds.SET:
                with suppress(errors.ServerBusy):
                    run = stack.enter_context(job.apart())
            yield run

    def _step(self, job: Job, run: Run, among: Among, part: Sequence[int]) -> None:
        steps: list[Step] = []

        def work(conn: Connection) -> None:
            # Once more on a new connection, when the kept one turned out dead: then nothing was done by the first.
            steps[:] = [Step(among.mailbox, among.uidvalidity)]
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
                job.undone += self._taken_back(job, run, undoes.steps[-1])
                undoes.steps.pop()
                time.sleep(_PAUSE if undoes.steps else 0)
        job.state = State.DONE

    def _taken_back(self, job: Job, run: Run, step: Step) -> Undone:
        try:
            return run(partial(deeds.take_back, step=step))
        except errors.MailboxMissing:
            if len(job.order.among) == 1:
                raise
            return Undone(lost=step.count)  # the folder is gone; those of the others still come back


def _old(job: Job) -> bool:
    return job.state != State.RUNNING and time.monotonic() - job.at > KEPT_SECONDS
