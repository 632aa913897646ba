"""The paper of HTML letters: dark like the page, or white as designed: as the reader has it always, or for this letter
(?paper=white, ?paper=dark)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Flask, has_request_context, request

from webmail.web import preferences

_NAME: Final = "paper"
_WHITE: Final = "white"
_DARK: Final = "dark"
_MEDIA: Final = {"light": "", "dark": "screen"}
_CARRIED: Final = frozenset({"message.body", "talk.letter", "inner.show", "inner.body"})
"""What is inside a letter, or folded beside it, lies on the same paper."""


def choice(args: Mapping[str, str]) -> dict[str, Any]:
    """What every link carries on, so that the choice is not lost with the next message: {} for the usual paper."""
    return {_NAME: args[_NAME]} if args.get(_NAME) in (_WHITE, _DARK) else {}


def is_white(args: Mapping[str, str], usual: str) -> bool:
    """Whether the letter is on white paper whatever the page is. usual: "white", else it goes with the page."""
    return bool(choice(args).get(_NAME, usual) == _WHITE)


def other(args: Mapping[str, str], usual: str) -> dict[str, Any]:
    """The query of the link to the other paper."""
    wanted = _DARK if is_white(args, usual) else _WHITE
    return {_NAME: None if wanted == (_WHITE if usual == _WHITE else _DARK) else wanted}


def night_media(args: Mapping[str, str], theme: str, usual: str) -> str:
    """The media query under which the letter is dark; "" for never. theme: "light", "dark", "" as the system has it.

    Print is always on white paper.
    """
    return "" if is_white(args, usual) else _MEDIA.get(theme, "screen and (prefers-color-scheme: dark)")


def install(app: Flask) -> None:
    """night_media(theme) for the frame's template; the choice in every link to what goes with a letter."""
    app.context_processor(
        lambda: {"night_media": lambda theme: night_media(request.args, theme, preferences.current().paper)}
    )
    app.url_defaults(_pass_on)


def _pass_on(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint in _CARRIED and has_request_context():
        for name, value in choice(request.args).items():
            values.setdefault(name, value)
