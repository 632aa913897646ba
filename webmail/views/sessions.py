"""Where the reader is signed in: one line for each browser, ended one by one or together. And what open pages say."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, flash, get_flashed_messages, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from webmail.imap import mailboxes
from webmail.views import _acts
from webmail.web import presence, session, signins
from webmail.web.browsers import UNKNOWN
from webmail.web.filters import in_zone, message_time, zone_of
from webmail.web.nav import Nav, build
from webmail.web.services import services
from webmail.web.words import _, ngettext

blueprint = Blueprint("sessions", __name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One sign-in. about: what kind it is, and until when it can last, a sentence."""

    handle: str
    browser: str
    since: str
    seen: str
    about: str
    shared: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class SessionsPage:
    """lines: this one first. others: how many besides. notice: what the last press did."""

    nav: Nav
    lines: tuple[Line, ...]
    others: int
    notice: str | None


@blueprint.get("/settings/sessions")
def show() -> str:
    """The list."""
    lines = tuple(map(_line, signins.known()))
    flashed = [str(said) for said in get_flashed_messages()]
    nav = build(session.borrow(mailboxes.list_mailboxes))
    page = SessionsPage(nav, lines, len(lines) - 1, flashed[-1] if flashed else None)
    return render_template("sessions/show.html", page=page)


@blueprint.post("/settings/sessions")
def end() -> AnyResponse:
    """End the one that `end` names, or all others (do=others). This one ends by signing out."""
    if request.form.get("do") == "others":
        count = signins.end_others()
        flash(_ended(count) if count else _("There is no other."))
    else:
        ended = signins.end(request.form.get("end", ""))
        if ended is None:
            abort(404)
        _acts.jobs().forget(ended.record_key)
        flash(_("The sign-in in %(browser)s was ended.", browser=_browser(ended.browser)))
    return redirect(url_for("sessions.show"), 303)


@blueprint.post("/here")
def here() -> Response:
    """An open page says that it is there, and unless it says so by itself, that it is used. page: its name."""
    presence.here(request.form.get("page", ""))
    return Response(status=204)


@blueprint.post("/left")
def left() -> Response:
    """A page says that it was closed."""
    presence.left(request.form.get("page", ""))
    return Response(status=204)


def _ended(count: int) -> str:
    return ngettext("%(count)s sign-in was ended.", "%(count)s sign-ins were ended.", count)


def _browser(kept: str) -> str:
    """As the reader says it; kept are the English words of browsers.family."""
    browser, _on, system = kept.partition(" on ")
    browser = _(browser) if browser == UNKNOWN else browser
    # Translators: %(browser)s: Firefox. %(system)s: Linux, Android, iPhone
    return _("%(browser)s on %(system)s", browser=browser, system=system) if system else browser


def _line(one: signins.Known) -> Line:
    seen = "now" if one.mine else _moment(one.seen)
    return Line(one.handle, _browser(one.browser), _moment(one.since), seen, _about(one), one.shared, one.mine)


def _moment(seconds: float) -> str:
    zone = zone_of(request)
    return message_time(in_zone(datetime.fromtimestamp(seconds, UTC), zone), datetime.now(zone))


def _about(one: signins.Known) -> str:
    settings = services().settings
    if one.shared:
        return ngettext(
            "Shared computer: ends after %(count)s quiet minutes.",
            "Shared computer: ends after %(count)s quiet minutes.",
            settings.shared_idle_minutes,
        )
    if one.kept:
        days = max(0, round((one.since + settings.keep_days * 86400 - time.time()) / 86400))
        return ngettext("Kept signed in: ends in %(count)s days.", "Kept signed in: ends in %(count)s days.", days)
    return _("Private computer.")
