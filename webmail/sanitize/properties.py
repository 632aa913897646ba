"""The CSS properties a message may use, and for each what its value may be made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .rules import words as of

# px in one unit. Units of the viewport are missing: in a frame as high as its content they feed back on themselves.
UNITS: Final = {
    "px": 1.0, "pt": 1.333, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "q": 0.945,
    "em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0,
}  # fmt: skip
LENGTHS: Final = ("dimension", "percentage", "number")


@dataclass(frozen=True, slots=True)
class Grammar:
    """words: keywords. length in px, percent, number: the largest allowed, 0 for none at all.

    below: how far under zero a length may go, in px. most: tokens in one value.
    """

    words: frozenset[str] = frozenset()
    length: float = 0
    percent: float = 0
    number: float = 0
    below: float = 0
    colours: bool = False
    families: bool = False
    literals: str = ""
    most: int = 1


_LINES = of("none hidden dotted dashed solid double groove ridge inset outset thin medium thick")
_COLOUR = Grammar(colours=True)
_SIDE = Grammar(_LINES, length=100, colours=True, most=3)
_SIZE = Grammar(of("auto none max-content min-content fit-content"), length=4000, percent=100)
_MARGIN = Grammar(of("auto"), length=1000, percent=50, most=4)
_PADDING = Grammar(length=1000, percent=100, most=4)
_WIDTHS = Grammar(of("thin medium thick"), length=100, most=4)
_SHADOW = Grammar(of("none"), length=40, below=10, colours=True, most=5)
_FONT_SIZE = of("xx-small x-small small medium large x-large xx-large smaller larger")
_WEIGHT = of("normal bold bolder lighter")
_SIDES = ("top", "right", "bottom", "left")

GRAMMAR: Final[dict[str, Grammar]] = {
    "color": _COLOUR,
    "background-color": _COLOUR,
    "opacity": Grammar(number=1, percent=100),
    "font": Grammar(
        _FONT_SIZE | _WEIGHT | of("italic oblique small-caps"),
        length=200, percent=1000, number=1000, families=True, literals=",/", most=40,
    ),
    "font-family": Grammar(families=True, literals=",", most=60),
    "font-size": Grammar(_FONT_SIZE, length=200, percent=1000),
    "font-style": Grammar(of("normal italic oblique")),
    "font-weight": Grammar(_WEIGHT, number=1000),
    "font-variant": Grammar(of("normal small-caps")),
    "line-height": Grammar(of("normal"), length=400, percent=1000, number=10),
    "letter-spacing": Grammar(of("normal"), length=50, below=3),
    "word-spacing": Grammar(of("normal"), length=50, below=3),
    "text-align": Grammar(of("left right center justify start end")),
    "text-decoration": Grammar(
        of("none underline overline line-through solid double dotted dashed wavy"), length=20, colours=True, most=4
    ),
    "text-decoration-line": Grammar(of("none underline overline line-through"), most=3),
    "text-decoration-style": Grammar(of("solid double dotted dashed wavy")),
    "text-decoration-color": _COLOUR,
    "text-indent": Grammar(length=500, percent=100),
    "text-transform": Grammar(of("none uppercase lowercase capitalize")),
    "text-shadow": _SHADOW,
    "vertical-align": Grammar(
        of("baseline top middle bottom sub super text-top text-bottom"), length=100, below=20, percent=100
    ),
    "white-space": Grammar(of("normal nowrap pre pre-wrap pre-line")),
    "word-break": Grammar(of("normal break-all keep-all break-word")),
    "word-wrap": Grammar(of("normal break-word")),
    "overflow-wrap": Grammar(of("normal break-word anywhere")),
    "hyphens": Grammar(of("none manual auto")),
    "direction": Grammar(of("ltr rtl")),
    "unicode-bidi": Grammar(of("normal embed isolate plaintext")),
    "width": _SIZE,
    "height": _SIZE,
    **{f"{end}-{side}": _SIZE for end in ("min", "max") for side in ("width", "height")},
    "box-sizing": Grammar(of("border-box content-box")),
    "margin": _MARGIN,
    **{f"margin-{side}": _MARGIN for side in _SIDES},
    "padding": _PADDING,
    **{f"padding-{side}": _PADDING for side in _SIDES},
    "border": _SIDE,
    **{f"border-{side}": _SIDE for side in _SIDES},
    **{f"border-{side}-width": _WIDTHS for side in _SIDES},
    **{f"border-{side}-style": Grammar(_LINES) for side in _SIDES},
    **{f"border-{side}-color": _COLOUR for side in _SIDES},
    "border-width": _WIDTHS,
    "border-style": Grammar(_LINES, most=4),
    "border-color": Grammar(colours=True, most=4),
    "border-radius": Grammar(length=1000, percent=100, literals="/", most=9),
    **{f"border-{y}-{x}-radius": Grammar(length=1000, percent=100, most=2)
       for y in ("top", "bottom") for x in ("left", "right")},
    "border-collapse": Grammar(of("collapse separate")),
    "border-spacing": Grammar(length=100, most=2),
    "box-shadow": Grammar(of("none inset"), length=40, below=10, colours=True, most=6),
    "table-layout": Grammar(of("auto fixed")),
    "caption-side": Grammar(of("top bottom")),
    "empty-cells": Grammar(of("show hide")),
    "list-style": Grammar(
        of("none disc circle square decimal lower-alpha upper-alpha lower-roman upper-roman inside outside"), most=2
    ),
    "list-style-type": Grammar(of("none disc circle square decimal lower-alpha upper-alpha lower-roman upper-roman")),
    "list-style-position": Grammar(of("inside outside")),
    "display": Grammar(
        of("none block inline inline-block list-item table inline-table table-row table-cell table-row-group"
               " table-header-group table-footer-group table-caption table-column table-column-group")
    ),
    "visibility": Grammar(of("visible hidden collapse")),
    "float": Grammar(of("left right none")),
    "clear": Grammar(of("left right both none")),
    "overflow": Grammar(of("visible hidden auto"), most=2),
}  # fmt: skip

# What would draw outside the message, load something or run something. Refusals of these are told to the reader.
FORBIDDEN: Final = of(
    "position z-index top right bottom left inset transform translate rotate scale perspective content behavior"
    " -moz-binding filter backdrop-filter mask clip clip-path animation animation-name pointer-events mix-blend-mode"
    " offset offset-path"
)
# Harmless and without effect here; everything vendor-prefixed that is not above is passed over in silence as well.
IGNORED: Final = of(
    "background-image background-position background-repeat background-size background-attachment border-image"
    " list-style-image"
)
