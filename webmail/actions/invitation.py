"""An answer to an invitation: sent like any letter, and remembered at the message, so that every device knows it."""

from __future__ import annotations

from webmail import errors
from webmail.actions import send as letters
from webmail.actions.means import Means, Sent
from webmail.imap import store
from webmail.mail import flags
from webmail.mail.draft import Draft
from webmail.mail.ids import MessageRef


def answer(means: Means, draft: Draft, ref: MessageRef, keyword: str) -> Sent:
    """Send the answer; keyword: one of flags.INVITATION, which takes the place of an earlier one.

    Raises as send does, but for NoCopy: what the buttons wrote can be written again. A mailbox that keeps no keywords,
    or cannot be written to, remembers nothing: the answer is sent all the same.
    """
    try:
        sent = letters.send(means, draft, draft_ref=None, origin=ref, forwarded=False)
    except errors.NoCopy:
        sent = letters.send(means, draft, draft_ref=None, origin=ref, forwarded=False, copy=False)
    if sent.again:
        # Another answer may have been given since, on another page.
        return sent
    try:
        with means.lease() as conn:
            others = tuple(flag for flag in flags.INVITATION if flag != keyword)
            store.change_flags(conn, ref.mailbox, ref.uidvalidity, (ref.uid,), add=(keyword,), remove=others)
    except errors.MailError:
        pass
    return sent
