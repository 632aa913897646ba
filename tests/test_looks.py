"""The looks of a site: colours that can be read, an icon that is one, and our own icons as scripts/icons draws them."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.servers.application import Visitor
from webmail import config, looks
from webmail.config import Settings

ROOT = Path(__file__).resolve().parent.parent
GIVEN = {"PENNYPOST_IMAP_HOST": "mail.example.org"}


def drawn() -> Any:
    loader = importlib.machinery.SourceFileLoader("icons", str(ROOT / "scripts" / "icons"))
    spec = importlib.util.spec_from_loader("icons", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def tokens(start: str) -> dict[str, str]:
    """The colours of a block of base.css."""
    css = (ROOT / "static" / "css" / "base.css").read_text("utf-8")
    return dict(re.findall(r"--([\w-]+): (#\w{6});", css[css.index(start) :].split("\n}")[0]))


def test_the_surfaces_are_those_of_the_stylesheet() -> None:
    for start, surfaces in ((":root {", looks.LIGHT), (':root[data-theme="dark"] {', looks.DARK)):
        found = tokens(start)
        assert tuple(found[name] for name in ("canvas", "list", "sheet", "sel", "hover")) == surfaces


def test_our_own_colours_would_pass() -> None:
    looks.accents(tokens(":root {")["accent"], tokens(':root[data-theme="dark"] {')["accent"])


@pytest.mark.parametrize("colour", ["#14578c", "#7a1f3d", "#1f6a3f", "#4d3a78", "#000000"])
def test_what_is_made_of_one_colour_can_be_read_everywhere(colour: str) -> None:
    light, dark = looks.accents(colour)
    for one, surfaces in ((light, looks.LIGHT), (dark, looks.DARK)):
        assert min(looks.contrast(one.accent, surface) for surface in surfaces) >= 4.5
        assert looks.contrast(one.accent, one.ink) >= 4.5
        assert looks.contrast(one.hover, one.ink) >= 4.5


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        (
            {"ACCENT": "#ffcc00"},
            r"PENNYPOST_ACCENT: #ffcc00 has a contrast of 1\.\d on light pages, .* choose a darker",
        ),
        ({"ACCENT": "#14578c", "ACCENT_DARK": "#14578c"}, "PENNYPOST_ACCENT_DARK: .* on dark pages, .* a lighter one"),
        ({"ACCENT": "blue"}, "PENNYPOST_ACCENT: should look like #14578c, not 'blue'"),
        ({"ACCENT_DARK": "#8ac4f5"}, "PENNYPOST_ACCENT: is needed beside PENNYPOST_ACCENT_DARK"),
        ({"ICON": "/nowhere.png"}, "PENNYPOST_ICON: cannot read /nowhere.png"),
        ({"ICON": str(ROOT / "static/img/icon.svg")}, "PENNYPOST_ICON: .* is no PNG file"),
        ({"ICON": str(ROOT / "static/img/icon-touch.png")}, "PENNYPOST_ICON: should be square, 192 to 1024"),
        ({"SUPPORT_URL": "javascript:alert(1)"}, "PENNYPOST_SUPPORT_URL: should begin with https://"),
        ({"SUPPORT_URL": 'https://x"onclick="'}, ""),
    ],
)
def test_looks_that_cannot_be_used_stop_the_start(variables: dict[str, str], words: str) -> None:
    given = GIVEN | {f"PENNYPOST_{name}": value for name, value in variables.items()}
    if not words:
        assert config.load(given).support_url, "templates escape what is odd"
        return
    with pytest.raises(config.ConfigError, match=words):
        config.load(given)


def test_a_site_of_its_own_looks(settings: Settings, make_app: Callable[[Settings], Flask]) -> None:
    icon = ROOT / "static" / "img" / "icon-512.png"
    visitor = Visitor(make_app(replace(settings, accent="#7a1f3d", icon=str(icon), brand="Lindholm mail")))
    visitor.get("/login")
    [sheet] = re.findall(r'href="(/theme/[^"]+\.css)"', visitor.html)
    [picture] = set(re.findall(r'(?:href|src)="(/theme/[^"]+\.svg)"', visitor.html))
    assert "/static/" not in re.findall(r'rel="icon" href="([^"]+)"', visitor.html)[0]
    css = visitor.get(sheet)
    assert "--accent:#7a1f3d" in css.get_data(as_text=True)
    assert "immutable" in css.headers["Cache-Control"]
    assert b"data:image/png;base64," in visitor.get(picture).data
    assert b"<circle" in visitor.get(picture.replace("icon.svg", "icon-unread.svg")).data
    [shown] = (visitor.get("/manifest.webmanifest").json or {})["icons"]
    assert visitor.get(shown["src"]).data == icon.read_bytes()
    assert shown["sizes"] == "512x512"
    old = visitor.get(sheet.replace(sheet.split("/")[2], "0" * 16))
    assert old.headers["Cache-Control"] == "no-cache"
    assert visitor.get("/theme/0000000000000000/other.css").status_code == 404


def test_the_icons_are_those_that_the_drawing_gives() -> None:
    """Pixels are compared and not octets: not every zlib packs the same."""
    module = drawn()
    for name, side, fills in module.ICONS:
        if side == 512:
            continue  # the same drawing, and a second each
        rows, _ = module.pixels(side, fills)
        octets = (ROOT / "static" / "img" / f"{name}.png").read_bytes()
        start = octets.index(b"IDAT") + 4
        assert zlib.decompressobj().decompress(octets[start:]) == b"".join(b"\0" + row for row in rows), name
