"""What happened lately in one account, numbered, for everybody who listens: the pages that a person has open."""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from webmail.mail.flags import Flags
from webmail.mail.ids import MailboxName, Uid, UidValidity

_REMEMBERED: Final = 200


@dataclass(frozen=True, slots=True)
class Counts:
    """A mailbox has so many messages, so many of them unread; None where the server did not say."""

    mailbox: MailboxName
    unseen: int | None
    messages: int | None


@dataclass(frozen=True, slots=True)
class Mail:
    """What changed in a mailbox, exactly. flags: all flags that these messages have now."""

    mailbox: MailboxName
    uidvalidity: UidValidity
    added: tuple[Uid, ...] = ()
    flags: Mapping[Uid, Flags] = field(default_factory=dict)
    removed: tuple[Uid, ...] = ()


@dataclass(frozen=True, slots=True)
class Changed:
    """Something changed in a mailbox; what, the server did not say."""

    mailbox: MailboxName


@dataclass(frozen=True, slots=True)
class Folders:
    """Mailboxes were made, renamed or deleted."""


Event = Counts | Mail | Changed | Folders


class Log:
    """Safe between threads. Writing costs nothing while nobody listens, and then nothing is kept.

    epoch: a random word; numbers of another epoch mean nothing here. noted: grows when the folder of the account's
    settings may have changed.
    """

    def __init__(self) -> None:
        self.epoch = secrets.token_hex(4)
        self.listeners = 0
        self.noted = 0
        self._changed = threading.Condition()
        self._events: deque[tuple[int, Event]] = deque(maxlen=_REMEMBERED)
        self._last = 0
        self._nudges = 0
        self._counts: dict[MailboxName, Counts] = {}

    @property
    def last(self) -> int:
        """Number of the newest event."""
        return self._last

    def tell(self, event: Event) -> None:
        """Append an event and wake who waits."""
        if not self.listeners:
            return
        with self._changed:
            self._last += 1
            self._events.append((self._last, event))
            self._changed.notify_all()

    def count(self, mailbox: MailboxName, unseen: int | None, messages: int | None) -> bool:
        """Note the counts of a mailbox, and tell them when they are news. True when they are."""
        if not self.listeners:
            self._counts.clear()
            return False
        counts = Counts(mailbox, unseen, messages)
        with self._changed:
            before = self._counts.get(mailbox)
            self._counts[mailbox] = counts
        if before is None or before == counts:
            return False
        self.tell(counts)
        return True

    def missed(self, mailbox: MailboxName, messages: int) -> bool:
        """Whether the last count of a mailbox was another one: something happened there while it was not open."""
        with self._changed:
            before = self._counts.get(mailbox)
        return before is not None and before.messages != messages

    def knows(self, number: int) -> bool:
        """Whether everything after this number is still here."""
        with self._changed:
            return number == self._last or bool(self._events and self._events[0][0] <= number + 1 <= self._last)

    def after(self, number: int, seconds: float) -> list[tuple[int, Event]]:
        """The events after a number, waiting for one; empty when time is up or somebody nudged."""
        end = time.monotonic() + seconds
        with self._changed:
            nudges = self._nudges
            while self._last <= number and nudges == self._nudges:
                left = end - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            return [pair for pair in self._events if pair[0] > number]

    def nudge(self) -> None:
        """Wake all listeners, so that they look whether they are still wanted."""
        with self._changed:
            self._nudges += 1
            self._changed.notify_all()
