"""Help says what is so: its searches are understood, its links lead somewhere, and it is there before signing in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from flask import Flask

from tests.servers.application import Visitor
from tests.servers.people import Person
from webmail.config import Settings
from webmail.mail import query
from webmail.views.help import EXAMPLES


def test_every_search_in_the_help_is_understood_and_every_operator_is_shown() -> None:
    for typed, _ in EXAMPLES:
        assert query.parse(typed).left_out == (), typed
    shown = set(re.findall(r"([a-z_]+):", " ".join(f"{typed} {words}" for typed, words in EXAMPLES)))
    assert shown >= set(query.OPERATORS)


def test_help_is_there_for_those_who_cannot_get_in_and_its_links_lead_somewhere(
    visitor: Visitor, alice: Person
) -> None:
    visitor.get("/login")
    assert 'href="/help"' in visitor.html
    assert visitor.get("/help").status_code == 200
    assert alice.address not in visitor.html
    anchors = set(re.findall(r'href="#([^"]+)"', visitor.html)) - {"list"}
    assert anchors <= set(re.findall(r'id="([^"]+)"', visitor.html))
    assert len(anchors) == 9
    visitor.sign_in(alice)
    for path in ("/keys", "/about"):
        visitor.get("/help")
        assert f'href="{path}"' in visitor.html
        assert visitor.get(path).status_code == 200


def test_help_speaks_of_this_site(visitor: Visitor, settings: Settings, make_app: Callable[[Settings], Flask]) -> None:
    assert "12 hours" in (visitor.get("/help"), visitor.text)[1]
    other = Visitor(
        make_app(
            replace(
                settings, shared_computers="always", undo_seconds=20, keep_days=0, session_idle_minutes=90,
                support_url="https://help.example/", support_text="Ask us",
            )
        )
    )  # fmt: skip
    other.get("/help")
    assert "Every computer is treated as a shared one here" in other.text
    assert "waits 20 seconds" in other.text
    assert "90 minutes" in other.text
    assert "Keep me signed in" not in other.text
    assert '<a href="https://help.example/" rel="noopener">Ask us</a>' in other.html
    other.get("/login")
    assert "Ask us" in other.text
