"""The second factor: its code at the door, and its page among the settings."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    get_flashed_messages,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response as AnyResponse

from webmail import errors
from webmail.imap import mailboxes
from webmail.languages import N_
from webmail.views import _entrance, _factor
from webmail.views._entrance import AtTheDoor
from webmail.web import door, session, totp
from webmail.web.errors import page as error_page
from webmail.web.errors import sentence_for
from webmail.web.factors import Factors
from webmail.web.forms import line
from webmail.web.nav import Nav, build
from webmail.web.services import services
from webmail.web.words import _

blueprint = Blueprint("factor", __name__)
log = logging.getLogger("pennypost")

_LATE = N_("That took too long. Sign in again.")
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class FactorPage:
    """on: there is one. left: recovery codes. required: it can be replaced, not removed. making: one not kept yet.

    codes: new recovery codes, shown this once. error, notice: one sentence or None.
    """

    nav: Nav
    on: bool
    left: int
    required: bool
    making: _factor.Making | None = None
    codes: tuple[str, ...] = ()
    error: str | None = None
    notice: str | None = None


@blueprint.post("/login/code")
def enter() -> Response:
    """The code of who has given a right password; nobody is signed in before it is right."""
    waiting = _factor.waiting()
    if waiting is None:
        raise AtTheDoor("", _(_LATE), 401)
    try:
        wrong = _judge(door.account_name(waiting.address), waiting.address)
        log.info("second factor from %s: %s", request.remote_addr, "refused" if wrong else "taken")
        letter, path = _entrance.carried(), _entrance.safe_next(request.form.get("next", ""))
        if wrong:
            return _factor.ask(waiting.address, letter, path, *wrong)
        _factor.leave(waiting.key)
        cookie_key = session.begin(waiting.address, waiting.password, **waiting.how)
    except errors.MailError as error:
        sentence = sentence_for(error)
        raise AtTheDoor(waiting.address, f"{sentence.text} {sentence.safe}", sentence.status) from None
    return _entrance.inside(cookie_key, letter, path)


def _judge(account: str, address: str) -> tuple[str, int] | None:
    """What is wrong with the code of this request: a sentence and a status."""
    factors, code = _factors(), _typed()
    if factors.has(account):
        return _refusal(factors, account, code)
    making = _factor.made(account, address)
    if making is None or not factors.enrol(account, making.secret, making.codes, code):
        return _(_factor.MISMATCH), 401
    return None


def _refusal(factors: Factors, account: str, code: str) -> tuple[str, int] | None:
    verdict = factors.check(account, code)
    if verdict == "right":
        return None
    return (_(_factor.WRONG), 401) if verdict == "wrong" else (_(_factor.SLOWLY), 429)


@blueprint.errorhandler(CSRFError)
def _stale(error: CSRFError) -> Any:
    """The form outlived its session. At the door its letter stays."""
    if request.endpoint == "factor.enter":
        return current_app.handle_user_exception(AtTheDoor("", _(_LATE), 400))
    return error_page(sentence_for(error))


@blueprint.get("/second-factor")
def show() -> str:
    """Whether there is one, and the buttons."""
    flashed = [str(said) for said in get_flashed_messages()]
    return _page(notice=flashed[-1] if flashed else None)


@blueprint.post("/second-factor")
def change() -> str | AnyResponse | tuple[str, int]:
    """do: begin one, confirm it, make new recovery codes, or remove it. What is there changes by its own codes only."""
    factors, who, do = _factors(), session.current(), request.form.get("do", "")
    account = session.account_name()
    if do == "confirm":
        return _confirm(factors, account, who.address)
    if do not in ("begin", "codes", "remove") or (do != "begin" and not factors.has(account)):
        abort(400)
    if factors.has(account):
        refused = _refusal(factors, account, _typed())
        if refused:
            return _page(error=refused[0]), refused[1]
    if do == "begin":
        return _page(making=_factor.new(account, who.address, over=factors.has(account)))
    if do == "codes":
        codes = totp.new_recovery_codes()
        factors.renew_codes(account, codes)
        return _page(codes=codes)
    if services().settings.second_factor == "required":
        abort(400)
    factors.remove(account)
    flash(_("The second factor was removed. Your password alone opens this site again."))
    return redirect(url_for("factor.show"), 303)


def _confirm(factors: Factors, account: str, address: str) -> str | AnyResponse | tuple[str, int]:
    making = _factor.made(account, address)
    if making is None or (factors.has(account) and not making.over):
        return _page(error=_("This page was open for too long. Begin again.")), 400
    if not factors.enrol(account, making.secret, making.codes, _typed()):
        return _page(making=making, error=_(_factor.MISMATCH)), 401
    flash(_("The second factor is on. You are asked for a code when you sign in with your password."))
    return redirect(url_for("factor.show"), 303)


def _typed() -> str:
    """The code, or one of the recovery codes."""
    return (line(request.form, "code") or line(request.form, "recovery"))[:_LONGEST]


def _factors() -> Factors:
    factors = services().factors
    if factors is None:
        abort(404)
    return factors


def _page(
    making: _factor.Making | None = None, codes: tuple[str, ...] = (), error: str | None = None,
    notice: str | None = None,
) -> str:  # fmt: skip
    factors, account = _factors(), session.account_name()
    folders = session.borrow(mailboxes.list_mailboxes)
    on = factors.has(account)
    required = services().settings.second_factor == "required"
    page = FactorPage(
        build(folders), on, factors.codes_left(account) if on else 0, required, making, codes, error, notice
    )
    return render_template("factor/show.html", page=page)
