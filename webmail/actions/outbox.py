"""Letters between "Send" and sending: held for a few seconds in which their writer may think again, then sent once.

The clock is here and not in the browser, which may be closed. What is held is safe in Drafts; here are only its place
and what it takes to send it: the password, in memory, until it is sent.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final

from webmail import errors, smtp
from webmail.actions import filing, recover, send
from webmail.actions.means import Means, Outgoing, Sent, Submission, unwatched
from webmail.actions.recover import OriginOf, Waiting
from webmail.config import Endpoint
from webmail.imap.pool import Account, Pool
from webmail.imap.waiting import Copy
from webmail.journal import Entry, Journal, State, account_key
from webmail.mail.ids import MessageRef

log = logging.getLogger("pennypost")

_AGAIN: Final = (5.0, 15.0, 60.0, 300.0)
"""Seconds after which a step is tried again that failed for the moment and never reached the submission server."""

_HOUR: Final = 3600.0
_MINUTE: Final = 60.0
_MOMENT: Final = 1.0
"""Seconds that a page waits to hear what the submission server can."""

_GRACE: Final = 3.0
"""Seconds that a letter waits at least which was taken over from a process that is no more: for an Undo."""

_WORKERS: Final = 16
_REMEMBERED: Final = 2000
_GONE: Final = (errors.MessageMissing, errors.MailboxMissing, errors.MailboxRebuilt)


@dataclass(frozen=True, slots=True)
class Held:
    """A letter that waits. due: by the monotonic clock. subject, to: for the eye. tries: how often it could not be read
    back from Drafts. last: its writer has signed out. taken: over from a process that is no more.
    """

    key: str
    account: Account
    how: Submission = field(repr=False)
    ref: MessageRef
    subject: str = field(repr=False)
    to: tuple[str, ...] = field(repr=False)
    due: float = 0.0
    tries: int = 0
    last: bool = False
    taken: bool = False

    @property
    def seconds(self) -> int:
        """Until it goes, never below 0."""
        return max(0, round(self.due - time.monotonic()))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a letter while its writer was elsewhere. sent: None when it was not, or nobody knows (error)."""

    key: str
    subject: str = field(repr=False)
    ref: MessageRef | None
    sent: Sent | None = None
    error: errors.MailError | None = None
    at: float = field(default_factory=time.monotonic)


class Outbox:
    """One for the whole process. step: as in Means."""

    def __init__(self, journal: Journal, pool: Pool, origin_of: OriginOf) -> None:
        self.journal = journal
        self.step: Callable[[str], None] = unwatched
        self._pool = pool
        self._origin_of = origin_of
        self._held: dict[tuple[str, str], Held] = {}
        self._working: dict[tuple[str, str], Held] = {}
        self._outcomes: OrderedDict[tuple[str, str], Outcome] = OrderedDict()
        self._offers: dict[Endpoint, tuple[smtp.Offer | None, float]] = {}
        self._swept: OrderedDict[str, float] = OrderedDict()
        self._parting: dict[str, list[Callable[[], None]]] = {}
        self._wake = threading.Condition()
        self._clock: threading.Thread | None = None
        self._closed = False
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="outbox")

    def means(self, account: Account, how: Submission) -> Means:
        """What it takes to send a letter of this account."""
        return Means(self.journal, lambda: self._pool.lease(account), how, self.step)

    def offer(self, how: Submission) -> smtp.Offer | None:
        """What the submission server can, asked for once an hour; None while it does not say, or has not said yet."""
        with self._wake:
            told, at = self._offers.get(how.server.smtp, (None, -1e9))
            if time.monotonic() - at < (_HOUR if told else _MINUTE) or self._closed:
                return told
            self._offers[how.server.smtp] = None, time.monotonic()
        asked = self._workers.submit(self._ask, how)
        with suppress(TimeoutError):
            return asked.result(_MOMENT)
        return None

    def _ask(self, how: Submission) -> smtp.Offer | None:
        with suppress(errors.MailError):
            told = smtp.offer(
                how.server.smtp, how.login, how.password, context=how.context,
                connect_timeout=how.connect_timeout, command_timeout=how.command_timeout,
            )  # fmt: skip
            with self._wake:
                self._offers[how.server.smtp] = told, time.monotonic()
            return told
        return None

    # --- held ---------------------------------------------------------------------------------------------------------

    def hold(
        self, account: Account, how: Submission, letter: Outgoing, seconds: float, subject: str, to: tuple[str, ...]
    ) -> None:
        """Send this letter, which prepare has put into Drafts, after so many seconds."""
        assert letter.ref is not None
        due = time.monotonic() + seconds
        one = Held(letter.key, account, how, letter.ref, subject, to, due)
        self._put(one)
        # Should this process die meanwhile, the next one that has its writer's password sends it.
        with suppress(errors.NotNoted):
            self.journal.promise(self._name(one)[0], letter.key, math.ceil(time.time() + seconds))

    def held(self, account: str) -> list[Held]:
        """Letters of the account (a journal key) that wait or are being handed over, the next one first."""
        with self._wake:
            mine = [one for (who, _), one in (self._held | self._working).items() if who == account]
        return sorted(mine, key=lambda one: one.due)

    @property
    def waiting(self) -> int:
        """Letters of everybody that are held."""
        return len(self._held)

    def waits(self, account: str, key: str) -> bool:
        """It can still be taken back."""
        with self._wake:
            return (account, key) in self._held

    def undo(self, account: str, key: str) -> MessageRef | None:
        """Back to a draft: where it is; None when it is not held. Raises as send.take_back does."""
        with self._wake:
            one = self._held.pop((account, key), None)
        if one is None:
            return None
        send.take_back(self.means(one.account, one.how), key, one.ref)
        return one.ref

    def undo_elsewhere(self, account: Account, how: Submission, key: str) -> MessageRef | None:
        """The same for a letter that another machine holds: the journal decides who was first. Raises the errors of the
        wire, too."""
        return recover.take_back(self.means(account, how), key)

    def now(self, account: str, key: str) -> bool:
        """Do not wait any longer. False when it is not held."""
        # A process that takes it over shall not wait for longer, either.
        with suppress(errors.NotNoted):
            self.journal.promise(account, key, int(time.time()))
        with self._wake:
            one = self._held.get((account, key))
            if one is None:
                return False
            self._held[account, key] = replace(one, due=time.monotonic())
            self._wake.notify_all()
        return True

    def leave(self, account: str, then: Callable[[], None] | None = None) -> None:
        """Its writer signs out: nobody can press Undo any more, so everything goes now, and the password with it.

        then: done beside the requests, when nothing of this account is on its way any more; it may raise MailError.
        """
        with self._wake:
            if then is not None:
                self._parting.setdefault(account, []).append(then)
            for name, one in self._held.items():
                if name[0] == account:
                    self._held[name] = replace(one, due=time.monotonic(), last=True)
            self._wake.notify_all()
            for name in [name for name in self._outcomes if name[0] == account]:
                del self._outcomes[name]
        self._part(account)

    def _part(self, account: str) -> None:
        with self._wake:
            busy = self._closed or any(who == account for who, _ in self._held | self._working)
            parting = [] if busy else self._parting.pop(account, [])
        for then in parting:
            self._workers.submit(_quietly, then)

    def close(self, seconds: float) -> None:
        """The process ends: send what is held, as its writer asked, within so many seconds. What was not begun by then
        stays a draft, and the next process says so."""
        end = time.monotonic() + seconds
        with self._wake:
            self._closed = True
            mine = list(self._held) if seconds > 0 else []
            self._wake.notify_all()
        for name in mine:
            with self._wake:
                one = self._held.pop(name, None)
                if one is not None:
                    self._working[name] = one
            if one is not None:
                self._workers.submit(self._go, name, one)
        while time.monotonic() < end and self._working:
            time.sleep(0.02)
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _name(self, one: Held) -> tuple[str, str]:
        return account_key(one.how.server.imap.host, one.how.login), one.key

    def _put(self, one: Held) -> None:
        name = self._name(one)
        with self._wake:
            self._held[name] = one
            self._outcomes.pop(name, None)
            if self._clock is None and not self._closed:
                self._clock = threading.Thread(target=self._run, name="outbox-clock", daemon=True)
                self._clock.start()
            self._wake.notify_all()

    def _run(self) -> None:
        with self._wake:
            while not self._closed:
                now = time.monotonic()
                for name in [name for name, one in self._held.items() if one.due <= now]:
                    self._working[name] = self._held.pop(name)
                    self._workers.submit(self._go, name, self._working[name])
                nearest = min((one.due for one in self._held.values()), default=now + 3600)
                self._wake.wait(max(0.0, nearest - time.monotonic()))

    def _go(self, name: tuple[str, str], one: Held) -> None:
        later = None
        try:
            later = self._sent(name, one)
        except Exception as error:
            # The place and the class, never the values (R17). The journal says what is known of the letter.
            log.error("a held letter: %s", type(error).__name__)
        finally:
            with self._wake:
                self._working.pop(name, None)
            if later is not None and not self._closed:
                self._put(later)
            elif one.last:
                self._pool.forget(one.account)
            self._part(name[0])

    def _sent(self, name: tuple[str, str], one: Held) -> Held | None:
        """Read it back, and hand it over. A letter that cannot be read for the moment is held on."""
        means = self.means(one.account, one.how)
        self.step("due")
        try:
            entry = self.journal.get(*name)
            if entry is None or entry.state is not State.HELD or not self.journal.own(entry):
                return None  # taken back on another machine, or taken over by one that took us for dead
            letter = send.read_back(means, one.ref, self._origin_of, whole=True)
            if one.taken and self._was_sent(means, letter):
                return None
        except errors.MailError as error:
            if not isinstance(error, _GONE) and (later := _later(one)):
                return later
            with suppress(errors.NotNoted):
                self.journal.note(name[0], name[1], State.FAILED, after=(State.HELD,), why=type(error).__name__)
            self._tell(name, Outcome(one.key, one.subject, one.ref, error=error))
            return None
        try:
            sent = send.submit(means, letter)
        except errors.MailError as error:
            if isinstance(error, errors.NotNoted) and (later := _later(one)):
                return later
            self._tell(name, Outcome(one.key, one.subject, one.ref, error=error))
            return None
        self._tell(name, Outcome(one.key, one.subject, one.ref, sent=sent))
        if not sent.filed and not one.last:
            self._finish_later(one)
        return None

    def _finish_later(self, one: Held) -> None:
        """Copy, mark and draft once more while we still can; after that, when the writer is here again."""
        timer = threading.Timer(_AGAIN[0], lambda: self._swept_by(one.account, one.how))
        timer.daemon = True
        timer.start()

    def _was_sent(self, means: Means, letter: Outgoing) -> bool:
        """The journal may have lost its last steps: the mailbox remembers too."""
        with means.lease() as conn:
            there = send.in_sent(conn, letter.message_id)
        if there:
            means.journal.note(means.account, letter.key, State.ACCEPTED, after=(State.HELD,))
            filing.finish(means, letter)
            letter.close()
        return there

    def _swept_by(self, account: Account, how: Submission) -> None:
        with suppress(errors.MailError):
            self.sweep(account, how)

    # --- what is told -------------------------------------------------------------------------------------------------

    def _tell(self, name: tuple[str, str], outcome: Outcome) -> None:
        with self._wake:
            self._outcomes[name] = outcome
            while len(self._outcomes) > _REMEMBERED:
                self._outcomes.popitem(last=False)

    def outcomes(self, account: str) -> list[Outcome]:
        """What became of letters of this account, oldest first."""
        with self._wake:
            return [outcome for (who, _), outcome in self._outcomes.items() if who == account]

    def dismiss(self, account: str, key: str) -> None:
        """Its writer has read what became of it."""
        with self._wake:
            self._outcomes.pop((account, key), None)

    # --- recovery -----------------------------------------------------------------------------------------------------

    def sweep(self, account: Account, how: Submission) -> list[Waiting]:
        """See to what an earlier process left, and tell what is left. Raises as recover.sweep does."""

        def take_over(key: str, entry: Entry, copy: Copy) -> None:
            seconds = max(_GRACE, entry.due - time.time())
            to = tuple(person.label for person in copy.header.addresses("To"))
            due = time.monotonic() + seconds
            self._put(Held(key, account, how, copy.ref, copy.header.subject, to, due, taken=True))

        return recover.sweep(self.means(account, how), self._origin_of, take_over)

    def sweep_soon(self, account: Account, how: Submission, every: float = _MINUTE) -> None:
        """The same beside the requests, at most once in so many seconds."""
        name = account_key(how.server.imap.host, how.login)
        with self._wake:
            if time.monotonic() - self._swept.get(name, -1e9) < every or self._closed:
                return
            self._swept[name] = time.monotonic()
            self._swept.move_to_end(name)
            if len(self._swept) > _REMEMBERED:
                self._swept.popitem(last=False)
        self._workers.submit(self._swept_by, account, how)

    def again(self, account: Account, how: Submission, ref: MessageRef) -> Sent:
        """Hand over a letter that lies in Drafts, because its writer says so: not sent yet, or perhaps.

        Raises what send.read_back and send.submit raise.
        """
        means = self.means(account, how)
        letter = send.read_back(means, ref, self._origin_of)
        with means.lease() as conn:
            there = send.in_sent(conn, letter.message_id)
        if there:
            means.journal.note(means.account, letter.key, State.ACCEPTED, after=(State.UNKNOWN, State.HELD))
            filing.finish(means, letter)
            return Sent(again=True)
        return send.submit(means, letter, after=self.asked_for(means.account, letter.key))

    def asked_for(self, account: str, key: str) -> tuple[State, ...]:
        """What a person may insist on: one that may have been sent stays such a one until it is known."""
        entry = self.journal.get(account, key)
        if entry is not None and entry.state is State.UNKNOWN:
            return (State.UNKNOWN,)
        return (State.HELD, State.FAILED)

    def settle(self, account: Account, how: Submission, ref: MessageRef) -> bool:
        """Its writer knows that it was sent. Raises what send.read_back and send.settle raise."""
        means = self.means(account, how)
        return send.settle(means, send.read_back(means, ref, self._origin_of))


def _quietly(work: Callable[[], None]) -> None:
    try:
        work()
    except errors.MailError as error:
        log.warning("after a sign-out: %s", type(error).__name__)


def _later(one: Held) -> Held | None:
    """The same letter, to be tried again in a while; None when that was done often enough."""
    if one.tries >= len(_AGAIN):
        return None
    return replace(one, due=time.monotonic() + _AGAIN[one.tries], tries=one.tries + 1)
