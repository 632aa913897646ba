"""Redirecting one message: the page that asks to whom, and the deed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webmail import errors
from webmail.actions import redirect as redirecting
from webmail.actions.means import Sent
from webmail.imap import fetch, mailboxes
from webmail.languages import N_
from webmail.mail.address import Address, parse_typed
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, MessageRef
from webmail.views import _drafts, _sending
from webmail.web import filters, forms, letter, limits, session
from webmail.web.converters import Pick
from webmail.web.errors import sentence_for
from webmail.web.nav import Nav, build
from webmail.web.rows import NO_SUBJECT
from webmail.web.words import _, ngettext

blueprint = Blueprint("redirect", __name__)

_NOT_AS_IT_IS: Final = N_(
    "This message cannot go out as it is: it holds lines or characters that mail servers do not pass on. "
    "Forward it as an attachment instead."
)


@dataclass(frozen=True, slots=True)
class RedirectPage:
    """to: as typed. id: of this deed. problem: why nothing was sent, or ""; refused: address -> the server's words."""

    nav: Nav
    subject: str
    sender: str
    me: str
    url: str
    back_url: str
    file_url: str
    id: str
    to: str = ""
    wrong: str = ""
    problem: str = ""
    server_text: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)


@blueprint.get("/m/<mailbox:mailbox>/<pick:pick>/redirect")
def show(mailbox: MailboxName, pick: Pick) -> str:
    """Says what redirecting does, and asks to whom; does nothing."""
    return _page(pick.within(mailbox), letter.new_message_id(session.current().address))


@blueprint.post("/m/<mailbox:mailbox>/<pick:pick>/redirect")
def do(mailbox: MailboxName, pick: Pick) -> Response | tuple[str, int]:
    """Send it on; whatever fails, the page comes back with what was typed and one sentence."""
    ref = pick.within(mailbox)
    typed, given = forms.addresses(request.form, "to"), letter.message_id_of(request.form, session.current().address)
    try:
        people = parse_typed(typed)
        limits.sending(len(people))
        # Files are a third longer on their way, and there is some text.
        sent = redirecting.redirect(
            _sending.means(), ref, Address("", session.current().address), people,
            message_id=given, date=datetime.now(filters.zone_of(request)), limit=_drafts.limit() * 7 // 5,
        )  # fmt: skip
    except errors.BadAddress as error:
        return _page(ref, given, to=typed, wrong=letter.refused(error)), 400
    except errors.NoRecipients:
        return _page(ref, given, to=typed, wrong=_("Type the address of whoever should get it.")), 400
    except errors.UnsafeText:
        return _page(ref, given, to=typed, problem=_(_NOT_AS_IT_IS)), 400
    except (errors.MailboxMissing, errors.MailboxRebuilt, errors.MessageMissing, session.SessionEnded):
        raise
    except errors.MailError as error:
        return _failed(ref, given, typed, error)
    flash(_told(sent))
    return redirect(url_for("message.show", mailbox=mailbox, pick=ref), 303)


def _failed(ref: MessageRef, given: str, typed: str, error: errors.MailError) -> tuple[str, int]:
    sentence = sentence_for(error)
    refused = error.refused if isinstance(error, errors.RecipientsRefused) else {}
    words = f"{sentence.stopped} {sentence.text} {sentence.safe}"
    return _page(ref, given, to=typed, problem=words, server_text=error.server_text, refused=refused), sentence.status


def _told(sent: Sent) -> str:
    if sent.again:
        return _("This message had been redirected already; it was not sent twice.")
    if not sent.refused:
        return _("Redirected.")
    named, more = ", ".join(list(sent.refused)[:5]), len(sent.refused) - 5
    if more <= 0:
        return _("Redirected. The server refused %(people)s; everybody else will get it.", people=named)
    return ngettext(
        "Redirected. The server refused %(people)s and %(count)s more; everybody else will get it.",
        "Redirected. The server refused %(people)s and %(count)s more; everybody else will get it.",
        more,
        people=named,
    )


def _page(
    ref: MessageRef, given: str, *, to: str = "", wrong: str = "", problem: str = "", server_text: str = "",
    refused: Mapping[str, str] | None = None,
) -> str:  # fmt: skip
    header, folders = session.borrow(lambda conn: (fetch.message(conn, ref).header, mailboxes.list_mailboxes(conn)))
    facts = Headers.parse(header)
    page = RedirectPage(
        nav=build(folders, ref.mailbox),
        subject=facts.subject or _(NO_SUBJECT),
        sender=", ".join(person.label for person in facts.addresses("from")) or _("(no sender)"),
        me=session.current().address,
        url=url_for("redirect.do", mailbox=ref.mailbox, pick=ref),
        back_url=url_for("message.show", mailbox=ref.mailbox, pick=ref),
        file_url=url_for("compose.answer", mailbox=ref.mailbox, pick=ref, mode="forward-eml"),
        id=given, to=to, wrong=wrong, problem=problem, server_text=server_text, refused=refused or {},
    )  # fmt: skip
    return render_template("redirect/show.html", page=page)
