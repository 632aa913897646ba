"""Where a draft opens; its address outlives the next save, for it also says which letter that is."""

from __future__ import annotations

import re
from typing import Final

from flask import request, url_for

from webmail import errors
from webmail.actions import drafts
from webmail.mail.ids import MailboxName, MessageRef
from webmail.web import session

_OURS: Final = re.compile(r"<([0-9a-f]{32,})@")
_RANDOM: Final = re.compile(r"[0-9a-f]{32,64}")


def of_draft(ref: MessageRef, message_id: str = "") -> str:
    """The address of a draft. message_id: with it the draft is found also when it was saved again meanwhile; of that
    only our own random octets are told."""
    ours = _OURS.match(message_id)
    return url_for("compose.answer", mailbox=ref.mailbox, pick=ref, mode="edit", letter=ours and ours[1])


def onward(before: MessageRef | None, own: MessageRef | None) -> str:
    """The address of the draft behind this one; "" where there is none at all. own: where it is now."""
    ref = session.borrow(lambda conn: drafts.onward(conn, before, own)) or own
    return of_draft(ref) if ref else ""


def now(mailbox: MailboxName) -> str:
    """Where the draft of this request is now; "" when it is no longer in this folder."""
    letter = request.args.get("letter", "")
    if not _RANDOM.fullmatch(letter):
        return ""
    try:
        ref = session.borrow(lambda conn: drafts.following(conn, mailbox, letter))
    except errors.MailboxMissing:
        return ""
    return of_draft(ref, f"<{letter}@") if ref else ""
