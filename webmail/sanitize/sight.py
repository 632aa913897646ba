"""What a reader can see of a text (R27): no words that only appear once it is answered.

Hidden boxes are left out with all they hold, as are letters of no size: newsletters hide their preheaders so and should
look as they were meant. Text in the colour of its ground is shown in a colour that can be read: often nothing worse
happened than that the picture behind it was not loaded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from .dark import DAY, Night, read
from .designed import Designed
from .rules import words

Colour = tuple[int, int, int]
NONE: Final[Mapping[str, str]] = {}

_SIZE = re.compile(r"(?:^| )([\d.]+)(px|pt|em|rem|ex|ch|pc|in|cm|mm|q|%|)(?=[ /]|$)")
_NOTHING = re.compile(r"0(?:\.0*)?(?:[a-z]+|%)?")
_BLANK = re.compile(r"[\s\u00ad\u034f\u061c\u115f\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]*")
_TELLING = words("color background-color visibility opacity overflow font font-size")
_COLOURS = frozenset({"color", "bgcolor"})
_LINK: Colour = (0, 0, 238)
_SMALLEST = 3.0  # px; nobody reads less


@dataclass(slots=True, eq=False)
class Sight:
    """What holds inside an element; never changed, equal to itself only. ink and ground: colours of text and of what is
    behind it. designed: the same by the letter's own rules for dark paper, None where it has none.
    mended: a colour to give to text that would be invisible here, "" when it can be seen.
    """

    hidden: bool = False
    tiny: bool = False
    ink: Colour = (0, 0, 0)
    ground: Colour = (255, 255, 255)
    clear_ink: bool = False
    night: Night = DAY
    designed: Designed | None = None
    mended: str = ""

    def within(
        self, name: str, style: Mapping[str, str], attributes: Mapping[str, str], dark: Mapping[str, str] = NONE
    ) -> Sight:
        """Sight inside a child. style: canonical declarations; attributes: as they will be written; dark: what the
        letter says of it for dark paper."""
        if name != "a" and not is_telling(style, attributes) and not dark:
            return self
        ink = style.get("color") or attributes.get("color", "")
        ground = style.get("background-color") or attributes.get("bgcolor", "")
        link = name == "a" and "href" in attributes
        colour, behind, clear = self.ink, self.ground, self.clear_ink
        if ink and (own := read(ink)):
            colour, clear = own[:3], own[3] < 0.15
        elif link and not ink:
            colour, clear = _LINK, False
        if ground and (paint := read(ground)) and paint[3] >= 0.5:
            behind = paint[:3]
        return Sight(
            self.hidden or is_hidden(style),
            _is_tiny(style, self.tiny),
            colour,
            behind,
            clear,
            self.night.within(ink, ground, link=link),
            self.designed and self.designed.within(ink, ground, dark, link=link),
            _mended(colour, behind, clear),
        )


def is_telling(style: Mapping[str, str], attributes: Mapping[str, str]) -> bool:
    """Whether they change what can be seen inside."""
    if _TELLING.isdisjoint(style) and _COLOURS.isdisjoint(attributes):
        return style.get("display") == "none"
    return True


def _mended(ink: Colour, ground: Colour, clear: bool) -> str:
    if not clear and (abs(ink[0] - ground[0]) > 12 or abs(ink[1] - ground[1]) > 12 or abs(ink[2] - ground[2]) > 12):
        return ""
    return "#000000" if ground[0] * 299 + ground[1] * 587 + ground[2] * 114 > 128_000 else "#ffffff"


def is_blank(text: str) -> bool:
    """Nothing to see in it: white space, joiners and other signs without a shape."""
    return _BLANK.fullmatch(text) is not None


def is_hidden(style: Mapping[str, str]) -> bool:
    """Whether nothing inside can be seen."""
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
    return _is_tiny_size(value, before) if value else before


@lru_cache(maxsize=1024)
def _is_tiny_size(value: str, before: bool) -> bool:
    found = _SIZE.search(value)
    if found is None:
        return before and value in ("inherit", "smaller", "larger")
    size, unit = float(found[1]), found[2]
    if unit in ("px", "pt", ""):
        return size < _SMALLEST
    if size == 0:
        return True
    return before if unit in ("em", "%", "ex", "ch") else False
