"""What a search is on other pages: the field in the top bar, the kept searches beside the folders, the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, g, request, url_for

from webmail.mail.preferences import Preferences
from webmail.web import asked, collate, converters
from webmail.web.asked import Asked
from webmail.web.rows import Choice

_JOBS: Final = frozenset({"act.job", "act.on", "act.stop", "act.undo"})


def install(blueprint: Blueprint) -> None:
    """On every page of the site."""
    blueprint.app_context_processor(_everywhere)
    blueprint.app_url_defaults(_pass_on)


def _everywhere() -> dict[str, Callable[[], Any]]:
    """For the field in the top bar, the list of folders, and the way back from a message."""
    return {"search_place": _place, "kept_searches": _kept, "results_url": asked.back}


def _place() -> str:
    """The folder of this page, which is searched first."""
    name = (request.view_args or {}).get("mailbox")
    return converters.mailbox_to_url(name) if name else ""


def _kept() -> tuple[Choice, ...]:
    """Asks nothing: words about an error have the list of folders beside them, too."""
    chosen: Preferences | None = g.get("preferences")
    if not chosen:
        return ()
    here = (request.view_args or {}).get("token")
    kept = sorted(chosen.searches.items(), key=lambda one: collate.key(one[0]))
    urls = ((name, asked.token(Asked(str(text)))) for name, text in kept)
    return tuple(Choice(name, url_for("search.show", token=token), token == here) for name, token in urls)


def _pass_on(endpoint: str, values: dict[str, Any]) -> None:
    """What was opened from results leads back to them, and so does what was done to them."""
    token = request.args.get("found")
    if endpoint in _JOBS and request.endpoint == "search.show":
        token = (request.view_args or {}).get("token")
    elif endpoint not in _JOBS and (endpoint not in ("message.show", "act.do") or request.blueprint == "search"):
        return
    if token:
        values.setdefault("found", token)
