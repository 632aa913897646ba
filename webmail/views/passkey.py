"""Passkeys: one unlocks the mail password in the browser, where it was sealed. This site keeps only the ciphertext."""

from __future__ import annotations

import logging
import re
import secrets
import time
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    get_flashed_messages,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from webmail.imap import mailboxes
from webmail.mail.names import clean_line
from webmail.web import filters, session, vault, webauthn
from webmail.web.ceremony import possible, site
from webmail.web.forms import line
from webmail.web.nav import Nav, build
from webmail.web.services import services
from webmail.web.vault import Passkey
from webmail.web.webauthn import PasskeyRefused
from webmail.web.words import _, ngettext

blueprint = Blueprint("passkey", __name__)
log = logging.getLogger("pennypost")

_SEALED: Final = re.compile(r"[A-Za-z0-9_-]{64,8192}")
_LONGEST_NAME: Final = 60

Answer = tuple[Response, int]


@dataclass(frozen=True, slots=True)
class Row:
    """made, used: days; used "" for never. finished: it unlocks something."""

    id: str
    name: str
    made: str
    used: str
    finished: bool


@dataclass(frozen=True, slots=True)
class PasskeysPage:
    """possible: this site can have passkeys. has_password: there is something to lock. asks_code: a code is needed."""

    nav: Nav
    passkeys: tuple[Row, ...]
    possible: bool
    shared: bool
    has_password: bool
    asks_code: bool
    notice: str | None


@blueprint.get("/passkeys")
def show() -> str:
    """Those of the reader, and the form for one more."""
    who, flashed = session.current(), [str(said) for said in get_flashed_messages()]
    account = session.account_name()
    page = PasskeysPage(
        nav=build(session.borrow(mailboxes.list_mailboxes)),
        passkeys=tuple(map(_row, services().vault.of(account))),
        possible=possible(),
        shared=who.shared,
        has_password=_password() is not None,
        asks_code=_asks_code(account),
        notice=flashed[-1] if flashed else None,
    )
    return render_template("passkey/show.html", page=page)


@blueprint.post("/passkeys/begin")
def begin() -> Answer:
    """What the browser is asked for: a new passkey, or a proof by one that is to unlock another password (id)."""
    account = session.account_name()
    wrong = _not_here() or _not_the_person(account)
    if wrong:
        return wrong
    known = services().vault.of(account)
    if "id" in request.form:
        chosen = _found(account)
        return jsonify(site().ask(chosen.credential)), 200
    if len(known) >= vault.MOST:
        return _sorry(ngettext("There is %(count)s passkey already. Remove it first.",
            "There are %(count)s passkeys already. Remove one first.", vault.MOST), 409)  # fmt: skip
    options = site().register(account, session.current().address, tuple(each.credential for each in known))
    return jsonify(options), 200


@blueprint.post("/passkeys/keep")
def keep() -> Answer:
    """Keep a new passkey, or what one of them unlocks from now on (id)."""
    account = session.account_name()
    sealed, answer = request.form.get("sealed", ""), request.form.get("answer", "")
    wrong = _not_here()
    if wrong:
        return wrong
    if sealed and not _SEALED.fullmatch(sealed):
        abort(400)
    try:
        if "id" in request.form:
            chosen = _found(account)
            if not sealed or _proved(account, chosen, answer, sealed=sealed) is None:
                raise PasskeyRefused("no fresh proof")
            return _ready(chosen.id)
        made = site().registered(answer, account)
    except PasskeyRefused as error:
        return _refused(error)
    name = clean_line(line(request.form, "name"))[:_LONGEST_NAME] or _("Passkey")
    new = Passkey(made.credential, made.public_key, made.counter, name, int(time.time()), sealed=sealed)
    if not services().vault.add(account, new):
        return _sorry(_("This passkey is there already."), 409)
    log.info("passkey from %s: kept", request.remote_addr)
    if not sealed:
        # Many devices give their secret only for a proof: one more touch.
        return jsonify(id=new.id, ask=site().ask(new.credential)), 200
    return _ready(new.id)


@blueprint.post("/passkeys/remove")
def remove() -> AnyResponse:
    """Forget one: from now on it opens nothing here."""
    if not services().vault.remove(session.account_name(), request.form.get("id", "")):
        abort(404)
    flash(_("The passkey was removed. Delete it in the settings of your device too."))
    return redirect(url_for("passkey.show"), 303)


@blueprint.post("/login/passkey/challenge")
def challenge() -> Answer:
    """Before the sign-in: the same question whoever asks, so that it tells nothing about anybody (R18)."""
    if not possible():
        abort(404)
    return jsonify(site().ask()), 200


@blueprint.post("/login/passkey")
def unlock() -> Answer:
    """The ciphertext for who proves to hold the passkey, and a ticket that says so once beside the password."""
    if not possible():
        abort(404)
    answer = request.form.get("answer", "")
    try:
        account, credential = webauthn.named_by(answer)
        chosen = next((each for each in services().vault.of(account) if each.credential == credential), None)
        if chosen is None:
            raise PasskeyRefused("not known")
        ticket = secrets.token_urlsafe(32)
        used = _proved(account, chosen, answer, ticket=vault.ticket_digest(ticket) if chosen.sealed else "")
        if used is None:
            raise PasskeyRefused("used before")
    except PasskeyRefused as error:
        return _refused(error)
    log.info("passkey from %s: taken", request.remote_addr)
    if not used.sealed:
        return _sorry(_("This passkey was not finished: it unlocks nothing yet. Sign in with your password, then "
            "choose Update beside it."), 409)  # fmt: skip
    return jsonify(sealed=used.sealed, ticket=ticket, credential=used.credential), 200


def _row(kept: Passkey) -> Row:
    return Row(kept.id, kept.name, _day(kept.created), _day(kept.used) if kept.used else "", bool(kept.sealed))


def _day(at: int) -> str:
    return filters.day_text(datetime.fromtimestamp(at, filters.zone_of(request)))


def _proved(account: str, chosen: Passkey, answer: str, **more: Any) -> Passkey | None:
    """The passkey after a proof, with what else becomes of it. Raises PasskeyRefused.

    None when the proof was given before, or its counter went back: then there are two of what should be one.
    """
    proof = site().proved(answer, chosen.credential, chosen.public_key)

    def take(key: Passkey) -> Passkey | None:
        # A clock that was set back must not shut everybody out.
        fresh = proof.issued > key.latest or key.latest > time.time_ns()
        counts = proof.counter > key.counter or proof.counter == key.counter == 0
        if not (fresh and counts):
            return None
        return replace(key, latest=proof.issued, counter=proof.counter, used=int(time.time()), **more)

    return services().vault.change(account, chosen.id, take)


def _not_here() -> Answer | None:
    """A computer that others use makes no passkeys."""
    if possible() and not session.current().shared and _password() is not None:
        return None
    return _sorry(_("No passkey is made on a shared computer, nor on a site without HTTPS and a name."), 403)


def _password() -> str | None:
    """What the reader signed in with; None where that was no password, as at a provider."""
    found: object = session.account().password
    return found if isinstance(found, str) else None


def _found(account: str) -> Passkey:
    return services().vault.find(account, request.form.get("id", "")) or abort(404)


def _asks_code(account: str) -> bool:
    factors = services().factors
    return factors is not None and factors.has(account)


def _not_the_person(account: str) -> Answer | None:
    """Whoever sits there has to give the password again, and a code where there is a second factor."""
    if not services().vault.may_try(session.current().record_key):
        return _sorry(_("Too many tries. Wait five minutes, then try again."), 429)
    if not secrets.compare_digest(request.form.get("password", "").encode(), (_password() or "").encode()):
        return _sorry(_("This is not the password that you signed in with."), 403)
    factors = services().factors
    if factors is not None and factors.has(account) and factors.check(account, line(request.form, "code")) != "right":
        return _sorry(
            _("The code of your second factor is not right, or was used already. Wait for the next one."), 403
        )
    services().vault.stop_counting(session.current().record_key)
    return None


def _ready(id: str) -> Answer:
    flash(_("The passkey is ready. Choose Sign in with a passkey the next time."))
    return jsonify(id=id), 200


def _refused(error: PasskeyRefused) -> Answer:
    """One sentence for every reason: the log has the reason."""
    log.warning("passkey from %s: %s", request.remote_addr, error)
    return _sorry(_("This passkey was not accepted. Nothing was opened and nothing was changed. Try again, or use your "
        "password."), 401)  # fmt: skip


def _sorry(sentence: str, status: int) -> Answer:
    return jsonify(error=sentence), status
