"""Media queries of width and of dark paper, read with tinycss2 and written anew (Media Queries 4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tinycss2 import ast  # type: ignore[import-untyped]

WIDEST = 4000.0  # px
MOST = 4  # queries joined by commas
_UNITS = {"px": 1.0, "em": 16.0, "rem": 16.0, "pt": 4 / 3}
_HALF = 0.02  # what "<" leaves free under a whole number of pixels
_SCREENS = (["screen"], ["only", "screen"], ["all"], ["only", "all"])
_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Media:
    """least, most: width of the frame in px. dark: on dark paper only."""

    least: float = 0.0
    most: float = WIDEST
    dark: bool = False

    @property
    def always(self) -> bool:
        return self == Media()

    @property
    def sized(self) -> bool:
        return self.least > 0 or self.most < WIDEST

    def joined(self, other: Media) -> Media:
        """Both at once."""
        return Media(max(self.least, other.least), min(self.most, other.most), self.dark or other.dark)

    def write(self) -> str:
        """The widths as a query; paper is white in print, and nothing else changes there either."""
        least = [f"(min-width:{_px(self.least)})"] if self.least > 0 else []
        most = [f"(max-width:{_px(self.most)})"] if self.most < WIDEST else []
        return " and ".join(["screen", *least, *most])


ALWAYS = (Media(),)


def read(prelude: Sequence[ast.Node], within: Sequence[Media] = ALWAYS) -> tuple[Media, ...]:
    """Each query of a list that is understood, within those around it; empty: it never holds here."""
    lists: list[list[ast.Node]] = [[]]
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            lists.append([])
        elif token.type not in ("whitespace", "comment"):
            lists[-1].append(token)
    own = list(ALWAYS) if lists == [[]] else [media for one in lists[:MOST] if (media := _query(one)) is not None]
    both = dict.fromkeys(outer.joined(inner) for outer in within for inner in own)
    return tuple(media for media in both if media.least <= media.most)[:MOST]


def _query(tokens: Sequence[ast.Node]) -> Media | None:
    """[only] screen and (…) and (…), or the conditions alone."""
    parts: list[list[ast.Node]] = [[]]
    for token in tokens:
        if token.type == "ident" and token.lower_value == "and":
            parts.append([])
        else:
            parts[-1].append(token)
    found = Media()
    for number, part in enumerate(parts):
        if not number and part and all(token.type == "ident" for token in part):
            if [token.lower_value for token in part] not in _SCREENS:
                return None
            continue
        condition = _condition(part[0].content) if len(part) == 1 and part[0].type == "() block" else None
        if condition is None:
            return None
        found = found.joined(condition)
    return found


def _condition(content: Iterable[ast.Node]) -> Media | None:
    tokens = [token for token in content if token.type not in ("whitespace", "comment")]
    if len(tokens) >= 3 and tokens[0].type == "ident" and _is(tokens[1], ":"):
        return _feature(tokens[0].lower_value, tokens[2:])
    return _comparison(tokens)


def _feature(name: str, value: Sequence[ast.Node]) -> Media | None:
    if name == "prefers-color-scheme":
        dark = len(value) == 1 and value[0].type == "ident" and value[0].lower_value == "dark"
        return Media(dark=True) if dark else None
    size = _size(value)
    bound, _, rest = name.partition("-")
    if size is None or rest not in ("width", "device-width"):
        return None
    return {"min": Media(least=size), "max": Media(most=size)}.get(bound)


def _comparison(tokens: Sequence[ast.Node]) -> Media | None:
    """(width <= 600px), (600px > width), (400px < width <= 600px)."""
    sides: list[list[ast.Node]] = [[]]
    signs: list[str] = []
    for token in tokens:
        if _is(token, "<") or _is(token, ">"):
            signs.append(token.value)
            sides.append([])
        elif _is(token, "=") and signs and not sides[-1]:
            signs[-1] += "="
        elif _is(token, "<=") or _is(token, ">="):
            signs.append(token.value)
            sides.append([])
        else:
            sides[-1].append(token)
    at = [number for number, side in enumerate(sides) if len(side) == 1 and side[0].type == "ident"]
    if len(at) != 1 or sides[at[0]][0].lower_value != "width" or not 1 <= len(signs) <= 2:
        return None
    if len(signs) == 2 and (at[0] != 1 or signs[0][0] != signs[1][0]):
        return None
    found = Media()
    for number, sign in enumerate(signs):
        before = number < at[0]
        size = _size(sides[number if before else number + 1])
        if size is None:
            return None
        found = found.joined(_bound(_FLIPPED[sign] if before else sign, size))
    return found


def _bound(sign: str, size: float) -> Media:
    """width <sign> size."""
    if sign[0] == "<":
        return Media(most=size if sign == "<=" else max(0.0, size - _HALF))
    return Media(least=size if sign == ">=" else size + _HALF)


def _size(tokens: Sequence[ast.Node]) -> float | None:
    """px."""
    if len(tokens) != 1 or tokens[0].type not in ("dimension", "number"):
        return None
    token = tokens[0]
    if token.type == "number":
        return 0.0 if token.value == 0 else None
    size: float = token.value * _UNITS.get(token.lower_unit, -1.0)
    return size if 0 <= size <= WIDEST else None


def _is(token: ast.Node, sign: str) -> bool:
    return bool(token.type == "literal" and token.value == sign)


def _px(size: float) -> str:
    return f"{size:.2f}".rstrip("0").rstrip(".") + "px"
