"""Questions to a provider: over TLS only, in time, never elsewhere; and what it says is not believed unseen."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from tests.servers import granted
from tests.servers.authority import Authority
from tests.servers.provider import Provider as Server
from tests.servers.web import Web, answer
from webmail import errors
from webmail.oauth.https import LARGEST, Https
from webmail.oauth.provider import Provider, Request
from webmail.providers import OAuthClient

ASKED = Request("state", "nonce", "v" * 43, "http://localhost/login/back/localhost")
JSON = {"Content_Type": "application/json"}
TOKEN = b'{"access_token": "a", "token_type": "Bearer"}'


@pytest.fixture
def web(authority: Authority) -> Iterator[Web]:
    server = Web(authority)
    yield server
    server.stop()


def at(web: Web, authority: Authority, **more: Any) -> OAuthClient:
    """A client of whoever answers there, without OpenID Connect."""
    return replace(
        OAuthClient("x", "X", "us", "secret", scopes="mail", ca_file=authority.ca_file),
        authorization_endpoint=web.url("/authorize"), token_endpoint=web.url("/token"), **more,
    )  # fmt: skip


def asking(client: OAuthClient, authority: Authority, seconds: float = 1.0) -> Provider:
    return Provider(client, Https(ssl.create_default_context(cafile=str(authority.ca_file)), seconds))


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """One octet of a header now and then: no read ever takes long."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    for _ in range(100):
        handler.wfile.write(b"x")
        time.sleep(0.1)


def silent(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(3)


FAULTS: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {
    "silent": silent,
    "in drops": dripping,
    "huge": answer(200, b"[" + b" " * (2 * LARGEST), **JSON),
    "a redirect": answer(302, Location="/elsewhere"),
    "a redirect that keeps the form": answer(307, Location="/elsewhere"),
    "no JSON": answer(200, b"<html>"),
    "a list": answer(200, b"[1]", **JSON),
    "deep": answer(200, b"[" * 100_000, **JSON),
    "a fault": answer(500, TOKEN, **JSON),
    "no token": answer(200, b'{"token_type": "Bearer"}', **JSON),
    "a number": answer(200, b'{"access_token": 7, "token_type": "Bearer"}', **JSON),
    "an odd refresh token": answer(200, b'{"access_token": "a", "refresh_token": [1]}', **JSON),
    "an odd life": answer(200, b'{"access_token": "a", "expires_in": "soon"}', **JSON),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_r23_r33_an_answer_that_is_none_ends_in_time_and_leads_nowhere(
    web: Web, authority: Authority, fault: str
) -> None:
    web.pages = {"/token": FAULTS[fault], "/elsewhere": answer(200, TOKEN, **JSON)}
    begun = time.monotonic()
    for ask in (lambda p: p.redeem(ASKED, {"state": "state", "code": "c"}), lambda p: p.refresh("r")):
        with pytest.raises(errors.ProviderFailed) as raised:
            ask(asking(at(web, authority), authority))
        assert not isinstance(raised.value, errors.ProviderRefused)
        assert "secret" not in repr(raised.value.reason)
    assert time.monotonic() - begun < 6
    assert {path for _, path, _, _ in web.asked} == {"/token"}


def test_r11_the_provider_proves_who_it_is(web: Web, authority: Authority) -> None:
    web.pages = {"/token": answer(200, TOKEN, **JSON)}
    stranger = Provider(at(web, authority), Https(ssl.create_default_context(), 2))
    with pytest.raises(errors.ProviderFailed):
        stranger.refresh("r")
    plain = replace(at(web, authority), token_endpoint=web.url("/token").replace("https", "http"))
    with pytest.raises(errors.ProviderFailed):
        asking(plain, authority).refresh("r")
    assert web.asked == []
    assert asking(at(web, authority), authority).refresh("r").access.value == "a"


def test_what_discovery_tells_is_asked_once_and_has_to_be_the_issuers_own(
    provider: Server, authority: Authority
) -> None:
    seen: list[str] = []
    provider.fault = seen.append
    us = asking(granted.client(provider, authority), authority)
    for _ in range(3):
        us.authorization_url(ASKED, "alice@example.org")
    assert seen == ["/.well-known/openid-configuration"]
    for lie in ({"issuer": "https://evil.example"}, {"token_endpoint": "http://localhost/token"}):
        provider.alters = lambda body, lie=lie: body | lie
        with pytest.raises(errors.ProviderFailed):
            asking(granted.client(provider, authority), authority).redeem(ASKED, {
                "state": "state", "code": "c", "iss": provider.issuer,
            })  # fmt: skip


@pytest.mark.parametrize(
    ("code", "raised"),
    [
        ("invalid_grant", errors.GrantEnded),
        ("invalid_client", errors.ProviderRefused),
        ("x" * 90_000, errors.ProviderRefused),
    ],
)
def test_what_the_provider_says_no_with(web: Web, authority: Authority, code: str, raised: type[Exception]) -> None:
    web.pages = {"/token": answer(400, b'{"error": "%s"}' % code.encode(), **JSON)}
    with pytest.raises(raised) as caught:
        asking(at(web, authority), authority).refresh("r")
    assert len(getattr(caught.value, "reason", "")) <= 40


def test_where_the_provider_says_nothing_of_it_the_refresh_token_stays_and_a_life_is_an_hour(
    web: Web, authority: Authority
) -> None:
    web.pages = {"/token": answer(200, TOKEN, **JSON)}
    tokens = asking(at(web, authority), authority).refresh("the old one")
    assert tokens.refresh == "the old one"
    assert 3500 < tokens.expires - time.time() <= 3600
    [(_, _, headers, body)] = web.asked
    assert headers["authorization"].startswith("Basic ")
    assert b"secret" not in body
    asking(at(web, authority), authority).revoke("r")
    assert len(web.asked) == 1, "no such endpoint, no question"
