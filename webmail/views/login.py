"""Signing in and out."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError

from webmail import errors
from webmail.providers import OAuthClient
from webmail.views import _acts, _sending, _snooze
from webmail.web import detour, session
from webmail.web.errors import sentence_for
from webmail.web.forms import line, text
from webmail.web.services import services
from webmail.web.session import SessionEnded

blueprint = Blueprint("login", __name__)
log = logging.getLogger("pennypost")

LETTER = (
    "to", "cc", "bcc", "subject", "body", "message_id", "draft", "origin", "mode", "in_reply_to", "references", "keep",
    "revision", "rich", "owner", "from", "receipt", "report", "html", "format",
)  # fmt: skip
_LONGEST_PASSWORD = 1000
_CARRY = "letter_"
_NEXT = re.compile(r"/(?:m/|write|people|mailto)[A-Za-z0-9~&+,%=?._/ -]*")


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


@blueprint.get("/login")
def show() -> Response:
    """The form; a reader who is signed in already goes to the inbox."""
    if current_user.is_authenticated:
        return make_response(redirect(url_for("mailbox.home")))
    return make_response(_card(LoginPage(next=_safe_next(request.args.get("next", "")))))


@blueprint.post("/login")
def enter() -> Response:
    """Try address and password; the address comes back on failure, the password never does."""
    form = request.form
    address, shared = line(form, "user"), form.get("shared") == "1"
    carried = {
        name: text(form, name) for name in form if name.removeprefix(_CARRY) in LETTER and name.startswith(_CARRY)
    }
    again = LoginPage(address, shared, None, None, carried, _safe_next(form.get("next", "")))
    try:
        client = session.server_of(address).oauth
        if client is not None:
            return _away(detour.Detour(address, shared, again.next, client.label, carried), client)
        if not address or not 0 < len(form.get("password", "")) <= _LONGEST_PASSWORD:
            raise errors.SignInRefused
        cookie_key = session.begin(address, form["password"], shared=shared)
    except errors.MailError as error:
        log.warning("sign-in from %s: %s", request.remote_addr, _named(error))
        return _refused(again, error)
    return _inside(again, cookie_key)


def _inside(page: LoginPage, cookie_key: str) -> Response:
    """Signed in: to where the reader was going, or back to the letter."""
    log.info("sign-in from %s: taken", request.remote_addr)
    if page.carried or page.next:
        # The inbox, where everybody else comes out, looks by itself.
        _snooze.at_sign_in()
    inside = _resume(page.carried) if page.carried else redirect(page.next or url_for("mailbox.home"), 303)
    response = make_response(inside)
    session.set_key_cookie(response, cookie_key)
    return response


def _away(sign_in: detour.Detour, client: OAuthClient) -> Response:
    """To the provider, by a page: our policy lets no form lead elsewhere, also not by a redirect."""
    url, browser = detour.begin(sign_in, client)
    page = render_template("login/enter.html", title=client.title, url=url, address=sign_in.address)
    response = make_response(page)
    response.headers["Refresh"] = f"0; url={url}"
    detour.set_cookie(response, browser)
    return response


@blueprint.get("/login/back/<label>")
def back(label: str) -> Response:
    """From the provider: a GET that signs in, as OAuth has it. It counts once, in the browser that left here."""
    try:
        sign_in, asked = detour.back(label, request.args.get("state", ""))
    except errors.DetourLost as error:
        if _signed_in():
            return make_response(redirect(url_for("mailbox.home"), 303))
        return _refused(LoginPage(), error)
    again = LoginPage(sign_in.address, sign_in.shared, None, None, sign_in.carried, _safe_next(sign_in.next))
    try:
        client = session.server_of(sign_in.address).oauth
        if client is None or client.label != label:
            raise errors.DetourLost
        grant = detour.granted(client, asked, request.args)
        cookie_key = session.begin(sign_in.address, grant, shared=sign_in.shared)
    except errors.MailError as error:
        if type(error) is errors.SignInRefused:
            error = errors.OtherAccount()
        log.warning("sign-in from %s: %s", request.remote_addr, _named(error))
        return _refused(again, error)
    response = _inside(again, cookie_key)
    detour.set_cookie(response, "")
    return response


def _named(error: errors.MailError) -> str:
    """For the log: the class, and of a provider its error code."""
    reason = error.reason if isinstance(error, errors.ProviderFailed) else ""
    return f"{type(error).__name__} {reason!a}" if reason else type(error).__name__


def _signed_in() -> bool:
    return bool(current_user.is_authenticated)


@blueprint.post("/logout")
def sign_out() -> Response:
    """Record deleted, IMAP closed, cookies taken away, and the browser told to forget (R14)."""
    if current_user.is_authenticated:
        # Nobody can take a letter back any more: it goes now, while its password is still there.
        _sending.outbox().leave(_sending.mine(), session.parting())
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
    granted = isinstance(error.__cause__, errors.GrantEnded)
    if request.endpoint == "compose.post":
        fields = {name: " ".join(request.form.getlist(name)) for name in LETTER}
        carried = {_CARRY + name: value for name, value in fields.items() if value}
        why = sentence_for(errors.GrantEnded()).text if granted else "You were signed out before this was saved."
        return _card(LoginPage(error=f"{why} Sign in to go on.", carried=carried), 401)
    if request.method not in ("GET", "HEAD"):
        return _card(LoginPage(error="You were signed out, so nothing was changed. Sign in and do it again."), 401)
    path = request.full_path.rstrip("?")
    if granted:
        return _refused(LoginPage(next=_safe_next(path)), errors.GrantEnded())
    return make_response(redirect(url_for("login.show", next=_safe_next(path) or None), 303))


@blueprint.errorhandler(CSRFError)
def _stale(_: CSRFError) -> Response:
    """The form outlived its session, or came from elsewhere: a fresh one, with the address still in it."""
    return _card(
        LoginPage(address=line(request.form, "user"), error="This page was open for too long. Try again."), 400
    )


def _refused(page: LoginPage, error: errors.MailError) -> Response:
    """Same form, one sentence. The words for a wrong password and an unknown address differ only by their table row."""
    sentence = sentence_for(error)
    message = f"{sentence.text} {sentence.safe}"
    shown = LoginPage(page.address, page.shared, message, None, page.carried, page.next)
    return _card(shown, sentence.status)


def _card(page: LoginPage, status: int = 200) -> Response:
    return make_response(render_template("login/show.html", page=page, ways=_ways()), status)


@dataclass(frozen=True, slots=True)
class Ways:
    """How people sign in here. password: some with one. elsewhere: the names of the providers, for the others."""

    password: bool
    elsewhere: tuple[str, ...]


def _ways() -> Ways:
    settings = services().settings
    return Ways(settings.passwords, tuple(dict.fromkeys(client.title for client in settings.oauth_clients())))


def _resume(carried: Mapping[str, str]) -> str:
    """Straight back to the letter; app.py says which page that is, because no view knows another."""
    return services().resume({name.removeprefix(_CARRY): value for name, value in carried.items()})


def _safe_next(path: str) -> str:
    """Only paths that we generate (R24): the folder, message and write pages."""
    return path if _NEXT.fullmatch(path) and "//" not in path and len(path) < 2000 else ""
