"""Tags that are left out, filed under the reason a reader is told."""

from __future__ import annotations

from .blocked import Reason, Tally
from .images import Images
from .rules import EMBEDS, FORM_CONTROLS, words
from .tokens import attributes
from .urls import web

_PARTS_OF_OTHERS = words("option optgroup label legend fieldset output datalist param source track")


def left_out(name: str, source: str, images: Images) -> None:
    """Count the tag, and the host it would have asked, where a reader should know about it."""
    tally = images.tally
    if name == "script":
        tally.add(Reason.SCRIPT)
    elif name in ("meta", "base", "link"):
        _page_command(name, attributes(source), tally)
    elif name in FORM_CONTROLS and name not in _PARTS_OF_OTHERS:
        tally.add(Reason.FORM)
    elif name in EMBEDS and name not in _PARTS_OF_OTHERS:
        found = attributes(source)
        target = web(found.get("src") or found.get("data") or "")
        tally.add(Reason.EMBEDDED, target.host if target else "")
        images.elsewhere(found.get("poster", ""))


def _page_command(name: str, found: dict[str, str], tally: Tally) -> None:
    target = web(found.get("href", ""))
    host = target.host if target else ""
    if name == "link" and "stylesheet" in found.get("rel", "").lower():
        tally.add(Reason.STYLESHEET, host)
    elif name != "meta" or found.get("http-equiv", "").strip().lower() == "refresh":
        tally.add(Reason.PAGE_COMMAND, host)
