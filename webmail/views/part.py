"""Parts of a message as files, and its source (R7: nothing of it is ever a page of ours)."""

from __future__ import annotations

from flask import Blueprint, Response, request

from webmail import errors, reading
from webmail.imap import fetch
from webmail.imap.connection import Connection
from webmail.mail import parts
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, MessageRef, PartId
from webmail.mail.message import Message, Part
from webmail.mail.names import safe_filename
from webmail.views import _file
from webmail.web import session
from webmail.web.archive import zipped
from webmail.web.converters import Pick
from webmail.web.tiles import name_of

blueprint = Blueprint("part", __name__)


@blueprint.get("/m/<mailbox:mailbox>/<pick:pick>/part/<part:part_id>")
def show(mailbox: MailboxName, pick: Pick, part_id: PartId) -> Response:
    """A picture, PDF or text in the tab; everything else, and anything with dl=1, as a download."""
    ref = pick.within(mailbox)
    part = session.borrow(lambda conn: parts.find(fetch.message(conn, ref).root, part_id))
    if request.args.get("dl") == "1":
        return _file.saved(_file.octets(ref, part), name_of(part))
    return _file.opened(_file.octets(ref, part), part.type, name_of(part), part.charset)


@blueprint.get("/m/<mailbox:mailbox>/<pick:pick>/files.zip")
def files(mailbox: MailboxName, pick: Pick) -> Response:
    """All attachments in one archive. Raises PartMissing when there are none."""
    ref = pick.within(mailbox)
    message, attached = session.borrow(lambda conn: _listed(conn, ref))
    if not attached:
        raise errors.PartMissing
    subject = Headers.parse(message.header).subject
    name = safe_filename(f"{subject}.zip" if subject else None, "attachments.zip", "application/zip")
    entries = [(name_of(part), _file.octets(ref, part)) for part in attached]
    return _file.saved(zipped(entries, message.arrived), name, "application/zip")


@blueprint.get("/m/<mailbox:mailbox>/<pick:pick>/source.txt")
def source(mailbox: MailboxName, pick: Pick) -> Response:
    """The message as it came, as text; octets that are no UTF-8 show as replacement marks, the .eml keeps them."""
    ref = pick.within(mailbox)
    return _file.answer(_file.begun(_file.pieces(ref, None)), "text/plain; charset=utf-8", "source.txt", inline=True)


@blueprint.get("/m/<mailbox:mailbox>/<pick:pick>/eml")
def eml(mailbox: MailboxName, pick: Pick) -> Response:
    """The message as it came, as a file."""
    ref = pick.within(mailbox)
    subject = session.borrow(lambda conn: Headers.parse(fetch.message(conn, ref).header).subject)
    name = safe_filename(f"{subject}.eml" if subject else None, "message.eml", "message/rfc822")
    return _file.saved(_file.pieces(ref, None), name)


def _listed(conn: Connection, ref: MessageRef) -> tuple[Message, tuple[Part, ...]]:
    message = fetch.message(conn, ref)
    return message, reading.listed(conn, message)
