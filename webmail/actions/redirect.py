"""Redirecting: a message goes to somebody else as it is, once, in the name of who it came from (RFC 5322 3.6.6)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from webmail import errors, smtp
from webmail.actions import mark
from webmail.actions.means import Lease, Sent, Submission
from webmail.imap import fetch
from webmail.mail import address, resend
from webmail.mail.address import Address
from webmail.mail.ids import MessageRef

_Letter = tuple[str, str]
"""Login and Resent-Message-ID."""

_sent: Final[OrderedDict[_Letter, bool]] = OrderedDict()
"""False while the server works on it, or when nobody knows whether it took it; True once it did."""

_REMEMBERED: Final = 10_000
_guard: Final = threading.Lock()


def redirect(
    lease: Lease, how: Submission, ref: MessageRef, sender: Address, to: Sequence[Address], *,
    message_id: str, date: datetime, limit: int,
) -> Sent:  # fmt: skip
    """Send it on. message_id: of this deed, born with the page that asks, so that two clicks are one. limit: octets.

    No copy is filed: the message stays where it is, and is marked $Forwarded. Raises NoRecipients, TooLarge,
    AlreadySending, UnsafeText (a message that cannot go out as it is), and all that smtp.submit raises: nothing was
    sent then, but for SubmissionUnknown, after which the same page sends no second time.
    """
    specs = list(dict.fromkeys(address.wire(person.address) for person in to))
    if not specs:
        raise errors.NoRecipients
    letter = (how.login, message_id)
    if not _claim(letter):
        return Sent(again=True)
    try:
        message = resend.resent(_source(lease, ref, limit), sender, to, message_id=message_id, date=date)
        refused = smtp.submit(
            how.server.smtp, how.login, how.password, message, address.wire(sender.address), specs,
            context=how.context, connect_timeout=how.connect_timeout, command_timeout=how.command_timeout,
        )  # fmt: skip
    except errors.SubmissionUnknown:
        raise
    except errors.MailError:
        _release(letter)
        raise
    _settle(letter)
    _mark(lease, ref)
    return Sent(refused)


def _source(lease: Lease, ref: MessageRef, limit: int) -> bytes:
    octets = bytearray()
    with lease() as conn:
        for chunk in fetch.source_chunks(conn, ref):
            octets += chunk
            if len(octets) > limit:
                raise errors.TooLarge
    return bytes(octets)


def _mark(lease: Lease, ref: MessageRef) -> None:
    try:
        with lease() as conn:
            mark.answered(conn, ref, forwarded=True)
    except errors.MailError:
        return


def _claim(letter: _Letter) -> bool:
    """True for the one request that does it; False when it is done. Raises AlreadySending in between."""
    with _guard:
        done = _sent.get(letter)
        if done is False:
            raise errors.AlreadySending
        if done is None:
            _sent[letter] = False
            if len(_sent) > _REMEMBERED:
                _sent.popitem(last=False)
        return done is None


def _release(letter: _Letter) -> None:
    with _guard:
        _sent.pop(letter, None)


def _settle(letter: _Letter) -> None:
    with _guard:
        _sent[letter] = True
