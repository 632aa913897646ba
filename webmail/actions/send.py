"""Sending a letter: submit it once, file the copy, mark what it answers, clear its draft; in that order."""

from __future__ import annotations

import ssl
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Final

from webmail import errors, smtp
from webmail.actions import drafts, mark
from webmail.config import MailServer
from webmail.imap import append, mailboxes, search
from webmail.imap.connection import Connection
from webmail.mail import address, flags
from webmail.mail.build import build
from webmail.mail.draft import Draft
from webmail.mail.ids import MessageRef
from webmail.mail.mailbox import Role

Lease = Callable[[], AbstractContextManager[Connection]]

_Letter = tuple[str, str]
"""Login and Message-ID."""

_under_way: Final[set[_Letter]] = set()
_accepted: Final[OrderedDict[_Letter, None]] = OrderedDict()
_REMEMBERED: Final = 10_000
_guard: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class Submission:
    """How to hand mail over: server, login, password, TLS context and time limits in seconds."""

    server: MailServer
    login: str
    password: str = field(repr=False)
    context: ssl.SSLContext
    connect_timeout: float
    command_timeout: float


@dataclass(frozen=True, slots=True)
class Sent:
    """refused: recipients the server turned down while it took the others (address -> its words).

    filed: the copy is in Sent. again: the letter had been sent before, and was not sent a second time.
    """

    refused: dict[str, str] = field(default_factory=dict)
    filed: bool = True
    again: bool = False


def send(
    lease: Lease, how: Submission, draft: Draft, *, draft_ref: MessageRef | None, origin: MessageRef | None,
    forwarded: bool,
) -> Sent:  # fmt: skip
    """Send a letter. lease: lends the IMAP connection; it is not held while the submission server works.

    Raises NoRecipients, UnsafeText, AlreadySending and all that smtp.submit raises. After it returns the letter is
    sent; what goes wrong behind that point (the copy in Sent, the flag on the original) never raises.
    """
    recipients = list(dict.fromkeys(address.wire(a.address) for a in (*draft.to, *draft.cc, *draft.bcc)))
    if not recipients:
        raise errors.NoRecipients
    message = build(draft)
    letter = (how.login, draft.message_id)
    with _once(letter):
        # A draft that is still there may hold newer words than what was sent (two windows): it stays.
        if letter in _accepted or _sent_before(lease, draft.message_id):
            return Sent(again=True)
        refused = smtp.submit(
            how.server.smtp, how.login, how.password, message, address.wire(draft.sender.address), recipients,
            context=how.context, connect_timeout=how.connect_timeout, command_timeout=how.command_timeout,
        )  # fmt: skip
        _remember(letter)
        filed = _file(lease, draft, message) if how.server.sent_copy else True
    if origin is not None:
        _mark(lease, origin, forwarded)
    # An unfiled letter keeps its draft: it is then the only copy the writer has.
    if filed:
        _clear(lease, draft_ref)
    return Sent(refused, filed)


@contextmanager
def _once(letter: _Letter) -> Iterator[None]:
    """One request at a time for one letter (a double click posts twice)."""
    with _guard:
        if letter in _under_way:
            raise errors.AlreadySending
        _under_way.add(letter)
    try:
        yield
    finally:
        with _guard:
            _under_way.discard(letter)


def _remember(letter: _Letter) -> None:
    """Sent tells nothing when the copy could not be filed, or when the server files it in its own time."""
    with _guard:
        _accepted[letter] = None
        if len(_accepted) > _REMEMBERED:
            _accepted.popitem(last=False)


def _sent_before(lease: Lease, message_id: str) -> bool:
    """Back and Send again, or a reload: the copy in Sent tells."""
    with lease() as conn:
        sent = next((m.name for m in mailboxes.list_mailboxes(conn) if m.role is Role.SENT), None)
        return sent is not None and bool(search.by_message_id(conn, sent, message_id))


def _file(lease: Lease, draft: Draft, message: bytes) -> bool:
    """The Sent copy keeps Bcc, for the writer's own memory; without Bcc it is what was sent, and not built again."""
    try:
        copy = build(draft, keep_bcc=True) if draft.bcc else message
        with lease() as conn:
            folder = mailboxes.ensure(conn, Role.SENT, mailboxes.list_mailboxes(conn))
            append.append(conn, folder, copy, (flags.SEEN,), draft.date)
    except errors.MailError:
        return False
    return True


def _mark(lease: Lease, origin: MessageRef, forwarded: bool) -> None:
    try:
        with lease() as conn:
            mark.answered(conn, origin, forwarded=forwarded)
    except errors.MailError:
        return


def _clear(lease: Lease, draft_ref: MessageRef | None) -> None:
    if draft_ref is None:
        return
    try:
        with lease() as conn:
            drafts.remove(conn, draft_ref)
    except errors.MailError:
        return
