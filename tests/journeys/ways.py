"""The ways in which the journeys are walked, and how hands are had for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flask import Flask, Response
from playwright.sync_api import Browser

from tests.journeys import chromium, wire
from tests.journeys.hands import Hands, Window
from tests.journeys.lynx import lynx
from tests.journeys.w3m import w3m


@dataclass(frozen=True)
class Way:
    """One column of the table. engine: what drives it; right_to_left: every page says so.

    aged: without the functions that came in the last five years; what sheets may say stays as it is.
    """

    title: str
    engine: str
    script: bool = True
    driver: Callable[[Any], Any] = chromium.Pointer
    narrow: bool = False
    right_to_left: bool = False
    aged: bool = False


WAYS: Final = {
    "script": Way("JavaScript on", "chromium"),
    "plain": Way("JavaScript off", "chromium", script=False),
    "keyboard": Way("Keyboard only", "chromium", driver=chromium.Keys),
    "phone": Way("Phone", "chromium", driver=chromium.Finger, narrow=True),
    "rtl": Way("Right to left", "chromium", right_to_left=True),
    "aged": Way("Functions of 2021", "chromium", aged=True),
}


_AGED: Final = """
  for (const kind of [Array, String]) for (const name of ["at", "findLast", "toSorted"]) delete kind.prototype[name];
  delete Element.prototype.checkVisibility;
  delete HTMLFormElement.prototype.requestSubmit;
  delete HTMLDialogElement.prototype.showModal;
  delete window.HTMLDialogElement;
  delete window.structuredClone;
  delete Object.hasOwn;
  delete AbortSignal.timeout;
  delete AbortSignal.any;
  const Whole = FormData;
  window.FormData = class extends Whole { constructor(form) { super(...(form ? [form] : [])); } };
"""


def mirror(app: Flask) -> None:
    """Every page of ours is written from right to left."""

    @app.after_request
    def turn(response: Response) -> Response:
        if response.mimetype == "text/html" and not response.direct_passthrough:
            parts = response.response
            response.response = (_turned(part) for part in parts)  # type: ignore[assignment]
            response.headers.pop("Content-Length", None)
        return response


def _turned(part: str | bytes) -> bytes:
    octets = part.encode() if isinstance(part, str) else part
    return octets.replace(b'<html lang="en"', b'<html lang="en" dir="rtl"', 1)


@contextmanager
def window(way: Way, browser: Browser, site: str) -> Iterator[Hands]:
    """Hands in Chromium; what the console complains of fails the journey."""
    more: dict[str, Any] = {"is_mobile": True, "has_touch": True} if way.narrow else {}
    size = {"width": 390, "height": 844} if way.narrow else {"width": 1440, "height": 900}
    context = browser.new_context(service_workers="block", java_script_enabled=way.script, viewport=size, **more)  # type: ignore[arg-type]
    context.set_default_timeout(60_000)
    if way.aged:
        context.add_init_script(_AGED)
    complaints: list[str] = []
    context.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield Window(way.driver(context.new_page()), site, f"Chromium {browser.version}")
    context.close()
    assert [said for said in complaints if not said.startswith("Failed to load resource")] == []


ENGINES: Final = {"firefox": wire.firefox, "webkit": wire.webkit}
"""Those that have to be installed first."""

TEXT: Final = {"w3m": w3m, "lynx": lynx}
"""Browsers of text."""

_OTHERS: Final = {"firefox": "Firefox", "webkit": "WebKit", "w3m": "w3m", "lynx": "lynx"}
TITLES: Final = {name: way.title for name, way in WAYS.items()} | _OTHERS
"""Every column of the table."""


@contextmanager
def engine(name: str, folder: Path, site: str) -> Iterator[Hands]:
    """Hands in another engine. folder: empty, where it may keep what it wants."""
    home = folder / name
    home.mkdir()
    with ENGINES[name](home) as transport:
        yield Window(wire.Remote(transport), site, transport.version)


@contextmanager
def terminal(name: str, folder: Path, site: str) -> Iterator[Hands]:
    """Hands in a browser of text. folder: empty, where it may keep what it wants."""
    home = folder / name
    home.mkdir()
    with TEXT[name](home, site) as hands:
        yield hands
