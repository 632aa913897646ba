"""Who may do what how often: signing in, writing, searching, uploading (R18). docs/decisions/0034 says why so."""

from __future__ import annotations

import hashlib
import ipaddress
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, cast

from flask import Flask, Response, g, request
from flask_login import current_user

from webmail import errors
from webmail.rate import Counter, Rate
from webmail.web.services import services

_QUARTER: Final = 900.0
_HOUR: Final = 3600.0
_UNDER_ATTACK: Final = 2
"""Tries from one address at an account that too many were refused at: whoever comes from elsewhere still gets in."""

_NOBODY_ASKED: Final = (errors.ServerUnreachable, errors.ServerInside, errors.CertificateRefused)


def install(app: Flask) -> None:
    """An answer that says "later" says when (RFC 6585 4)."""
    app.after_request(_say_when)


def client() -> str:
    """Where this request comes from, as it is counted: an IPv4 address, or the /64 that one IPv6 customer has."""
    address = _address()
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((address, 64), strict=False))
    return str(address or "unknown")


def origin() -> str:
    """The client's address as a mail server is told it, or "" where nobody knows."""
    return str(_address() or "")


def _address() -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The one that proxy_hops leaves (R30), without its zone."""
    try:
        address = ipaddress.ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@dataclass(slots=True)
class Door:
    """One try to sign in. What it takes is taken before anybody is asked, so that many at once are not more than their
    number; a try that gets in gives all of it back."""

    _counter: Counter
    _taken: list[tuple[str, Rate]] = field(default_factory=list)

    def take(self, key: str, rate: Rate) -> None:
        """Raises TooManyTries; what this try took before is given back."""
        if wait := self._counter.take(key, rate):
            self.give_back()
            raise _later(errors.TooManyTries(wait), "sign-in")
        self._taken.append((key, rate))

    def took(self, key: str, rate: Rate) -> bool:
        """The same, without an error."""
        if self._counter.take(key, rate):
            return False
        self._taken.append((key, rate))
        return True

    def give_back(self, beyond: int = 0) -> None:
        """All that was taken, or what was taken after the first so many."""
        while len(self._taken) > beyond:
            self._counter.give_back(*self._taken.pop())

    @contextmanager
    def trying(self, host: str, login: str) -> Iterator[None]:
        """Inside, the mail server is asked for this login. Raises TooManyTries."""
        settings, before = services().settings, len(self._taken)
        account = _key("account", host, login.lower())
        pair = Rate(settings.limit_sign_in, _QUARTER)
        if not self.took(account, Rate(settings.limit_sign_in_account, _HOUR)):
            pair = Rate(min(pair.times or _UNDER_ATTACK, _UNDER_ATTACK), _QUARTER)
        self.take(_key("pair", account, client()), pair)
        try:
            yield
        except _NOBODY_ASKED:
            self.give_back(before)
            raise
        self.give_back()


def knock() -> Door:
    """Somebody wants in. Raises TooManyTries, whoever it is they say they are."""
    settings, door = services().settings, Door(services().counter)
    door.take("everybody", Rate(settings.limit_sign_in_all, 60.0))
    door.take(_key("client", client()), Rate(settings.limit_sign_in_address, _QUARTER))
    return door


def sending(recipients: int) -> None:
    """This reader is about to write to so many. Raises TooOften."""
    _spend("send", Rate(services().settings.limit_send, _HOUR), recipients)


def searching() -> None:
    """This reader searches once. Raises TooOften."""
    _spend("search", Rate(services().settings.limit_search, 60.0), 1)


def uploading(octets: int) -> None:
    """This reader sends us so much. Raises TooOften."""
    _spend("upload", Rate(services().settings.limit_upload_mb, _HOUR), octets / 1_000_000)


def _spend(what: str, rate: Rate, times: float) -> None:
    """Counted by account, wherever it is signed in."""
    who = cast(Any, current_user).sign_in
    if wait := services().counter.take(_key(what, who.server.imap.host, who.login.lower()), rate, times):
        raise _later(errors.TooOften(wait), what)


def _later(error: errors.TooOften, limit: str) -> errors.TooOften:
    services().meter.limited(limit)
    g.retry_after = math.ceil(error.seconds)
    return error


def _say_when(response: Response) -> Response:
    if response.status_code == 429 and "retry_after" in g:
        response.headers["Retry-After"] = str(g.retry_after)
    return response


def _key(*words: str) -> str:
    """Of one length whatever was typed, and no address for whoever can look into the counter."""
    return hashlib.sha256("\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()
