"""What is known of one account, shared by its connections: in memory only, bounded, and lost without loss.

Nothing here is believed by itself. A page is used under a stamp that the server confirmed in the same request
(news.py); rows, headers and structures of a message never change while UIDVALIDITY stays (RFC 9051 2.3.1.1).
"""

from __future__ import annotations

import threading
from typing import Final

from webmail.cache import BoundedCache
from webmail.imap.links import Links
from webmail.imap.log import Log
from webmail.imap.orders import Orders
from webmail.imap.pages import Pages
from webmail.mail.address import Address
from webmail.mail.ids import MailboxName, MessageRef, UidValidity
from webmail.mail.message import Message, Summary

_ROWS: Final = 256 << 10
_MESSAGES: Final = 128 << 10
_TALKS: Final = 96 << 10
_WRITERS: Final = 64 << 10
_LINKS: Final = 2 << 20
_FINDS: Final = 256 << 10
_OVERHEAD: Final = 900
"""Octets that the objects of a row or a part take besides their text (tracemalloc, CPython 3.11)."""


class State:
    """pages: lists lately shown. orders: of those that are sorted or by conversation. links: what letters name each
    other, by mailbox, where the server does not thread. writers: who wrote a letter of which nothing else was asked.
    talks: which messages hang together, by mailbox (conversation.py). finds: what was searched
    (find.py). log: what happened, for open pages. people: whom
    the account writes with (correspondents.py), None until somebody asks. apart: mailboxes where each letter is its own
    conversation. busy: jobs that change thousands of messages right now. inbox: how many messages it had when answers
    in muted conversations were looked for, None for never; quiet_to: UIDVALIDITY and UIDNEXT of that; muting: held by
    whoever is at it."""

    def __init__(self, log: Log | None = None) -> None:
        self.pages = Pages()
        self.orders = Orders()
        self.links: BoundedCache[Links] = BoundedCache(_LINKS)
        self.writers: BoundedCache[tuple[Address, ...]] = BoundedCache(_WRITERS)
        self.talks: BoundedCache[object] = BoundedCache(_TALKS)
        self.finds: BoundedCache[object] = BoundedCache(_FINDS)
        self.log = log or Log()
        self.people: object = None
        self.inbox: int | None = None
        self.quiet_to: tuple[int, int] | None = None
        self.muting = threading.Lock()
        self.busy = 0
        self.apart: dict[MailboxName, bool] = {}
        self._drawer: int | None = None
        self._shown: dict[MailboxName, UidValidity] = {}
        self._rows: BoundedCache[Summary] = BoundedCache(_ROWS)
        self._messages: BoundedCache[Message] = BoundedCache(_MESSAGES)

    def row(self, ref: MessageRef) -> Summary | None:
        """A row seen before; its flags are old."""
        return self._rows.get((ref,))

    def drawer_holds(self, messages: int | None) -> None:
        """How many messages the folder of settings has now: another number means that somebody wrote."""
        if messages is not None and self._drawer != messages:
            self._drawer = messages
            self.log.noted += 1

    def knows(self, mailbox: MailboxName, uidvalidity: UidValidity) -> bool:
        """Whether rows of this mailbox were seen lately."""
        return self._shown.get(mailbox) == uidvalidity

    def keep_row(self, row: Summary) -> None:
        """Remember a row."""
        self._shown[row.ref.mailbox] = row.ref.uidvalidity
        texts = (row.subject, row.snippet or "", row.message_id or "")
        people = (*row.senders, *row.recipients)
        size = _OVERHEAD + sum(map(len, texts)) + sum(150 + len(p.name or "") + len(p.address) for p in people)
        self._rows.put((row.ref,), row, size)

    def message(self, ref: MessageRef) -> Message | None:
        """Header and structure seen before; its flags are old."""
        return self._messages.get((ref,))

    def keep_message(self, message: Message) -> None:
        """Remember header and structure, not the parts that we had to parse out of the source ourselves."""
        if not message.repaired:
            size = len(message.header) + _OVERHEAD * sum(1 for _ in message.root.walk())
            self._messages.put((message.ref,), message, size)
