"""Signing in and out."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import flask
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError

from webmail import errors
from webmail.languages import N_, Language
from webmail.providers import OAuthClient
from webmail.views import _acts, _entrance, _factor, _sending
from webmail.views._entrance import CARRY, LETTER, AtTheDoor, safe_next
from webmail.web import ceremony, detour, door, handed, session, signins
from webmail.web.errors import TABLE, sentence_for
from webmail.web.forms import line
from webmail.web.services import services
from webmail.web.session import SessionEnded
from webmail.web.words import COOKIE, _, catalogues, listed

blueprint = Blueprint("login", __name__)
log = logging.getLogger("pennypost")

_LONGEST_PASSWORD = 1000
_OTHERS: Final = "others"
_OFFERED_SECONDS: Final = 300
_LANGUAGE_SECONDS: Final = 365 * 86400
_NO_LONGER: Final = N_(
    "Your mail server no longer takes the password that you signed in with. "
    "If it was changed, sign in with the new one."
)
_NOTICES: Final = {"password": _NO_LONGER, "grant": TABLE[errors.GrantEnded].text}
"""What to say of a sign-in that the other side ended, by SessionEnded.why."""
_WHY: Final = {
    "quiet": N_("Nothing was done here for a while, so you were signed out. Look in Drafts for a letter you were "
        "writing."),
    "ended": N_("You were signed out, here or from another device. Look in Drafts for a letter you were writing."),
    "others": N_("All other browsers are signed out, too."),
}  # fmt: skip


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
    keep: bool = False

    @property
    def always_shared(self) -> bool:
        """True when the administrator says that this computer is shared."""
        return services().settings.always_shared(request.remote_addr)

    @property
    def keep_days(self) -> int:
        """How long somebody can choose to be kept signed in; 0 for not at all."""
        return services().settings.keep_days

    @property
    def carries_letter(self) -> bool:
        """True when signing in goes back to a letter."""
        return bool(self.carried)

    @property
    def languages(self) -> tuple[Language, ...]:
        """What can be chosen; nothing where that would lose a letter."""
        known = catalogues().languages
        return known if len(known) > 1 and not self.carried else ()

    @property
    def passkeys(self) -> bool:
        """True when a passkey can stand for address and password."""
        return ceremony.possible()


@dataclass(frozen=True, slots=True)
class ByePage:
    """Signed out. why: one sentence about how that came, or "". others: the other sign-ins can be ended, too."""

    why: str
    others: bool


@blueprint.get("/login")
def show() -> Response:
    """The form; a reader who is signed in already goes to the inbox."""
    if current_user.is_authenticated:
        return make_response(redirect(url_for("mailbox.home")))
    notice = _said(_NOTICES, request.args.get("why", ""))
    return make_response(_card(LoginPage(next=safe_next(request.args.get("next", "")), notice=notice or None)))


@blueprint.post("/login")
def enter() -> Response:
    """Try address and password; the address comes back on failure, the password never does."""
    form = request.form
    address, shared = line(form, "user"), form.get("shared") == "1"
    carried, ticket = _entrance.carried(), form.get("ticket", "")
    again = LoginPage(address, shared, None, None, carried, safe_next(form.get("next", "")), form.get("keep") == "1")
    touched = False
    try:
        client = door.provider_of(address)
        if client is not None:
            away = detour.Detour(address, shared or again.always_shared, again.keep, again.next, client.label, carried)
            return _away(away, client)
        if not address or not 0 < len(form.get("password", "")) <= _LONGEST_PASSWORD:
            raise errors.SignInRefused
        how = {"shared": shared or again.always_shared, "keep": again.keep}
        if ticket or services().factors is not None:
            account = door.account_name(address)
            touched = services().vault.spend(account, ticket)
            if not touched and _factor.needed(account):
                door.tried(address, form["password"])
                _factor.wait(address, form["password"], **how)
                return _factor.ask(address, carried, again.next)
        cookie_key = session.begin(address, form["password"], **how)
    except errors.MailError as error:
        log.warning("sign-in from %s: %s", request.remote_addr, _named(error))
        outdated = touched and isinstance(error, errors.SignInRefused)
        return _refused(again, errors.PasskeyOutdated() if outdated else error)
    log.info("sign-in from %s: taken", request.remote_addr)
    return _entrance.inside(cookie_key, carried, again.next)


def _away(sign_in: detour.Detour, client: OAuthClient) -> Response:
    """To the provider, by a page: our policy lets no form lead elsewhere, also not by a redirect."""
    url, browser = detour.begin(sign_in, client)
    page = render_template("login/enter.html", title=client.title, url=url, address=sign_in.address)
    response = make_response(page)
    response.headers["Refresh"] = f"0; url={url}"
    detour.set_cookie(response, browser)
    return response


@blueprint.post("/login/language")
def choose() -> Response:
    """Keep a language for the pages before sign-in, and after it for who has set none. It is no secret."""
    response = make_response(redirect(url_for("login.show", next=safe_next(request.form.get("next", "")) or None), 303))
    if chosen := catalogues().language(request.form.get("language", "")):
        settings = services().settings
        kept = None if settings.always_shared(request.remote_addr) else _LANGUAGE_SECONDS
        response.set_cookie(
            COOKIE, chosen.tag, max_age=kept, secure=settings.secure_cookies, httponly=True, samesite="Lax"
        )
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
    after = safe_next(sign_in.next)
    again = LoginPage(sign_in.address, sign_in.shared, None, None, sign_in.carried, after, sign_in.keep)
    try:
        client = door.provider_of(sign_in.address)
        if client is None or client.label != label:
            raise errors.DetourLost
        grant = detour.granted(client, asked, request.args)
        cookie_key = session.begin(sign_in.address, grant, shared=sign_in.shared, keep=sign_in.keep)
    except errors.MailError as error:
        if type(error) is errors.SignInRefused:
            error = errors.OtherAccount()
        log.warning("sign-in from %s: %s", request.remote_addr, _named(error))
        return _refused(again, error)
    log.info("sign-in from %s: taken", request.remote_addr)
    response = _entrance.inside(cookie_key, again.carried, again.next)
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
        if request.form.get("everywhere") == "1":
            signins.end_others()
    others = _others()
    session.end()
    response = _gone()
    session.set_key_cookie(response, "")
    if others:
        # In the signed cookie, which then cannot be cleared with all others: it has been emptied, and holds this alone.
        flask.session[_OTHERS] = [others, int(time.time())]
    response.headers["Clear-Site-Data"] = '"cache", "storage"' if others else '"cache", "cookies", "storage"'
    return response


@blueprint.get("/bye")
def bye() -> str:
    """Signed out, said plainly; and for five minutes a button that does it everywhere."""
    page = ByePage(_said(_WHY, request.args.get("why", "")), bool(_offered()))
    return render_template("login/bye.html", page=page)


@blueprint.post("/bye")
def everywhere() -> Response:
    """End all other sign-ins of who has just signed out in this browser."""
    offered = _offered()
    flask.session.pop(_OTHERS, None)
    if offered:
        signins.end_all(offered)
    return make_response(redirect(url_for("login.bye", why="others" if offered else None), 303))


def _gone() -> Response:
    why = "quiet" if request.form.get("quiet") == "1" else None
    return make_response(redirect(url_for("login.bye", why=why), 303))


def _others() -> str:
    """Whose other sign-ins can be ended after this one; "" without any. Not offered to the next person at a shared
    computer."""
    if not current_user.is_authenticated or session.current().shared or len(signins.known()) < 2:
        return ""
    return signins.owner_of(session.current().address)


def _offered() -> str:
    told = flask.session.get(_OTHERS)
    if not isinstance(told, list) or len(told) != 2 or current_user.is_authenticated:
        return ""
    return str(told[0]) if time.time() - float(told[1]) < _OFFERED_SECONDS else ""


def ended(error: SessionEnded) -> Response:
    """No sign-in: the form, with the way back; a letter that was posted is carried along so that nothing is lost."""
    if request.endpoint == "compose.post":
        fields = {name: " ".join(request.form.getlist(name)) for name in LETTER}
        carried = {CARRY + name: value for name, value in fields.items() if value}
        told = f"{_(_NOTICES[error.why])} {_('Your letter is not saved yet.')}" if error.why else ""
        words = told or _("You were signed out before this was saved. Sign in to go on.")
        return _card(LoginPage(error=words, carried=carried), 401)
    if request.endpoint == "share.take" and handed.by_hand():
        carried = {CARRY + name: value for name, value in handed.fields().items() if value}
        words = _("You are signed out. Sign in, and your letter begins here.")
        return _card(LoginPage(error=words, carried=carried), 401)
    if request.method not in ("GET", "HEAD"):
        told = f"{_(_NOTICES[error.why])} {_('Nothing was changed.')}" if error.why else ""
        words = told or _("You were signed out, so nothing was changed. Sign in and do it again.")
        return _card(LoginPage(error=words), 401)
    if request.endpoint == "events.stream":
        # No page for what reads only news: its own page asks next, and tells that it was signed out.
        return make_response(("", 401))
    path = request.full_path.rstrip("?")
    return make_response(redirect(url_for("login.show", next=safe_next(path) or None, why=error.why or None), 303))


@blueprint.errorhandler(CSRFError)
def _stale(error: CSRFError) -> Response:
    """The form outlived its session, or came from elsewhere: a fresh one, with the address still in it.

    Two tabs that sign out at once, because both were quiet, end at the same page.
    """
    if request.endpoint == "login.sign_out" and not current_user.is_authenticated:
        return _gone()
    words = _("This page was open for too long. Try again.")
    return _card(LoginPage(address=line(request.form, "user"), error=words), 400)


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
    shown = LoginPage(page.address, page.shared, message, None, page.carried, page.next, page.keep)
    return _card(shown, sentence.status)


def _card(page: LoginPage, status: int = 200) -> Response:
    return make_response(render_template("login/show.html", page=page, ways=_ways()), status)


@dataclass(frozen=True, slots=True)
class Ways:
    """How people sign in here. password: some with one. elsewhere: the names of the providers, for the others."""

    password: bool
    elsewhere: tuple[str, ...]

    @property
    def named(self) -> str:
        """One of these: "A or B"."""
        return listed(self.elsewhere, among=True)


def _said(known: Mapping[str, str], why: str) -> str:
    return _(known[why]) if why in known else ""


def _ways() -> Ways:
    settings = services().settings
    return Ways(settings.passwords, tuple(dict.fromkeys(client.title for client in settings.oauth_clients())))
