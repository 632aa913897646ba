"""The letters that begin from a message: answers, and the message passed on inside a letter or as a file of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from flask import request

from webmail import reading
from webmail.imap.connection import Connection
from webmail.languages import N_
from webmail.mail import address, parts, resend, subject
from webmail.mail.address import Address
from webmail.mail.draft import Attachment
from webmail.mail.headers import Headers
from webmail.mail.ids import WHOLE, PartId
from webmail.mail.message import Message, Part
from webmail.mail.reply import Audience, Original, forward, reply
from webmail.views import _identity, _origin
from webmail.web import filters, letter, preferences
from webmail.web.letter import Letter

TITLES: Final = {
    # Translators: the title of a page on which a letter is written; so are the next four.
    "new": N_("New message"), letter.TEMPLATE: N_("New message"),
    "reply": N_("Reply"), "reply-all": N_("Reply to all"), "reply-list": N_("Reply to list"), "forward": N_("Forward"),
}  # fmt: skip
MODES: Final = "'reply', 'reply-all', 'reply-list', 'forward', 'forward-eml', 'edit', 'template'"
AS_FILE: Final = "forward-eml"


def begin(conn: Connection, message: Message, mode: str) -> Letter:
    """The letter of this mode, not yet written anywhere. Raises the errors of the wire."""
    facts = Headers.parse(message.header)
    me = _identity.addressed(facts)
    fresh = letter.new_message_id(me.who.address)
    if mode == AS_FILE:
        # From here on it is a letter passed on like any other: it marks the original so.
        return Letter(
            subject=subject.forwarded(facts.subject), message_id=fresh, mode="forward", origin=message.ref,
            keep=(f"o{WHOLE}",), sender=me.who.address,
        )  # fmt: skip
    original = Original(facts, reading.quotable(conn, message))
    when = datetime.now(filters.zone_of(request))
    if mode == "forward":
        draft = forward(original, me.who, facts=_origin.facts(facts, when), message_id=fresh, date=when)
        files: tuple[Part, ...] = parts.choose(message.root).attachments
    else:
        mine = {person.address for person in _identity.addresses()}
        draft, files = reply(
            original, me.who, audience=Audience(mode), wrote=_origin.wrote(facts, when), message_id=fresh, date=when,
            mine=mine, signature=_identity.signature(me), below=preferences.current().answer == "below",
        ), ()  # fmt: skip
    return Letter(
        to=typed(draft.to), cc=typed(draft.cc), subject=draft.subject, body=draft.text, message_id=fresh, mode=mode,
        origin=message.ref, in_reply_to=draft.in_reply_to or "", references=draft.references,
        keep=tuple(f"o{part.id}" for part in files), sender=me.who.address,
    )  # fmt: skip


def typed(people: Sequence[Address]) -> str:
    """People as a form field holds them, domains in letters."""
    return ", ".join(address.form(address.for_eyes(person)) for person in people)


def part_of(message: Message, part_id: PartId) -> Part:
    """The part of a kept file; the message itself where that is the file. Raises PartMissing."""
    return resend.whole(message) if part_id == WHOLE else parts.find(message.root, part_id)


def attachment(part: Part, name: str, content: bytes) -> Attachment:
    """A kept file with its octets. A message that goes along whole tells nobody who got it unseen."""
    return Attachment(name, part.type, resend.public(content) if part.id == WHOLE else content)
