"""A remote picture of a letter, fetched by us: its host sees this server, and nothing of the reader (R5, R23)."""

from __future__ import annotations

from flask import Blueprint, Response

from webmail import errors, reading
from webmail.imap import fetch
from webmail.imap.connection import Connection
from webmail.mail.ids import MailboxName, MessageRef
from webmail.web import consent, headers, session
from webmail.web.converters import Pick
from webmail.web.origin import own_host
from webmail.web.pictures import Remotes, kept
from webmail.web.services import services

blueprint = Blueprint("image", __name__)


@blueprint.get("/m/<mailbox:mailbox>/<pick:pick>/image/<int:number>")
def show(mailbox: MailboxName, pick: Pick, number: int) -> Response:
    """Only pictures that this letter names, only with the consent that its page gave. What cannot be had is no picture
    and no page, for nobody reads it."""
    headers.use(headers.PART)
    ref = pick.within(mailbox)
    if not consent.given(ref):
        return Response(status=404)
    found = kept(ref, True)
    urls = found[1] if found else session.borrow(lambda conn: _urls(conn, ref))
    if number >= len(urls):
        return Response(status=404)
    try:
        # Behind the lease: a slow host holds no connection to the mail server.
        picture = services().remote.picture(session.current().record_key, urls[number])
    except errors.RemoteBusy:
        return Response(status=503, headers={"Retry-After": "2"})
    except (errors.RemoteRefused, errors.RemoteFailed):
        return Response(status=404)
    return Response(picture.content, content_type=picture.type)


def _urls(conn: Connection, ref: MessageRef) -> tuple[str, ...]:
    """The body made room for another: clean it once more, for the same numbers."""
    remotes = Remotes(ref)
    reading.html_body(conn, fetch.message(conn, ref), inline=lambda _: None, remote=remotes, own_host=own_host())
    return remotes.urls
