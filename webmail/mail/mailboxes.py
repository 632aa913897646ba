"""All mailboxes of an account together. Every page wants a few of them; somebody has ten thousand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Self

from webmail.mail import snoozed
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Mailbox, is_top


class Shape:
    """What does not change while only counts do: which of them are what, by position. Found out once."""

    def __init__(self, mailboxes: Iterable[Mailbox]) -> None:
        self._all = tuple(mailboxes)

    @cached_property
    def index(self) -> dict[MailboxName, int]:
        """Where each of them is."""
        return {mailbox.name: at for at, mailbox in enumerate(self._all)}

    @cached_property
    def roles(self) -> tuple[int, ...]:
        """Those with a role."""
        return tuple(at for at, mailbox in enumerate(self._all) if mailbox.role and mailbox.selectable)

    @cached_property
    def asleep(self) -> tuple[int, ...]:
        """Those that hold what is put off, and the one that they lie in."""
        return tuple(at for at, one in enumerate(self._all) if snoozed.moment(one) or snoozed.is_root(one))

    @cached_property
    def others(self) -> tuple[int, ...]:
        """The rest."""
        apart = {*self.asleep}
        return tuple(at for at, mailbox in enumerate(self._all) if not mailbox.role and at not in apart)

    @cached_property
    def plain(self) -> frozenset[int]:
        """The same, to look one up."""
        return frozenset(self.others)

    @cached_property
    def top(self) -> tuple[int, ...]:
        """Those of the rest that lie in no other."""
        return tuple(at for at in self.others if is_top(self._all[at]))

    @cached_property
    def subscribed(self) -> tuple[int, ...]:
        """Those of the rest that are subscribed to,"""
        return tuple(at for at in self.others if self._all[at].subscribed)

    @cached_property
    def subscribed_top(self) -> tuple[int, ...]:
        """and lie in no other."""
        return tuple(at for at in self.top if self._all[at].subscribed)


class Mailboxes(tuple[Mailbox, ...]):
    """In the server's order. shape: of these, or of the same with other counts."""

    shape: Shape

    def __new__(cls, mailboxes: Iterable[Mailbox] = (), shape: Shape | None = None) -> Self:
        made = super().__new__(cls, mailboxes)
        made.shape = shape or Shape(made)
        return made

    @classmethod
    def of(cls, mailboxes: Sequence[Mailbox]) -> Mailboxes:
        """The same, if it is not that already."""
        return mailboxes if isinstance(mailboxes, Mailboxes) else cls(mailboxes)

    def named(self, name: MailboxName | None) -> Mailbox | None:
        """The one of that name."""
        at = None if name is None else self.shape.index.get(name)
        return None if at is None else self[at]

    @property
    def roles(self) -> list[Mailbox]:
        """Those with a role."""
        return self.at(self.shape.roles)

    @property
    def asleep(self) -> list[Mailbox]:
        """Those that hold what is put off, and the one that they lie in."""
        return self.at(self.shape.asleep)

    def at(self, positions: Iterable[int]) -> list[Mailbox]:
        """Those that lie there."""
        return [self[at] for at in positions]
