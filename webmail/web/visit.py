"""Who asks: a person who opens a page, or a browser that fetches it ahead; and whether that is reading."""

from __future__ import annotations

from typing import Any, Final

from flask import Flask, has_request_context, request

from webmail.web import preferences

PEEK: Final[dict[str, Any]] = {"peek": 1}
"""The query of a message that opened by itself, in place of one that was moved away."""


def is_reading() -> bool:
    """A person opening the page: not a HEAD, not a prefetch, and not a page of another site that names our URL."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    foreign = request.headers.get("Sec-Fetch-Site") == "cross-site"
    return request.method == "GET" and "prefetch" not in purpose and not foreign


def marks() -> bool:
    """Whether opening this marks it as read: a person reads it, chose it, and wants that."""
    return is_reading() and "peek" not in request.args and preferences.current().mark_read == "open"


def waits() -> bool:
    """Whether script marks it as read after a moment."""
    return not marks() and preferences.current().mark_read != "hand"


def install(app: Flask) -> None:
    """The other letters of a conversation that opened by itself have opened by themselves, too."""
    app.url_defaults(_pass_on)


def _pass_on(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "talk.letter" and has_request_context() and "peek" in request.args:
        values.update(PEEK)
