"""Between the password and the mail: a sign-in that waits for its code, and a second factor that is being made."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from flask import Response, make_response, render_template, request
from flask import session as cookie

from webmail.languages import N_
from webmail.web import door, qr, seal, totp
from webmail.web.accounts import derived
from webmail.web.services import services

log = logging.getLogger("pennypost")

WAIT_SECONDS: Final = 600
_MAKING_SECONDS: Final = 3600
_COOKIE: Final = "waiting"

WRONG: Final = N_("This code is not right, or was used already. Wait for the next one on your phone, and type that.")
SLOWLY: Final = N_("Too many wrong codes. Nothing was changed. Wait five minutes, then try again.")
MISMATCH: Final = N_("This code does not fit. Check that the clock of your phone is right, and type the newest code.")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who gave a right password and owes a code. key: of the record. how: what session.begin is to be told besides."""

    key: str
    address: str
    password: str
    how: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Making:
    """A second factor that is not kept yet. seal: all of it, for the form. over: it may take the place of another."""

    secret: bytes
    codes: tuple[str, ...]
    over: bool
    seal: str
    drawing: qr.Drawing
    letters: str


@dataclass(frozen=True, slots=True)
class CodePage:
    """The card after the password. making: a second factor is to be made first. carried, next: as in LoginPage."""

    address: str
    carried: Mapping[str, str]
    next: str
    making: Making | None = None
    error: str | None = None

    @property
    def carries_letter(self) -> bool:
        """True when this goes back to a letter."""
        return bool(self.carried)


def needed(account: str) -> bool:
    """Whether a password alone does not open this account here."""
    factors = services().factors
    return factors is not None and (services().settings.second_factor == "required" or factors.has(account))


def wait(address: str, password: str, **how: bool) -> None:
    """Keep a password that the mail server took until its code is there: sealed like a sign-in, and none.

    how: what session.begin is to be told besides.
    """
    token, cookie_key = seal.new_token(), seal.new_token()
    key = _key(token)
    store = services().waiting
    store.sweep(time.time() - WAIT_SECONDS)
    sealed = seal.seal(json.dumps([address, password, how]), cookie_key, services().server_key, key)
    store.put(key, {"created": int(time.time()), "sealed": sealed})
    cookie[_COOKIE] = [token, cookie_key]


def waiting() -> Waiting | None:
    """Who waits at this browser."""
    match cookie.get(_COOKIE):
        case [str() as token, str() as cookie_key]:
            key = _key(token)
        case _:
            return None
    found = services().waiting.get(key)
    if found is None or time.time() - cast(int, found[0].get("created", 0)) > WAIT_SECONDS:
        return None
    try:
        words = seal.unseal(str(found[0].get("sealed")), cookie_key, services().server_key, key)
    except seal.SealBroken:
        return None
    return Waiting(key, *json.loads(words))


def leave(key: str) -> None:
    """Nobody waits any more."""
    services().waiting.delete(key)
    cookie.pop(_COOKIE, None)


def ask(address: str, letter: Mapping[str, str], path: str, error: str | None = None, status: int = 200) -> Response:
    """The card that asks for the code; who has no second factor yet makes one there."""
    account, factors = door.account_name(address), services().factors
    making = None if factors is None or factors.has(account) else made(account, address) or new(account, address)
    page = CodePage(address, letter, path, making, error)
    return make_response(render_template("factor/ask.html", page=page), status)


def new(account: str, address: str, *, over: bool = False) -> Making:
    """A second factor for who has this address, not kept yet."""
    secret, codes = totp.new_secret(), totp.new_recovery_codes()
    words = json.dumps([int(time.time()), secret.hex(), codes, over])
    return _making(secret, codes, over, seal.seal(words, _sealing_key(), "", account), address)


def made(account: str, address: str) -> Making | None:
    """The one that the form of this request brings back, if it is of this account and not old."""
    given = request.form.get("making", "")
    try:
        at, secret, codes, over = json.loads(seal.unseal(given, _sealing_key(), "", account))
    except (seal.SealBroken, ValueError):
        return None
    if time.time() - at > _MAKING_SECONDS:
        return None
    return _making(bytes.fromhex(secret), tuple(codes), over, given, address)


def _making(secret: bytes, codes: tuple[str, ...], over: bool, sealed: str, address: str) -> Making:
    drawing = qr.draw(totp.uri(secret, address, services().settings.brand))
    return Making(secret, codes, over, sealed, drawing, totp.in_letters(secret))


def _sealing_key() -> str:
    return derived(services().server_key, "second factor in the making 1").hex()


def _key(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
