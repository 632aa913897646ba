"""What sending speaks of: what it takes, a letter that is claimed, and what became of it."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from webmail import errors
from webmail.config import MailServer
from webmail.imap.connection import Connection
from webmail.imap.gathered import Gathered, Rest
from webmail.journal import Journal, State, account_key
from webmail.mail.build import Content
from webmail.mail.draft import Octets
from webmail.mail.ids import MessageRef
from webmail.mail.sasl import Secret

LARGEST: Final = 256 << 20
"""Octets of a letter."""

Lease = Callable[[], AbstractContextManager[Connection]]


@dataclass(frozen=True, slots=True)
class Submission:
    """How to hand mail over: server, login, password or tokens, TLS context and time limits in seconds.

    final_timeout: for the answer to the final dot; None: as any command.
    """

    server: MailServer
    login: str
    password: Secret = field(repr=False)
    context: ssl.SSLContext
    connect_timeout: float
    command_timeout: float
    final_timeout: float | None = None


def unwatched(step: str) -> None:
    """Nobody needs to know."""


@dataclass(frozen=True, slots=True)
class Means:
    """What it takes. lease: lends the IMAP connection, which is not held while the submission server works.

    step: told the name of every step before it is taken; the tests end the process there. kind: as in account_key.
    """

    journal: Journal
    lease: Lease
    how: Submission
    step: Callable[[str], None] = unwatched
    kind: str = "account"

    @property
    def account(self) -> str:
        """The account in the journal."""
        return account_key(self.how.server.imap.host, self.how.login, self.kind)

    def noted(
        self, key: str, state: State, after: Collection[State | None], error: errors.MailError | None = None
    ) -> bool:
        """Write into the journal what has happened, which it has whether or not it can be written down."""
        why = type(error).__name__ if error else ""
        try:
            return self.journal.note(self.account, key, state, after=after, why=why) is None
        except errors.NotNoted:
            self.journal.later(self.account, key, state, after=after, why=why)
            return False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A letter that is claimed. key: in the journal. head: its header as in Drafts, with Bcc and the empty line. body:
    what lies behind that, and where. ref: its copy in Drafts, None when it goes out without one. sender, recipients: as
    SMTP takes them. origin: what it answers or passes on. report: the mail server shall tell what becomes of it. whole:
    head and body, once they were brought here; whoever has that closes it.
    """

    key: str
    message_id: str
    head: bytes = field(repr=False)
    body: tuple[Content, ...] = field(repr=False)
    sender: str
    recipients: tuple[str, ...]
    when: datetime
    ref: MessageRef | None
    origin: MessageRef | None
    forwarded: bool
    report: bool = False
    whole: Gathered | None = field(default=None, repr=False)

    @property
    def rest(self) -> tuple[Octets, ...]:
        """What lies behind the header, if it was brought here."""
        return () if self.whole is None else (Rest(self.whole, len(self.head)),)

    def close(self) -> None:
        """What was brought here goes."""
        if self.whole is not None:
            self.whole.close()


@dataclass(frozen=True, slots=True)
class Sent:
    """refused: recipients the server turned down while it took the others (address -> its words).

    filed: the copy is in Sent. again: the letter had been sent before, and was not sent a second time.
    """

    refused: dict[str, str] = field(default_factory=dict)
    filed: bool = True
    again: bool = False
