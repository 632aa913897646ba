"""What a reader can see of a text (R27): no words that only appear once it is answered.

Hidden boxes are left out with all they hold, as are letters of no size: newsletters hide their preheaders so and should
look as they were meant. Text in the colour of its ground is shown in a colour that can be read: often nothing worse
happened than that the picture behind it was not loaded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .dark import DAY, Night
from .rules import words

Colour = tuple[int, int, int]

_HEX = re.compile(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})")
_RGBA = re.compile(r"rgba\((\d+),(\d+),(\d+),([\d.]+)\)")
_SIZE = re.compile(r"(?:^| )([\d.]+)(px|pt|em|rem|ex|ch|pc|in|cm|mm|q|%|)(?=[ /]|$)")
_NOTHING = re.compile(r"0(?:\.0*)?(?:[a-z]+|%)?")
_BLANK = re.compile(r"[\s\u00ad\u034f\u061c\u115f\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]*")
_TELLING = words(
    "color background-color display visibility opacity overflow height width max-height max-width font font-size"
)
_COLOURS = frozenset({"color", "bgcolor"})
_LINK: Colour = (0, 0, 238)
_SMALLEST = 3.0  # px; nobody reads less


@dataclass(frozen=True, slots=True)
class Sight:
    """What holds inside an element. ink and ground: colours of text and of what is behind it."""

    hidden: bool = False
    tiny: bool = False
    ink: Colour = (0, 0, 0)
    ground: Colour = (255, 255, 255)
    clear_ink: bool = False
    night: Night = DAY

    def within(self, name: str, style: Mapping[str, str], attributes: Mapping[str, str]) -> Sight:
        """Sight inside a child. style: canonical declarations; attributes: as they will be written."""
        if name != "a" and _TELLING.isdisjoint(style) and _COLOURS.isdisjoint(attributes):
            return self
        ink = style.get("color") or attributes.get("color", "")
        ground = style.get("background-color") or attributes.get("bgcolor", "")
        colour, solidity = _any_colour(ink) or (self.ink, 0.0 if self.clear_ink else 1.0)
        if name == "a" and "href" in attributes and not ink:
            colour, solidity = _LINK, 1.0
        return Sight(
            hidden=self.hidden or _is_hidden(style),
            tiny=_is_tiny(style, self.tiny),
            ink=colour,
            ground=_solid(ground) or self.ground,
            clear_ink=solidity < 0.15,
            night=self.night.within(ink, ground, link=name == "a" and "href" in attributes),
        )

    @property
    def readable_ink(self) -> str | None:
        """A colour to give to text that would be invisible here, or None when it can be seen."""
        if not self.clear_ink and max(abs(a - b) for a, b in zip(self.ink, self.ground, strict=True)) > 12:
            return None
        red, green, blue = self.ground
        return "#000000" if red * 299 + green * 587 + blue * 114 > 128_000 else "#ffffff"


def is_blank(text: str) -> bool:
    """Nothing to see in it: white space, joiners and other signs without a shape."""
    return _BLANK.fullmatch(text) is not None


def _is_hidden(style: Mapping[str, str]) -> bool:
    if style.get("display") == "none" or style.get("visibility") in ("hidden", "collapse"):
        return True
    if "opacity" in style and _fraction(style["opacity"]) < 0.1:
        return True
    if style.get("overflow", "visible").split()[0] == "visible":
        return False
    return any(_NOTHING.fullmatch(style.get(side, "auto")) for side in ("height", "max-height", "width", "max-width"))


def _fraction(value: str) -> float:
    try:
        return float(value.rstrip("%")) / (100 if value.endswith("%") else 1)
    except ValueError:
        return 1.0


def _is_tiny(style: Mapping[str, str], before: bool) -> bool:
    value = style.get("font-size") or style.get("font", "")
    found = _SIZE.search(value) if value else None
    if found is None:
        return before and (not value or value in ("inherit", "smaller", "larger"))
    size, unit = float(found[1]), found[2]
    if unit in ("px", "pt", ""):
        return size < _SMALLEST
    if size == 0:
        return True
    return before if unit in ("em", "%", "ex", "ch") else False


def _any_colour(value: str) -> tuple[Colour, float] | None:
    if found := _HEX.fullmatch(value):
        return (int(found[1], 16), int(found[2], 16), int(found[3], 16)), 1.0
    if found := _RGBA.fullmatch(value):
        return (int(found[1]), int(found[2]), int(found[3])), float(found[4])
    return None


def _solid(value: str) -> Colour | None:
    colour = _any_colour(value)
    return colour[0] if colour and colour[1] >= 0.5 else None
