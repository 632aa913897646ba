"""Signing in by way of a provider: what is remembered until the browser comes back, and that it is the same browser."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from flask import Response, request, url_for

from webmail import errors
from webmail.config import Settings
from webmail.oauth.grant import Grant
from webmail.oauth.provider import Provider, Request
from webmail.providers import OAuthClient
from webmail.web import seal
from webmail.web.services import services

LONGEST: Final = 600
"""Seconds that somebody may take at the provider."""

_MOST: Final = 2000
_MOST_OCTETS: Final = 256 << 20
"""Detours at once, and all their letters. Anybody can begin one, so the disk has a say."""

_TOKEN: Final = 43
"""Characters of seal.new_token()."""


@dataclass(frozen=True, slots=True)
class Detour:
    """One sign-in on its way. label: of the provider. carried: as LoginPage has it; it travels sealed."""

    address: str
    shared: bool
    keep: bool
    next: str
    label: str
    carried: Mapping[str, str] = field(default_factory=dict, repr=False)


def begin(detour: Detour, client: OAuthClient) -> tuple[str, str]:
    """Remember it. Returns where the browser goes, and what it has to keep. Raises ProviderFailed, ServerBusy."""
    made = Request(seal.new_token(), seal.new_token(), seal.new_token(), _redirect_uri(client))
    url = _provider(client).authorization_url(made, detour.address)
    browser = _browser() or seal.new_token()
    key = _key(browser, made.state)
    words = json.dumps([
        detour.address, detour.shared, detour.keep, detour.next, detour.label, dict(detour.carried),
        made.state, made.nonce, made.verifier, made.redirect_uri,
    ])  # fmt: skip
    store = services().detours
    store.sweep(time.time() - LONGEST)
    number, octets = store.weight()
    if number >= _MOST or octets >= _MOST_OCTETS:
        raise errors.ServerBusy
    store.put(key, {"sealed": seal.seal(words, browser, services().server_key, key)})
    return url, browser


def back(label: str, state: str) -> tuple[Detour, Request]:
    """The browser is here again; each detour ends once. Raises DetourLost for one that began elsewhere or long ago."""
    browser = _browser()
    key, store = _key(browser, state), services().detours
    found = store.get(key)
    store.delete(key)
    if not browser or found is None or time.time() - found[1] > LONGEST:
        raise errors.DetourLost
    try:
        words = json.loads(seal.unseal(str(found[0].get("sealed")), browser, services().server_key, key))
    except seal.SealBroken:
        raise errors.DetourLost from None
    address, shared, keep, after, began, carried, *rest = words
    if began != label:
        raise errors.DetourLost
    return Detour(address, shared, keep, after, began, carried), Request(*rest)


def granted(client: OAuthClient, asked: Request, answer: Mapping[str, str]) -> Grant:
    """What the provider gives for what the browser brought. Raises as Provider.redeem does."""
    provider = _provider(client)
    return Grant(provider, seal.new_token(), provider.redeem(asked, answer), since=time.monotonic())


def set_cookie(response: Response, value: str) -> None:
    """What tells this browser from others while it is away; an empty value takes it away."""
    settings = services().settings
    name = _cookie(settings)
    if value:
        response.set_cookie(
            name, value, max_age=LONGEST, secure=settings.secure_cookies, httponly=True, samesite="Lax", path="/"
        )
    else:
        response.delete_cookie(name, secure=settings.secure_cookies, httponly=True, samesite="Lax", path="/")


def _cookie(settings: Settings) -> str:
    return "__Host-pennypost-away" if settings.secure_cookies else "pennypost-away"


def _browser() -> str:
    value = request.cookies.get(_cookie(services().settings), "")
    return value if len(value) == _TOKEN else ""


def _provider(client: OAuthClient) -> Provider:
    return services().grants.provider(client)


def _redirect_uri(client: OAuthClient) -> str:
    """One for each provider, so that an answer of one cannot pass for another's (RFC 9700 4.4). Its host is one of
    trusted_hosts, without which there is no OAuth (R30)."""
    scheme = "https" if services().settings.secure_cookies else request.scheme
    return url_for("login.back", label=client.label, _external=True, _scheme=scheme)


def _key(browser: str, state: str) -> str:
    return hashlib.sha256(f"{browser} {state}".encode("utf-8", "replace")).hexdigest()
