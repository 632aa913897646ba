"""R29: SafeHtml comes from the sanitizer or not at all."""

from __future__ import annotations

import copy

import pytest
from jinja2 import Environment

from webmail.sanitize.html import clean
from webmail.sanitize.links import link_text
from webmail.sanitize.safe import SafeHtml


def test_nobody_else_can_make_it() -> None:
    for seal in (None, object(), "seal"):
        with pytest.raises(TypeError):
            SafeHtml("<script>", seal)
    with pytest.raises(TypeError):
        SafeHtml("<script>")  # type: ignore[call-arg]


def test_it_cannot_be_changed_or_stored() -> None:
    safe = link_text("x")
    with pytest.raises(AttributeError):
        safe._html = "<script>"
    with pytest.raises(AttributeError):
        del safe._html
    with pytest.raises(TypeError):
        copy.copy(safe)


def test_templates_print_it_and_escape_everything_else() -> None:
    environment = Environment(autoescape=True)
    safe = clean("<b>x</b>", inline=lambda _: None, remote=None).html
    assert environment.from_string("{{ a }}{{ b }}").render(a=safe, b="<i>") == "<b>x</b>&lt;i&gt;"


def test_it_does_not_tell_its_text_to_a_log() -> None:
    """R17."""
    assert repr(link_text("secret")) == "SafeHtml(6 characters)"


def test_equal_text_is_equal() -> None:
    assert link_text("x") == link_text("x") != link_text("y")
    assert len({link_text("x"), link_text("x")}) == 1
