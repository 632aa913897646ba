"""Browsers of people who are signed in, several at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask

from tests.servers.application import Visitor
from tests.servers.people import Person
from webmail.web import session

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1"


def visitor_with(app: Flask, person: Person, agent: str = FIREFOX, **more: Any) -> Visitor:
    """Signed in."""
    visitor = Visitor(app)
    visitor.client.environ_base["HTTP_USER_AGENT"] = agent
    visitor.sign_in(person, **more)
    assert visitor.path == "/m/INBOX"
    return visitor


def is_in(visitor: Visitor) -> bool:
    """Whether its inbox opens."""
    return visitor.client.get("/m/INBOX").status_code == 200


def record_of(app: Flask, visitor: Visitor) -> Path:
    """The file of this browser's sign-in: the only one that goes when it signs out."""
    with app.test_request_context(headers={"Cookie": "; ".join(f"{c.key}={c.value}" for c in cookies_of(visitor))}):
        return Path(app.extensions["pennypost"].settings.state_dir, "sign-ins", f"{session.current().record_key}.json")


def cookies_of(visitor: Visitor) -> list[Any]:
    """Those of a sign-in."""
    return [cookie for cookie in (visitor.client._cookies or {}).values() if cookie.key.startswith("pennypost")]
