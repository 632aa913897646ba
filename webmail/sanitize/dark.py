"""The colours of a message on dark paper, by measured contrast (WCAG 2.2, 1.4.3).

Paper-like grounds (white, greys, pastels) become dark ones of the same hue: they would glare. Then each text is
measured against its ground, and only what cannot be read gets another colour, again of its own hue. Strong colours,
pictures and what stands on a ground that stays are left as designed.

Nothing is written into style="": an element that needs other colours gets a class whose name says them ("ink-ebe8e2"),
and the frame gets a sheet of such classes. White paper is the same HTML without that sheet.
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

Colour = tuple[int, int, int]

PAPER: Colour = (27, 33, 39)
INK: Colour = (235, 232, 226)
ENOUGH = 4.5

_GLARE = 0.4  # luminance from which a pale ground is taken for paper
_PALE = 0.5  # chroma below which it is pale
_HUE, _TINT = 210 / 360, 0.18  # of the dark paper, for grounds that have no hue
_LINK: Colour = (0, 0, 238)
_HEX = re.compile(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})")
_RGBA = re.compile(r"rgba\((\d+),(\d+),(\d+),([\d.]+)\)")
_CLASS = re.compile(r"(ink|ground)-([0-9a-f]{6})")
_PROPERTY = {"ink": "color", "ground": "background-color"}


@dataclass(frozen=True, slots=True, eq=False)
class Night:
    """What holds inside an element; equal to itself only.

    ink, ground: as designed, on the white paper of the frame. dark_ink, dark_ground: what is seen of them on
    dark paper. marks: the classes of this very element, "" when it needs none."""

    ink: Colour = (27, 33, 39)
    ground: Colour = (255, 255, 255)
    dark_ink: Colour = INK
    dark_ground: Colour = PAPER
    marks: str = ""

    def within(self, ink: str, ground: str, *, link: bool) -> Night:
        """Inside a child. ink, ground: its own colours as the sanitizer writes them, "" without. link: has a href."""
        return _within(self, ink, ground, link)


DAY = Night()
"""Where nothing has been coloured yet."""


def sheet(classes: Iterable[str]) -> str:
    """The rules for all marks among values of class="", for the frame; free of any sign that HTML would escape."""
    found = {(each[1], each[2]) for text in classes for each in _CLASS.finditer(text)}
    return "".join([f".{kind}-{value}{{{_PROPERTY[kind]}:#{value}!important}}" for kind, value in sorted(found)])


@lru_cache(maxsize=4096)
def contrast(one: Colour, other: Colour) -> float:
    """1 to 21 (WCAG 2.2, "contrast ratio")."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@lru_cache(maxsize=4096)
def luminance(colour: Colour) -> float:
    """0 to 1 (WCAG 2.2, "relative luminance")."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@lru_cache(maxsize=4096)
def read(value: str) -> tuple[int, int, int, float] | None:
    """A colour as the sanitizer writes it, with how solid it is."""
    if found := _HEX.fullmatch(value):
        return int(found[1], 16), int(found[2], 16), int(found[3], 16), 1.0
    if found := _RGBA.fullmatch(value):
        return int(found[1]), int(found[2]), int(found[3]), float(found[4])
    return None


def over(colour: tuple[int, int, int, float], ground: Colour) -> Colour:
    """What is seen of a colour that lets something through."""
    *parts, alpha = colour
    red, green, blue = (round(part * alpha + under * (1 - alpha)) for part, under in zip(parts, ground, strict=True))
    return red, green, blue


def glares(ground: Colour) -> bool:
    """Pale as paper."""
    return luminance(ground) >= _GLARE and max(ground) - min(ground) < _PALE * 255


@lru_cache(maxsize=4096)
def _within(outside: Night, ink: str, ground: str, link: bool) -> Night:
    day_ground, dark_ground, marks = outside.ground, outside.dark_ground, []
    if given := read(ground):
        day_ground, dark_ground = over(given, outside.ground), over(given, outside.dark_ground)
        if glares(dark_ground):
            dark_ground = _darker(dark_ground)
            marks.append(_mark("ground", dark_ground))
    own = read(ink) or ((*_LINK, 1.0) if link else None)
    day_ink = over(own, day_ground) if own else outside.ink
    natural = over(own, dark_ground) if own else outside.dark_ink
    # An inherited ink that can be read here may stay what it has become; one's own stays as designed if that can.
    dark_ink = natural
    if own or contrast(natural, dark_ground) < ENOUGH:
        dark_ink = _readable(day_ink, day_ground, dark_ground)
    if dark_ink != natural:
        marks.append(_mark("ink", dark_ink))
    return Night(day_ink, day_ground, dark_ink, dark_ground, " ".join(marks))


def _mark(kind: str, colour: Colour) -> str:
    return f"{kind}-{bytes(colour).hex()}"


@lru_cache(maxsize=4096)
def _darker(ground: Colour) -> Colour:
    """White becomes the dark paper; what was a little darker than white becomes a little lighter than that."""
    if min(ground) >= 250:
        return PAPER
    hue, tint, light = _to_hsl(ground)
    if max(ground) - min(ground) < 8:
        hue, tint = _HUE, _TINT
    return _to_rgb(hue, min(tint, 0.45), 0.13 + (1 - light) * 0.4)


@lru_cache(maxsize=4096)
def _readable(ink: Colour, ground: Colour, dark_ground: Colour) -> Colour:
    """The ink as designed where its pair stays or can be read; else the next lightness of its hue that can."""
    if dark_ground == ground or contrast(ink, dark_ground) >= ENOUGH:
        return ink
    hue, tint, light = _to_hsl(ink)
    dark = luminance(dark_ground) < 0.18
    if max(ink) - min(ink) < 24:
        # Mirrored, so that what was quiet beside black is quiet beside white.
        if light < 0.2 and dark and contrast(INK, dark_ground) >= ENOUGH:
            return INK
        light = 1 - light
    for step in range(101):
        there = min(1.0, light + step / 100) if dark else max(0.0, light - step / 100)
        if contrast(found := _to_rgb(hue, tint, there), dark_ground) >= ENOUGH:
            return found
    return (255, 255, 255) if dark else (0, 0, 0)


def _to_hsl(colour: Colour) -> tuple[float, float, float]:
    hue, light, tint = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    return hue, tint, light


def _to_rgb(hue: float, tint: float, light: float) -> Colour:
    red, green, blue = (round(part * 255) for part in colorsys.hls_to_rgb(hue, light, tint))
    return red, green, blue
