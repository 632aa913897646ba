"""What a person asks for, as a job takes it: which messages of which folders, and what is done to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar

from webmail import errors
from webmail.actions.deeds import Deed
from webmail.imap.connection import Connection
from webmail.mail.ids import MailboxName, Uid, UidValidity

T = TypeVar("T")


class Run(Protocol):
    """Runs work on a connection, and gives the connection back: Pool.run for one account."""

    def __call__(self, work: Callable[[Connection], T], /) -> T: ...


Apart = Callable[[], AbstractContextManager[Run]]
"""A connection of its own for a large job: Pool.apart for one account."""

Resolver = Callable[[Connection], Sequence[Uid]]
"""Says which messages a job is about, when it begins: those of a page, of a filter, of a search."""


class State(StrEnum):
    """ASKED: it is counted, and waits for a yes. FAILED: an error stopped it; STOPPED: a person did. All three can go
    on."""

    RUNNING = "running"
    ASKED = "asked"
    STOPPED = "stopped"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Among:
    """Messages of one folder."""

    mailbox: MailboxName
    uidvalidity: UidValidity
    which: Resolver = field(repr=False)


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asked for. among: folder by folder. name: of the deed, by which pages tell of it ("archive").

    about: what else there is to tell: the folder, the label, the moment; in words, or "". asks: its number is to be
    told first, and a yes waited for.
    """

    among: tuple[Among, ...]
    deed: Deed
    name: str
    about: str = ""
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """One of several folders did not let it be done. count: messages that stay as they are."""

    mailbox: MailboxName
    count: int
    error: errors.MailError
