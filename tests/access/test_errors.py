"""What is refused comes back with its words tied to the field, the focus on the first of them, and what was typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from flask import Flask

from tests.flows.seen import Node, tree
from tests.servers.application import Visitor, forms_of
from tests.servers.people import Person, letter
from webmail.config import Settings


def wrong_field(html: str, words: str, label: str, value: str | None = None) -> None:
    """A field is marked, named so, which these words describe, with the focus and what was typed."""
    page = tree(html)
    fields = [one for tag in ("input", "textarea", "select") for one in page.all(tag, **{"aria-invalid": "true"})]
    assert fields, "no field is marked"
    field = fields[0]
    about = [find(page, one) for one in field.attributes["aria-describedby"].split()]
    assert any(words in one.text for one in about), [one.text for one in about]
    named = next(one for one in page.all("label") if one.attributes.get("for") == field.attributes["id"])
    assert label in named.text
    assert any("autofocus" in one.attributes or one.attributes.get("id") == "to" for one in fields)
    if value is not None:
        assert field.attributes.get("value", field.text) == value


def find(page: Node, identifier: str) -> Node:
    for tag in ("p", "div", "span"):
        if found := page.one(tag, id=identifier):
            return found
    raise AssertionError(f"nothing is called {identifier}")


def send(visitor: Visitor, action: str, button: tuple[str, str] | None, **values: str) -> None:
    form = next(
        one
        for one in forms_of(visitor.html)
        if one.action.endswith(action) and (not button or any(button == each[:2] for each in one.buttons))
    )
    visitor.send(form, **values, **(dict([button]) if button else {}))


def test_refused_fields_are_tied_to_their_words(
    make_app: Callable[[Settings], Flask], settings: Settings, alice: Person
) -> None:
    alice.append(letter("Sleeps"))
    alice.create("Choir")
    visitor = Visitor(make_app(replace(settings, second_factor="offered", secret_key="k" * 48)))
    visitor.get("/login")
    send(visitor, "/login", None, user=alice.address, password="wrong")
    wrong_field(visitor.html, "password", "Email address", alice.address)
    # Pasting and password managers are welcome (3.3.8).
    assert re.search(r'id="password"[^>]*autocomplete="current-password"', visitor.html)
    visitor.sign_in(alice)
    visitor.get("/folders")
    send(visitor, "/folders", ("do", "make"), title="Choir")
    wrong_field(visitor.html, "There is such a folder already", "Name", "Choir")
    visitor.get("/folders/Choir")
    send(visitor, "/folders/Choir", ("do", "rename"), title="Sent.")
    wrong_field(visitor.html, "cannot have", "New name", "Sent.")
    visitor.get("/write")
    send(visitor, "/write", ("do", "send"), to="nobody at all", body="Words")
    wrong_field(visitor.html, "nobody at all", "To", "nobody at all")
    visitor.get("/second-factor")
    send(visitor, "/second-factor", ("do", "begin"))
    send(visitor, "/second-factor", ("do", "confirm"), code="000000")
    wrong_field(visitor.html, "code", "The code that your phone shows now")
