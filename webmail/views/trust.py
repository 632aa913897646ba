"""What a reader can ask and do about the sender of one message: do I know them, leave their list, send a receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webmail import errors
from webmail.actions import receipt as receipts
from webmail.imap import acquaintance, fetch, mailboxes
from webmail.imap.connection import Connection
from webmail.mail import receipt, unsubscribe
from webmail.mail.address import Address
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, MessageRef
from webmail.mail.mailbox import Mailbox
from webmail.mail.unsubscribe import Offer
from webmail.views import _sending
from webmail.web import filters, letter, limits, session
from webmail.web import trust as words
from webmail.web.converters import Pick
from webmail.web.nav import Nav, build
from webmail.web.services import services
from webmail.web.trust import MetLine
from webmail.web.words import _

blueprint = Blueprint("trust", __name__)

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class LeavePage:
    """How to leave the list. url: takes the POST when offer.one_click. message_id: of a letter to be written."""

    nav: Nav
    offer: Offer | None
    sender: str
    url: str
    back_url: str
    like_url: str
    message_id: str


@blueprint.get("/m/<mailbox:mailbox>/<pick:pick>/known")
def met(mailbox: MailboxName, pick: Pick) -> str:
    """Whether this sender is known: a line for the message page, or a page of its own."""
    ref = pick.within(mailbox)
    alone = request.headers.get("X-Part") == "met"
    line: MetLine | None = services().drawn.get(words.key(ref))
    if line is None:
        line = session.borrow(lambda conn: _met(conn, ref))
        services().drawn.put(words.key(ref), line, 2 * len(line.text))
    if alone:
        return render_template("trust/_met.html", met=line)
    nav = build(session.borrow(mailboxes.list_mailboxes), mailbox)
    back = url_for("message.show", mailbox=mailbox, pick=ref)
    return render_template("trust/met.html", met=line, page={"nav": nav, "back_url": back})


@blueprint.get("/m/<mailbox:mailbox>/<pick:pick>/unsubscribe")
def leave(mailbox: MailboxName, pick: Pick) -> str:
    """Says what leaving the list will do, and to whom it speaks; does nothing."""
    ref = pick.within(mailbox)
    header, folders = session.borrow(lambda conn: _header(conn, ref))
    page = LeavePage(
        nav=build(folders, mailbox),
        offer=unsubscribe.offer(header, services().settings.authserv_ids()),
        sender=words.first_sender(header).label,
        url=url_for("trust.leave_now", mailbox=mailbox, pick=ref),
        back_url=url_for("message.show", mailbox=mailbox, pick=ref),
        like_url=url_for("cleanup.like", mailbox=mailbox, pick=ref),
        message_id=letter.new_message_id(session.current().address),
    )
    return render_template("trust/leave.html", page=page)


@blueprint.post("/m/<mailbox:mailbox>/<pick:pick>/unsubscribe")
def leave_now(mailbox: MailboxName, pick: Pick) -> Response:
    """The one request of RFC 8058, if what it needs still holds; the result in words."""
    ref = pick.within(mailbox)
    header, _folders = session.borrow(lambda conn: _header(conn, ref))
    offer = unsubscribe.offer(header, services().settings.authserv_ids())
    if offer is None or not offer.one_click:
        flash(_("Nothing was sent: this message offers no safe way to leave by one click."))
    else:
        flash(_posted(offer))
    return redirect(url_for("message.show", mailbox=mailbox, pick=ref), 303)


@blueprint.post("/m/<mailbox:mailbox>/<pick:pick>/receipt")
def answer_receipt(mailbox: MailboxName, pick: Pick) -> Response:
    """Send the receipt that was asked for, or never (do=send, anything else)."""
    ref = pick.within(mailbox)
    if request.form.get("do") == "send":
        flash(_receipt(ref))
    else:
        session.borrow(lambda conn: fetch.message(conn, ref))
        receipts.decline(_sending.means(), ref)
        flash(_("No receipt was sent, and none will be."))
    return redirect(url_for("message.show", mailbox=mailbox, pick=ref), 303)


def _met(conn: Connection, ref: MessageRef) -> MetLine:
    sender = words.first_sender(Headers.parse(fetch.message(conn, ref).header))
    answer = acquaintance.ask(conn, ref, sender)
    return words.met(answer.before, words.resembled(sender, answer.alike))


def _header(conn: Connection, ref: MessageRef) -> tuple[Headers, tuple[Mailbox, ...]]:
    return Headers.parse(fetch.message(conn, ref).header), mailboxes.list_mailboxes(conn)


def _posted(offer: Offer) -> str:
    host, page = offer.host, _("You can try their page instead.")
    try:
        status = services().remote.post(session.current().record_key, offer.url, unsubscribe.BODY, _FORM)
    except errors.RemoteRefused:
        return _("Nothing was sent: the address that %(host)s gives is not one of the open internet.", host=host)
    except errors.MailError:
        silent = _("%(host)s did not answer as it should, so this list may still write to you.", host=host)
        return f"{silent} {page}"
    if 200 <= status < 300:
        return _("%(host)s took your wish to leave this list. It may take a day or two to have effect.", host=host)
    # Translators: status: a number of three digits (HTTP).
    sentence = _("%(host)s did not take the wish (answer %(status)s), so this list may still write to you.",
                 host=host, status=status)  # fmt: skip
    return f"{sentence} {page}"


def _receipt(ref: MessageRef) -> str:
    me = Address("", session.current().address)
    header = Headers.parse(session.borrow(lambda conn: fetch.message(conn, ref)).header)
    asked = receipt.asked(header, me.address)
    if asked is None:
        return _("This message asks for no receipt.")
    octets = receipt.notification(
        header, asked.to, me,
        # Translators: the subject of a receipt, which goes to the sender of a message.
        subject=_("Read: %(subject)s", subject=header.subject),
        text=_("Your message was shown to its reader. That does not mean that it was read or understood."),
        message_id=letter.new_message_id(me.address),
        date=datetime.now(filters.zone_of(request)),
    )  # fmt: skip
    limits.sending(1)
    try:
        sent = receipts.send(_sending.means(), ref, asked.to.address, octets)
    except errors.SubmissionUnknown:
        return _("The connection was lost at the last moment: the receipt may have been sent. It is not sent again.")
    return _("The receipt was sent.") if sent else _("This wish was answered before; nothing was sent now.")
