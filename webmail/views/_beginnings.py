"""How a letter begins from a message: an answer, one passed on, a template, and a draft that is taken up again."""

from __future__ import annotations

from dataclasses import replace

from webmail import reading
from webmail.imap import fetch
from webmail.imap.connection import Connection
from webmail.mail import parts
from webmail.mail.headers import Headers
from webmail.mail.ids import MessageRef
from webmail.mail.message import Message
from webmail.mail.outgoing import ORIGIN, RECEIPT, REPORT
from webmail.views import _answer, _drafts, _identity, _templates
from webmail.web import letter, session
from webmail.web.letter import TEMPLATE, Letter


def begin(conn: Connection, ref: MessageRef, mode: str) -> Letter:
    """The letter of this mode, not yet written anywhere. Raises the errors of the wire."""
    message = fetch.message(conn, ref)
    if mode not in ("edit", TEMPLATE):
        return _answer.begin(conn, message, mode)
    written = _taken_up(message, facts := Headers.parse(message.header), reading.quotable(conn, message))
    if mode == TEMPLATE:
        own = facts.message_id or "" if _templates.is_one(conn, ref) else ""
        written = _templates.begun(message, written, session.current().address, own)
    elif facts.get(letter.FORMAT) is None:
        return written
    if not (html := reading.editable(conn, message)):
        return written
    return replace(written, html=html, format="kept", rich=letter.rich_of(letter.OURS, written.body))


def _taken_up(message: Message, facts: Headers, text: str) -> Letter:
    """A draft of ours or of another program."""
    there = parts.choose(message.root)
    own = facts.message_id or letter.new_message_id(session.current().address)
    mode, origin = letter.origin_of(facts.get(ORIGIN) or "")
    return Letter(
        to=_as_typed(facts, "to"), cc=_as_typed(facts, "cc"), bcc=_as_typed(facts, "bcc"),
        subject=facts.subject, body=text.removesuffix("\n"), message_id=own, draft=message.ref, mode=mode,
        origin=origin, in_reply_to=facts.in_reply_to or "", references=facts.references,
        keep=tuple(letter.keep_of("d", part) for part in there.attachments),
        rich=_drafts.rich_of(message, there, text), sender=_identity.of_draft(facts),
        template=_template(facts), receipt=facts.get(RECEIPT) is not None, report=facts.get(REPORT) is not None,
    )  # fmt: skip


def _template(facts: Headers) -> str:
    return next(iter(letter.ids(facts.get(letter.TEMPLATE_OF) or "")), "")


def _as_typed(facts: Headers, name: str) -> str:
    return facts.get(letter.TYPED + name) or _answer.typed(facts.addresses(name))
