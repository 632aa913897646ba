"""The paper of HTML letters: dark like the page, or white as designed when the reader asks (?paper=white)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Flask, request

_NAME: Final = "paper"
_WHITE: Final = "white"
_MEDIA: Final = {"light": "", "dark": "screen"}


def choice(args: Mapping[str, str]) -> dict[str, Any]:
    """What every link carries on, so that the choice is not lost with the next message: {} for the usual paper."""
    return {_NAME: _WHITE} if args.get(_NAME) == _WHITE else {}


def other(args: Mapping[str, str]) -> dict[str, str | None]:
    """The query of the link to the other paper."""
    return {_NAME: None if choice(args) else _WHITE}


def night_media(args: Mapping[str, str], theme: str) -> str:
    """The media query under which the letter is dark; "" for never. theme: "light", "dark", "" as the system has it.

    Print is always on white paper.
    """
    return "" if choice(args) else _MEDIA.get(theme, "screen and (prefers-color-scheme: dark)")


def install(app: Flask) -> None:
    """night_media(theme) for the frame's template."""
    app.context_processor(lambda: {"night_media": lambda theme: night_media(request.args, theme)})
