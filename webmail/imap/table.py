"""The mailboxes of an account as one connection knows them. What it has heard goes in; pages get all of them, and what
did not change is not put together again for each."""

from __future__ import annotations

from collections.abc import Iterable

from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Mailbox, is_drawer
from webmail.mail.mailboxes import Mailboxes, Shape


class Table(dict[MailboxName, Mailbox]):
    """As LIST gave them. drawers: the folder of the account's settings. counted: names of those whose numbers are
    known."""

    def __init__(self, mailboxes: Iterable[Mailbox]) -> None:
        super().__init__((mailbox.name, mailbox) for mailbox in mailboxes)
        self.drawers = tuple(name for name, mailbox in self.items() if is_drawer(mailbox))
        self.counted = {name for name, mailbox in self.items() if mailbox.messages is not None}
        self._all = Mailboxes(self._shown())

    def __setitem__(self, name: MailboxName, mailbox: Mailbox) -> None:
        """Only counts change; a mailbox that is made, renamed or deleted makes a new table."""
        if self.get(name) == mailbox:
            return
        super().__setitem__(name, mailbox)
        if mailbox.messages is not None:
            self.counted.add(name)
        self._old = True

    _old = False

    def all(self) -> Mailboxes:
        """Without the folder of settings."""
        if self._old:
            self._all, self._old = Mailboxes(self._shown(), self.shape), False
        return self._all

    @property
    def shape(self) -> Shape:
        """Of all()."""
        return self._all.shape

    def _shown(self) -> Iterable[Mailbox]:
        if not self.drawers:
            return self.values()
        return (mailbox for name, mailbox in self.items() if name not in self.drawers)
