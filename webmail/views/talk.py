"""One letter of a conversation, unfolded in its place: a document of its own, behind the same walls as every body."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from webmail import reading
from webmail.imap import fetch
from webmail.imap.connection import Connection
from webmail.mail.ids import MailboxName, MessageRef
from webmail.reading import Bodies
from webmail.web import headers, session, visit
from webmail.web.converters import Pick

blueprint = Blueprint("talk", __name__)


@blueprint.get("/m/<mailbox:mailbox>/<pick:pick>/letter")
def letter(mailbox: MailboxName, pick: Pick) -> str | Response:
    """The text of a letter; one in HTML is where its frame always is. Unfolding is reading, so it becomes \\Seen."""
    ref, reads = pick.within(mailbox), visit.marks()
    found = session.borrow(lambda conn: _read(conn, ref, reads))
    if found is None:
        return redirect(url_for("message.body", mailbox=mailbox, pick=ref), 303)
    headers.use(headers.LETTER)
    return render_template("talk/letter.html", texts=found.texts, too_large=bool(found.too_large))


def _read(conn: Connection, ref: MessageRef, reads: bool) -> Bodies | None:
    """None when there is an HTML body."""
    message = fetch.opening(conn, ref, plain=False, reads=reads)
    if reading.has_html(message):
        return None
    return reading.bodies(conn, message, plain=True, inline=lambda _: None, remote=None, own_host="")
