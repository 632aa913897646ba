"""Signing in and out."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError

from webmail import errors
from webmail.views import _acts, _entrance, _factor, _sending
from webmail.views._entrance import CARRY, LETTER, AtTheDoor, safe_next
from webmail.web import ceremony, session
from webmail.web.errors import sentence_for
from webmail.web.forms import line
from webmail.web.services import services
from webmail.web.session import SessionEnded

blueprint = Blueprint("login", __name__)
log = logging.getLogger("pennypost")

_LONGEST_PASSWORD = 1000


@dataclass(frozen=True, slots=True)
class LoginPage:
    """The sign-in card.

    error: one sentence or None. notice: a calm line above the form ("You have been signed out."). carried: fields of a
    letter that was being written when the session ended, kept as hidden inputs. next: path to go to, or "".
    """

    address: str = ""
    shared: bool = False
    error: str | None = None
    notice: str | None = None
    carried: Mapping[str, str] = field(default_factory=dict)
    next: str = ""

    @property
    def carries_letter(self) -> bool:
        """True when signing in goes back to a letter."""
        return bool(self.carried)

    @property
    def passkeys(self) -> bool:
        """True when a passkey can stand for address and password."""
        return ceremony.possible()


@blueprint.get("/login")
def show() -> Response:
    """The form; a reader who is signed in already goes to the inbox."""
    if current_user.is_authenticated:
        return make_response(redirect(url_for("mailbox.home")))
    return make_response(_card(LoginPage(next=safe_next(request.args.get("next", "")))))


@blueprint.post("/login")
def enter() -> Response:
    """Try address and password; the address comes back on failure, the password never does."""
    form = request.form
    address, shared = line(form, "user"), form.get("shared") == "1"
    carried = _entrance.carried()
    again = LoginPage(address, shared, None, None, carried, safe_next(form.get("next", "")))
    touched = False
    try:
        if not address or not 0 < len(form.get("password", "")) <= _LONGEST_PASSWORD:
            raise errors.SignInRefused
        account = session.account_name(address)
        touched = services().vault.spend(account, form.get("ticket", ""))
        if not touched and _factor.needed(account):
            session.check(address, form["password"])
            _factor.wait(address, form["password"], shared=shared)
            return _factor.ask(address, carried, again.next)
        cookie_key = session.begin(address, form["password"], shared=shared)
    except errors.MailError as error:
        log.warning("sign-in from %s: %s", request.remote_addr, type(error).__name__)
        outdated = touched and isinstance(error, errors.SignInRefused)
        return _refused(again, errors.PasskeyOutdated() if outdated else error)
    log.info("sign-in from %s: taken", request.remote_addr)
    return _entrance.inside(cookie_key, carried, again.next)


@blueprint.post("/logout")
def sign_out() -> Response:
    """Record deleted, IMAP closed, cookies taken away, and the browser told to forget (R14)."""
    if current_user.is_authenticated:
        # Nobody can take a letter back any more: it goes now, while its password is still there.
        _sending.outbox().leave(_sending.mine())
        _acts.jobs().forget(session.current().record_key)
    session.end()
    response = make_response(redirect(url_for("login.bye"), 303))
    session.set_key_cookie(response, "")
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


@blueprint.get("/bye")
def bye() -> str:
    """Signed out, said plainly."""
    return render_template("login/bye.html", page=LoginPage())


def ended(error: SessionEnded) -> Response:
    """No sign-in: the form, with the way back; a letter that was posted is carried along so that nothing is lost."""
    if request.endpoint == "compose.post":
        fields = {name: " ".join(request.form.getlist(name)) for name in LETTER}
        carried = {CARRY + name: value for name, value in fields.items() if value}
        page = LoginPage(error="You were signed out before this was saved. Sign in to go on.", carried=carried)
        return _card(page, 401)
    if request.method not in ("GET", "HEAD"):
        return _card(LoginPage(error="You were signed out, so nothing was changed. Sign in and do it again."), 401)
    path = request.full_path.rstrip("?")
    return make_response(redirect(url_for("login.show", next=safe_next(path) or None), 303))


@blueprint.errorhandler(CSRFError)
def _stale(_: CSRFError) -> Response:
    """The form outlived its session, or came from elsewhere: a fresh one, with the address still in it."""
    return _card(
        LoginPage(address=line(request.form, "user"), error="This page was open for too long. Try again."), 400
    )


@blueprint.app_errorhandler(AtTheDoor)
def _at_the_door(error: AtTheDoor) -> Response:
    """Whoever gets no further than the door comes back to the form, with their letter."""
    path = safe_next(request.form.get("next", ""))
    page = LoginPage(error.address, error=error.sentence, carried=_entrance.carried(), next=path)
    return _card(page, error.status)


def _refused(page: LoginPage, error: errors.MailError) -> Response:
    """Same form, one sentence. The words for a wrong password and an unknown address differ only by their table row."""
    sentence = sentence_for(error)
    message = f"{sentence.text} {sentence.safe}"
    shown = LoginPage(page.address, page.shared, message, None, page.carried, page.next)
    return _card(shown, sentence.status)


def _card(page: LoginPage, status: int = 200) -> Response:
    return make_response(render_template("login/show.html", page=page), status)
