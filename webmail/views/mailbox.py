"""One folder: its list of messages. What is done to them is in act.py."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from flask import (
    Blueprint,
    get_flashed_messages,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response

from webmail import errors
from webmail.actions import mute
from webmail.imap import mailboxes
from webmail.imap.connection import Connection
from webmail.imap.fetch import Page
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Role
from webmail.mail.mailboxes import Mailboxes
from webmail.views import _sending, _snooze
from webmail.web import listing, session
from webmail.web.errors import ErrorPage, beside, mail_error
from webmail.web.nav import Nav, build
from webmail.web.rows import Choice, ListPane
from webmail.web.words import _

blueprint = Blueprint("mailbox", __name__)

# Without script a list can be asked for by the clock. The wish is in the address, and these addresses pass it on.
_TIMED: Final = frozenset({"mailbox.show", "act.do", "message.show"})
_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class MailboxPage:
    """The folder page: folders, list, and an empty reading pane. timer: the link that starts or ends the clock."""

    nav: Nav
    list: ListPane
    timer: Choice | None


@dataclass(frozen=True, slots=True)
class MissingPage:
    """The folder is gone; here are the others. notice: what the last action did, which it may have been about."""

    nav: Nav
    words: ErrorPage
    notice: str | None


@blueprint.app_errorhandler(errors.MailboxMissing)
def missing(error: errors.MailboxMissing) -> tuple[str, int]:
    """Renamed or deleted by another device, or a wrong address."""
    try:
        nav = build(session.borrow(mailboxes.list_mailboxes))
    except errors.MailError:
        return mail_error(error)
    flashed = [str(text) for text in get_flashed_messages()]
    page = MissingPage(nav, beside(error), flashed[-1] if flashed else None)
    return render_template("mailbox/missing.html", page=page), page.words.status


@blueprint.get("/")
def home() -> Response:
    """The inbox; its name is fixed (RFC 9051 5.1)."""
    return redirect(url_for("mailbox.show", mailbox=MailboxName("INBOX")), 303)


@blueprint.get("/m/<mailbox:mailbox>")
def show(mailbox: MailboxName) -> str | Response:
    """Folders and one page of the list; a page that has become empty is no page, so the newest one is shown.

    "X-Part: folders" and "X-Part: list" ask for one of the two alone.
    """
    part = request.headers.get("X-Part")
    if part == "folders":
        return render_template("mailbox/_folders.html", nav=build(session.borrow(mailboxes.list_mailboxes), mailbox))
    place = listing.place_from(request.args)
    # The folder first: then its own number in the list of folders is not older than its rows.
    page, folders = session.borrow(lambda conn: _listed(conn, mailbox, place))
    if _snooze.woken(folders):
        page, folders = session.borrow(lambda conn: _listed(conn, mailbox, place))
    if not page.rows and not page.pins and (place.before or place.after):
        return redirect(url_for("mailbox.show", mailbox=mailbox, **place.first().query()), 303)
    pane = listing.pane(folders, page, place, current=None)
    here = folders.named(mailbox)
    if pane.total and here is not None and here.role is Role.DRAFTS:
        # A copy that waits here although the journal was lost: somebody should be asked about it.
        _sending.look_again()
    shown = MailboxPage(build(folders, mailbox), pane, _timer(mailbox, place))
    if part == "list":
        return render_template("mailbox/_list.html", page=shown, list=pane, beside=False)
    response = make_response(render_template("mailbox/show.html", page=shown))
    if _timed():
        response.headers["Refresh"] = str(_SECONDS)
    return response


def _listed(conn: Connection, mailbox: MailboxName, place: listing.Place) -> tuple[Page, Mailboxes]:
    if mailbox == "INBOX" and "tz" not in request.cookies:
        # With script, of which zone.js leaves a sign, the page's stream of events does it.
        with suppress(errors.ServerRefused, errors.MailboxReadOnly, errors.KeywordsNotKept, errors.QuotaExceeded):
            mute.put_away(conn)
    return listing.page(conn, mailbox, place), mailboxes.list_mailboxes(conn)


def _timed() -> bool:
    """Never on a shared computer, where asking by the clock would keep a reader signed in who has left."""
    return request.args.get("refresh") == "1" and not session.current().shared


def _timer(mailbox: MailboxName, place: listing.Place) -> Choice | None:
    if session.current().shared:
        return None
    on = _timed()
    url = url_for("mailbox.show", mailbox=mailbox, **place.query(), refresh=None if on else 1)
    return Choice(_("Stop refreshing") if on else _("Refresh every minute"), url, on)


@blueprint.app_url_defaults
def _pass_on(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint in _TIMED and _timed():
        values.setdefault("refresh", 1)
