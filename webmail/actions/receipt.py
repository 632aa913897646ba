"""A receipt: sent once because a person said so, or never because they said no; kept as $MDNSent (RFC 3503)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Final

from webmail import errors, smtp
from webmail.actions.means import Lease, Submission
from webmail.imap import fetch, store
from webmail.mail import address, flags
from webmail.mail.ids import MessageRef

_Letter = tuple[str, MessageRef]
_answered: Final[OrderedDict[_Letter, None]] = OrderedDict()
_REMEMBERED: Final = 10_000
_guard: Final = threading.Lock()


def answered(login: str, ref: MessageRef, kept: flags.Flags) -> bool:
    """True when this wish was answered: by any device, or by this process where the mailbox keeps no keywords."""
    return flags.MDN_SENT in kept or (login, ref) in _answered


def decline(lease: Lease, login: str, ref: MessageRef) -> None:
    """No receipt, and no more questions. Raises the errors of the wire, MailboxRebuilt, MailboxMissing."""
    if _claim((login, ref)):
        _mark(lease, ref, True)
        _settle(lease, (login, ref))


def send(lease: Lease, how: Submission, ref: MessageRef, to: str, message: bytes) -> bool:
    """Hand the notification over; False when the wish was answered before, here or on another device.

    The mark comes first: of two devices or two clicks at most one sends, and a receipt that may have gone out (lost
    after the final dot) is not sent again. What surely was not sent takes the mark back and raises as smtp.submit does.
    The return path is empty, so that nothing can answer a receipt (RFC 8098 2.1).
    """
    letter = (how.login, ref)
    if not _claim(letter):
        return False
    try:
        if _marked(lease, ref):
            _release(letter)
            return False
        _mark(lease, ref, True)
        smtp.submit(
            how.server.smtp, how.login, how.password, message, "", [address.wire(to)],
            context=how.context, connect_timeout=how.connect_timeout, command_timeout=how.command_timeout,
        )  # fmt: skip
    except errors.SubmissionUnknown:
        raise
    except errors.MailError:
        _release(letter)
        _mark(lease, ref, False)
        raise
    _settle(lease, letter)
    return True


def _claim(letter: _Letter) -> bool:
    with _guard:
        if letter in _answered:
            return False
        _answered[letter] = None
        if len(_answered) > _REMEMBERED:
            _answered.popitem(last=False)
        return True


def _release(letter: _Letter) -> None:
    with _guard:
        _answered.pop(letter, None)


def _settle(lease: Lease, letter: _Letter) -> None:
    """What the mailbox itself remembers need not be remembered here."""
    try:
        if _marked(lease, letter[1]):
            _release(letter)
    except errors.MailError:
        return


def _marked(lease: Lease, ref: MessageRef) -> bool:
    with lease() as conn:
        return flags.MDN_SENT in fetch.message(conn, ref).flags


def _mark(lease: Lease, ref: MessageRef, yes: bool) -> None:
    change = (flags.MDN_SENT,)
    try:
        with lease() as conn:
            store.change_flags(
                conn, ref.mailbox, ref.uidvalidity, (ref.uid,), add=change if yes else (), remove=() if yes else change
            )
    except errors.MailboxReadOnly:
        return
