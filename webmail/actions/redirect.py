"""Redirecting: a message goes to somebody else as it is, once, in the name of who it came from (RFC 5322 3.6.6)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime

from webmail import errors
from webmail.actions import mark, send
from webmail.actions.means import Means, Sent
from webmail.imap import append, gathered
from webmail.imap.gathered import Gathered, Rest
from webmail.journal import State, letter_key
from webmail.mail import address, resend
from webmail.mail.address import Address
from webmail.mail.draft import Octets
from webmail.mail.ids import MessageRef


def redirect(
    means: Means, ref: MessageRef, sender: Address, to: Sequence[Address], *,
    message_id: str, date: datetime, limit: int,
) -> Sent:  # fmt: skip
    """Send it on. message_id: of this deed, born with the page that asks, so that two clicks are one. limit: octets.

    No copy is filed: the message stays where it is, and is marked $Forwarded. Raises NoRecipients, TooLarge, NoRoom,
    AlreadySending, NotNoted, UnsafeText (a message that cannot go out as it is), and all that smtp.submit raises:
    nothing was sent then, but for SubmissionUnknown, after which the same page sends no second time.
    """
    specs = list(dict.fromkeys(address.wire(person.address) for person in to))
    if not specs:
        raise errors.NoRecipients
    means = replace(means, kind="redirect")
    key = letter_key(means.account, message_id)
    with send.once(means.account, key):
        if send.handed_over(means, key):
            return Sent(again=True)
        with means.lease() as conn:
            whole = gathered.source(conn, ref, limit)
        with closing(whole):
            message = _under(whole, sender, to, message_id, date)
            refused = _handed_over(means, key, message, address.wire(sender.address), specs)
        if refused is None:
            return Sent(again=True)
        means.step("mark")
        with suppress(errors.MailError), means.lease() as conn:
            mark.answered(conn, ref, forwarded=True)
        means.noted(key, State.DONE, {State.ACCEPTED})
        return Sent(refused)


def _under(whole: Gathered, sender: Address, to: Sequence[Address], message_id: str, date: datetime) -> Octets:
    """The message below its new fields."""
    try:
        header = whole.header()
    except errors.UnsafeText:
        # No body; or no header, which is refused below.
        header = next(whole.chunks(), b"")
        if len(header) < whole.size:
            raise
    rest = Rest(whole, len(header))
    if not resend.sound(rest.chunks()):
        raise errors.UnsafeText
    return append.Whole((resend.resent(header, sender, to, message_id=message_id, date=date), rest))


def _handed_over(means: Means, key: str, message: Octets, sender: str, specs: Sequence[str]) -> dict[str, str] | None:
    try:
        return send.hand_over(means, key, message, sender, specs, after=(None, State.FAILED))
    except errors.MailError:
        send.forget_failed(means, key)
        raise
