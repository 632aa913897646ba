"""A site's own looks: whether its colour can be read on our surfaces (WCAG 2.2, 1.4.3), its icon, its way to help."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LIGHT: Final = ("#f1efe9", "#faf9f6", "#ffffff", "#e3edf6", "#f1f0eb")
DARK: Final = ("#101418", "#161b20", "#1b2127", "#1f3448", "#1e252b")
"""--canvas, --list, --sheet, --sel and --hover of static/css/base.css: what links and buttons stand on."""

LEAST: Final = 4.5
"""Contrast of text (WCAG 2.2, 1.4.3)."""

_AT_EASE: Final = 6.0
"""What a colour is lightened to that was chosen for light pages alone."""

_ON_LIGHT: Final = "#ffffff"
_ON_DARK: Final = "#0b1a28"
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_SIDES: Final = range(192, 1025)
_LARGEST: Final = 200_000
_HELP: Final = re.compile(r"(?:https://|mailto:|tel:)[!-~]{1,500}")


class BadLook(ValueError):
    """str() is the name of the setting in upper case, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Accent:
    """accent: of links and of buttons. hover: of a button under the pointer. ink: of the words on it."""

    accent: str
    hover: str
    ink: str


def check(accent: str, accent_dark: str, icon: str, support_url: str) -> None:
    """Raises BadLook where one of them cannot be used."""
    if accent_dark and not accent:
        raise BadLook("ACCENT: is needed beside PENNYPOST_ACCENT_DARK")
    for name, dark in (("ACCENT", ""), ("ACCENT_DARK", accent_dark)):
        try:
            _ = accents(accent, dark) if accent else None
        except ValueError as error:
            raise BadLook(f"{name}: {error}") from None
    if icon:
        try:
            picture(Path(icon))
        except ValueError as error:
            raise BadLook(f"ICON: {error}") from None
    if support_url and not _HELP.fullmatch(support_url):
        raise BadLook("SUPPORT_URL: should begin with https://, mailto: or tel:")


def picture(path: Path) -> tuple[bytes, int]:
    """The octets of an icon, and pixels of its side. Raises ValueError with words for the administrator."""
    try:
        with path.open("rb") as stream:
            octets = stream.read(_LARGEST + 1)
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}") from None
    if not octets.startswith(_PNG) or len(octets) < 33:
        raise ValueError(f"{path} is no PNG file")
    width, height = struct.unpack(">II", octets[16:24])
    if width != height or width not in _SIDES:
        raise ValueError(f"should be square, 192 to 1024 pixels wide; {path} has {width} x {height}")
    if len(octets) > _LARGEST:
        raise ValueError(f"{path} is larger than {_LARGEST // 1000} kB")
    return octets, width


def accents(light: str, dark: str = "") -> tuple[Accent, Accent]:
    """What light and dark pages have, from "#rrggbb"; without one for dark pages the other is lightened for them.

    Raises ValueError with words for the administrator when one cannot be read.
    """
    for colour, surfaces, pages in ((light, LIGHT, "light"), (dark, DARK, "dark")):
        if colour and not _COLOUR.fullmatch(colour):
            raise ValueError(f"should look like #14578c, not {colour!r}")
        if colour and (least := _least(colour, surfaces)) < LEAST:
            raise ValueError(
                f"{colour} has a contrast of {least:.1f} on {pages} pages, and words need {LEAST}: choose a "
                f"{'darker' if surfaces is LIGHT else 'lighter'} one"
            )
    dark = dark or _lightened(light)
    return Accent(light, _mixed(light, "#000000", 0.2), _ON_LIGHT), Accent(dark, _mixed(dark, "#ffffff", 0.3), _ON_DARK)


def contrast(one: str, other: str) -> float:
    """1..21 (WCAG 2.2, contrast ratio)."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _least(colour: str, surfaces: tuple[str, ...]) -> float:
    # Rounded down: 4.46 is not 4.5.
    return int(10 * min(contrast(colour, surface) for surface in surfaces)) / 10


def _lightened(colour: str) -> str:
    tried = (_mixed(colour, "#ffffff", step / 20) for step in range(21))
    return next(one for one in tried if _least(one, DARK) >= _AT_EASE)


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _parts(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _mixed(colour: str, other: str, share: float) -> str:
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
