"""A picture of every page at three widths, by day, by night and in Arabic: scripts/pictures."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Page

from tests.access.letters import PLAIN, SHOP
from tests.access.states import EVERY
from tests.access.walk import State, Walk, Way

FOLDER: Final = Path(__file__).resolve().parents[2] / "docs/screenshots"
SIZES: Final = {1440: 900, 820: 1180, 390: 844}

NAMED: Final = (
    "sign in", "sign in, shared computer", "signed out", "no such page", "inbox", "rows selected",
    "order of the list", "command menu", "keys", "empty folder", "message", "message, more", "designed letter",
    "conversation", "files", "invitation", "warned of", "new letter", "new letter, people suggested",
    "new letter, a question", "new letter, formatted", "answer", "on its way", "outbox", "search",
    "search by fields", "folders", "folder", "snoozed", "clean up", "people", "settings", "sessions", "passkeys",
    "second factor", "about the server",
)  # fmt: skip
"""States that are drawn by day and by night."""


def _at(path: str) -> Way:
    return lambda walk: walk.go(path)


def _of(subject: str, more: str = "") -> Way:
    return lambda walk: walk.read(subject, more)


SPOKEN: Final = (
    State("inbox", _at("/m/INBOX")),
    State("message", _of(PLAIN)),
    State("designed letter", _of(SHOP)),
    State("conversation", _of("Re: Draft budget, second pass")),
    State("invitation", _of("Invitation: garden planning")),
    State("answer", _of(PLAIN, "/reply")),
    State("new letter", _at("/write")),
    State("folders", _at("/folders")),
    State("folder", _at("/folders/Choir")),
    State("snoozed", _at("/snoozed")),
    State("clean up", _at("/m/INBOX/clean-up")),
    State("people", _at("/people")),
    State("settings", _at("/settings")),
    State("sessions", _at("/settings/sessions")),
    State("passkeys", _at("/passkeys")),
    State("about the server", _at("/server")),
    State("help", _at("/help")),
    State("keys page", _at("/keys")),
    State("about", _at("/about")),
    State("sign in", _at("/login")),
)
"""The same of what is reached by an address, whatever its words are."""

SMALLER: Final = """async (picture) => {
  const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${picture}`)).blob());
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  const made = await (await canvas.convertToBlob({ type: "image/webp", quality: 0.5 })).arrayBuffer();
  let octets = "";
  for (const each of new Uint8Array(made)) octets += String.fromCharCode(each);
  return btoa(octets);
}"""


def keep(page: Page, press: Page, state: State, looks: tuple[str, ...]) -> None:
    """press: a page without a policy, which makes WebP of what the other one shows."""
    for width, height in SIZES.items():
        if state.narrow and width > 500:
            continue
        page.set_viewport_size({"width": width, "height": height})
        for look in looks:
            page.emulate_media(color_scheme="dark" if look == "dark" else "light", reduced_motion="reduce")
            page.wait_for_timeout(150)
            made = press.evaluate(SMALLER, base64.b64encode(page.screenshot()).decode())
            name = re.sub(r"\W+", "-", state.name)
            (FOLDER / f"{name}-{width}-{look}.webp").write_bytes(base64.b64decode(made))
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1440, "height": 900})


@pytest.mark.timeout(3600)
def test_by_day_and_by_night(somebody: Walk) -> None:
    FOLDER.mkdir(exist_ok=True)
    press = somebody.page.context.new_page()
    somebody.page.set_viewport_size({"width": 1440, "height": 900})
    for state in (one for one in EVERY if one.name in NAMED):
        state.way(somebody)
        keep(somebody.page, press, state, ("light", "dark"))


@pytest.mark.timeout(3600)
def test_from_right_to_left(somebody: Walk) -> None:
    press = somebody.page.context.new_page()
    next(one for one in EVERY if one.name == "inbox").way(somebody)
    somebody.page.set_extra_http_headers({"Accept-Language": "ar"})
    for state in SPOKEN:
        if state.name == "sign in":
            somebody.page.context.clear_cookies()
        state.way(somebody)
        assert somebody.page.locator("html").get_attribute("dir") == "rtl", state.name
        keep(somebody.page, press, state, ("rtl",))
