"""A message was looked at for a while: script says so where opening alone does not mark."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from webmail.actions import mark
from webmail.mail.ids import MailboxName
from webmail.web import session
from webmail.web.converters import Pick

blueprint = Blueprint("seen", __name__)


@blueprint.post("/m/<mailbox:mailbox>/<pick:pick>/seen")
def now(mailbox: MailboxName, pick: Pick) -> Response:
    """\\Seen, and nothing to show. One that is gone meanwhile needs no mark."""
    session.borrow(lambda conn: mark.read(conn, mailbox, pick.uidvalidity, (pick.uid,)))
    return Response(status=204)
