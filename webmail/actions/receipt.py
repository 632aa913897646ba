"""A receipt: sent once because a person said so, or never because they said no; kept as $MDNSent (RFC 3503), and in the
journal for mailboxes that keep no keywords."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from webmail import errors
from webmail.actions import send as letters
from webmail.actions.means import Means
from webmail.imap import fetch, store
from webmail.journal import State, letter_key
from webmail.mail import address, flags
from webmail.mail.ids import MessageRef


def answered(means: Means, ref: MessageRef, kept: flags.Flags) -> bool:
    """True when this wish was answered, or may have been: by any device, or from here. kept: flags of the message."""
    if flags.MDN_SENT in kept:
        return True
    means, key = _apart(means, ref)
    entry = means.journal.get(means.account, key)
    return entry is not None and entry.state is not State.FAILED


def decline(means: Means, ref: MessageRef) -> None:
    """No receipt, and no more questions. Raises the errors of the wire, MailboxRebuilt, MailboxMissing."""
    _mark(means, ref, True)
    means, key = _apart(means, ref)
    means.noted(key, State.DONE, {None, State.FAILED})


def send(means: Means, ref: MessageRef, to: str, message: bytes) -> bool:
    """Hand the notification over; False when the wish was answered before, here or on another device.

    The mark comes first: of two devices or two clicks at most one sends, and a receipt that may have gone out (a crash,
    or lost after the final dot) is not sent again. What surely was not sent takes the mark back and raises as
    send.hand_over does. The return path is empty, so that nothing can answer a receipt (RFC 8098 2.1).
    """
    means, key = _apart(means, ref)
    with letters.once(means.account, key):
        if letters.handed_over(means, key) or _marked(means, ref):
            return False
        _mark(means, ref, True)
        try:
            refused = letters.hand_over(means, key, message, "", [address.wire(to)], after=(None, State.FAILED))
        except (errors.AlreadySending, errors.SubmissionUnknown):
            raise
        except errors.MailError:
            letters.forget_failed(means, key)
            _mark(means, ref, False)
            raise
        means.noted(key, State.DONE, {State.ACCEPTED})
        return refused is not None


def _apart(means: Means, ref: MessageRef) -> tuple[Means, str]:
    means = replace(means, kind="receipt")
    return means, letter_key(means.account, f"{ref.mailbox}\0{ref.uidvalidity}\0{ref.uid}")


def _marked(means: Means, ref: MessageRef) -> bool:
    with means.lease() as conn:
        return flags.MDN_SENT in fetch.message(conn, ref).flags


def _mark(means: Means, ref: MessageRef, yes: bool) -> None:
    change = (flags.MDN_SENT,)
    with suppress(errors.MailboxReadOnly), means.lease() as conn:
        store.change_flags(
            conn, ref.mailbox, ref.uidvalidity, (ref.uid,), add=change if yes else (), remove=() if yes else change
        )
