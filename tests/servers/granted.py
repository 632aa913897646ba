"""A site whose people sign in at a provider: its settings, and what they do there."""

from __future__ import annotations

import html
import http.client
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.servers.application import Visitor
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, Person
from tests.servers.provider import CLIENT, SECRET, Provider
from tests.servers.submission import Submission
from webmail import providers
from webmail.config import Endpoint, MailServer, Settings

LABEL = "localhost"
"""What stands in the redirect URI of a provider that is known by its issuer."""


def client(provider: Provider, authority: Authority, **more: str) -> providers.OAuthClient:
    """The `oauth` table of a domain, read."""
    table = {"issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET, "title": "Example Accounts"}
    return replace(providers.client_of(table | more), ca_file=authority.ca_file)


def settings_with(
    settings: Settings, authority: Authority, imap_port: int, smtp_port: int, oauth: providers.OAuthClient
) -> Settings:
    """example.org signs in at the provider, and nobody else is known."""
    server = MailServer(
        Endpoint("localhost", imap_port, "implicit", authority.ca_file),
        Endpoint("localhost", smtp_port, "implicit", authority.ca_file),
        oauth=oauth,
    )
    return replace(settings, imap_host="", domains={"example.org": server}, trusted_hosts="localhost,127.0.0.1")


@dataclass
class World:
    """A provider, a mail server and a submission server that believe it, and a site in front of them."""

    provider: Provider
    dovecot: Dovecot
    submission: Submission
    settings: Settings
    alice: Person

    def records(self) -> list[Path]:
        """The sign-in records of the site."""
        return list(Path(self.settings.state_dir, "sign-ins").glob("*.json"))

    def detours(self) -> list[Path]:
        """Who is on the way to the provider."""
        return list(Path(self.settings.state_dir, "detours").glob("*.json"))


def world(
    settings: Settings, authority: Authority, provider: Provider, submission: Submission,
    another_dovecot: Callable[..., Dovecot], **more: str,
) -> World:  # fmt: skip
    """All of it."""
    dovecot = another_dovecot(introspection=provider.introspection)
    submission.bearers = provider.whose
    provider.redirect_uris = [f"http://localhost/login/back/{LABEL}"]
    chosen = settings_with(settings, authority, dovecot.port, submission.port, client(provider, authority, **more))
    return World(provider, dovecot, submission, chosen, dovecot.person(ALICE))


def set_out(visitor: Visitor, address: str = ALICE.login, **more: Any) -> str:
    """Type the address. Returns where the provider is."""
    if not visitor.page or 'name="user"' not in visitor.html:
        visitor.get("/login")
    visitor.send(visitor.form("/login"), user=address, **more)
    found = re.search(r'href="(https://[^"]+/authorize[^"]+)"', visitor.html)
    assert found, visitor.text
    return html.unescape(found[1])


def consent(url: str, authority: Authority, *, account: str = "", do: str = "allow") -> str:
    """Say yes or no on the provider's page, as a browser would. Returns where it sends the browser."""
    parts, asked = urlsplit(url), dict(parse_qsl(urlsplit(url).query))
    connection = http.client.HTTPSConnection(
        parts.hostname or "", parts.port, context=authority.client_context(), timeout=10
    )
    body = urlencode({"account": account or asked.get("login_hint", ""), "do": do})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", f"{parts.path}?{parts.query}", body, headers)
    answer = connection.getresponse()
    location = answer.headers["Location"]
    assert answer.status == 302, answer.read()
    connection.close()
    return location


def sign_in(visitor: Visitor, authority: Authority, account: str = "") -> None:
    """There and back."""
    visitor.get(consent(set_out(visitor), authority, account=account))
