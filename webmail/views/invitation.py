"""Answering an invitation: Accept, Tentative or Decline, sent to the organizer when a button is pressed (R20)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webmail import errors, reading
from webmail.actions import invitation
from webmail.actions.means import Sent
from webmail.imap import fetch, mailboxes
from webmail.imap.connection import Connection
from webmail.languages import N_
from webmail.mail import itip, parts
from webmail.mail.address import Address
from webmail.mail.build import new_message_id
from webmail.mail.calendar import Calendar, Event
from webmail.mail.draft import Alternative, Draft
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, MessageRef, PartId
from webmail.mail.mailbox import Mailbox
from webmail.mail.message import Message, Part
from webmail.sanitize import urls
from webmail.views import _sending
from webmail.web import cards, filters, forms, limits, session
from webmail.web.converters import Pick
from webmail.web.errors import ErrorPage, beside
from webmail.web.nav import Nav, build
from webmail.web.rsvp import KEYWORDS, LONGEST, Rsvp, rsvp, speaker
from webmail.web.words import _

blueprint = Blueprint("invitation", __name__)
blueprint.add_app_template_filter(urls.link, "leading")

_SUBJECTS: Final = {
    # Translators: subject of the letter to the organizer. event: what one is invited to.
    "ACCEPTED": N_("Accepted: %(event)s"),
    # Translators: the same of somebody who may come.
    "TENTATIVE": N_("Tentative: %(event)s"),
    # Translators: the same of somebody who does not come.
    "DECLINED": N_("Declined: %(event)s"),
}
_WORDS: Final = {
    # Translators: what that letter says. name: who answers.
    "ACCEPTED": N_("%(name)s accepts: %(event)s"),
    "TENTATIVE": N_("%(name)s may come to: %(event)s"),
    "DECLINED": N_("%(name)s declines: %(event)s"),
}
_TOLD: Final = {
    "ACCEPTED": N_("You accepted. Your answer was sent to the organizer."),
    "TENTATIVE": N_("You may come. Your answer was sent to the organizer."),
    "DECLINED": N_("You declined. Your answer was sent to the organizer."),
}


@dataclass(frozen=True, slots=True)
class UnsentPage:
    """The answer did not go out: why, and the form again with what was typed. refused: the server's words about it."""

    nav: Nav
    words: ErrorPage
    refused: tuple[str, ...]
    summary: str
    rsvp: Rsvp | None
    back_url: str


@blueprint.post("/m/<mailbox:mailbox>/<pick:pick>/part/<part:part_id>/answer")
def answer(mailbox: MailboxName, pick: Pick, part_id: PartId) -> Response | tuple[str, int]:
    """do=ACCEPTED, TENTATIVE or DECLINED; comment; as: one of the invited. The same form with the same words: once."""
    ref, status = pick.within(mailbox), request.form.get("do", "")
    message, part, calendar, folders = session.borrow(lambda conn: _read(conn, ref, part_id))
    header = Headers.parse(message.header)
    form = rsvp(calendar, part, ref, header, message.flags)
    if form is None or status not in KEYWORDS:
        abort(400)
    comment = forms.text(request.form, "comment").strip()[:LONGEST]
    draft = _draft(calendar, header, speaker(calendar, request.form.get("as", "")), status, comment, part_id)
    back = url_for("message.show", mailbox=mailbox, pick=ref)
    try:
        limits.sending(1)
        sent = invitation.answer(_sending.means(), draft, ref, KEYWORDS[status])
    except errors.AlreadySending:
        flash(_("This answer is on its way; it is not sent twice."))
        return redirect(back, 303)
    except errors.MailError as error:
        words, again = beside(error), replace(form, comment=comment, token=_token())
        refused = tuple(error.refused.values()) if isinstance(error, errors.RecipientsRefused) else ()
        page = UnsentPage(build(folders, mailbox), words, refused, calendar.events[0].summary, again, back)
        return render_template("invitation/unsent.html", page=page), words.status
    flash(_told(sent, status))
    return redirect(back, 303)


def _read(conn: Connection, ref: MessageRef, part_id: PartId) -> tuple[Message, Part, Calendar, tuple[Mailbox, ...]]:
    """The invitation as it lies there, never as a form says. Raises PartMissing when the part is none."""
    message = fetch.message(conn, ref)
    part = parts.find(message.root, part_id)
    told = reading.told(conn, message, (part,))
    if not told or told[0].calendar is None:
        raise errors.PartMissing
    return message, part, told[0].calendar, mailboxes.list_mailboxes(conn)


def _draft(calendar: Calendar, header: Headers, speaks: Address, status: str, comment: str, part_id: PartId) -> Draft:
    me, event = session.current().address, calendar.events[0]
    organizer = itip.answered(calendar)[0].organizer
    assert organizer is not None  # there would be no form
    now = datetime.now(filters.zone_of(request))
    octets = itip.reply(calendar, speaks, me, status, comment, now)
    # The same answer from the same form is the same letter; another choice or other words are another one.
    seed = "\0".join((_token(), header.message_id or "", part_id, speaks.address, status, comment))
    own = (header.message_id,) if header.message_id else ()
    return Draft(
        sender=Address(speaks.name if speaks.address.lower() == me.lower() else "", me),
        to=(organizer,), cc=(), bcc=(),
        subject=_(_SUBJECTS[status], event=event.summary or header.subject),
        text=_text(event, speaks, status, comment),
        in_reply_to=header.message_id,
        references=(*header.references, *own),
        message_id=new_message_id(me.rpartition("@")[2], sha256(seed.encode()).digest()[:16]),
        date=now,
        alternative=Alternative("text/calendar", (("method", "REPLY"),), octets),
    )  # fmt: skip


def _text(event: Event, speaks: Address, status: str, comment: str) -> str:
    """For organizers whose program shows no calendar: the times as they wrote them."""
    zone = event.start.tzinfo if isinstance(event.start, datetime) else None
    when = cards.when_text(event.start, event.end, zone or filters.zone_of(request))
    place = f" ({event.zone.replace('_', ' ')})" if event.zone and when else ""
    said = _(_WORDS[status], name=speaks.name or speaks.address, event=event.summary or _("(no title)"))
    lines = [said, when + place]
    return "\n".join(filter(None, lines)) + (f"\n\n{comment}" if comment else "") + "\n"


def _token() -> str:
    return request.form.get("token", "")[:64]


def _told(sent: Sent, status: str) -> str:
    if sent.again:
        return _("This answer had been sent already; it was not sent twice.")
    text = _(_TOLD[status])
    return text if sent.filed else f"{text} {_('Its copy could not be put into Sent.')}"
