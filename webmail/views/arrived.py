"""What a notification of new mail says, for a page that shows one: as much as its reader chose."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, jsonify

from webmail.mail.address import for_eyes
from webmail.mail.flags import SEEN
from webmail.mail.ids import MailboxName
from webmail.web import listing, preferences, session
from webmail.web.words import _

blueprint = Blueprint("arrived", __name__)

_LONGEST: Final = 200


@blueprint.get("/arrived")
def show() -> Response:
    """{"words": sender and subject of the newest unread message in Inbox}; "" where that was not chosen, and always on
    a shared computer."""
    if session.current().shared or preferences.current().notices != "words":
        return jsonify(words="")
    found = session.borrow(lambda conn: listing.page(conn, MailboxName("INBOX"), listing.place_from({})))
    newest = max((row for row in found.rows if SEEN not in row.flags), key=lambda row: row.ref.uid, default=None)
    if newest is None:
        return jsonify(words="")
    who = for_eyes(newest.senders[0]) if newest.senders else None
    sender = (who.name or who.address) if who else _("Somebody")
    subject = newest.subject or _("no subject")
    # Translators: what a notification of new mail says.
    return jsonify(words=_("%(sender)s: %(subject)s", sender=sender, subject=subject)[:_LONGEST])
