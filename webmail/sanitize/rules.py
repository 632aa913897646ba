"""The small language that a message may speak: elements, attributes, and the budgets of R15. No code decides here."""

from __future__ import annotations

import re
from typing import Final


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# --- budgets (R15) ---------------------------------------------------------------------------------------------------

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_TAGS: Final = 60_000
MAX_ENTITIES: Final = 50_000  # '&' that stay after decoding; html5ever needs 10 s for a megabyte of them
MAX_DEPTH: Final = 250  # R2: 255 is where other people's sanitizers were broken by nesting
MAX_ATTRIBUTES: Final = 100  # read per tag; the rest is not looked at
MAX_STYLE: Final = 8 * 1024  # characters of one style value
MAX_STYLES: Final = 400 * 1024  # characters of different style values, 40 more counted for each
MAX_SHEET: Final = 100 * 1024  # characters of all <style> blocks together
MAX_LOOKS: Final = 300  # classes for widths and dark paper
MAX_LOOKS_SHEET: Final = 48 * 1024  # characters of the rules for them
MAX_DATA_IMAGE: Final = 1024 * 1024  # characters of one data: address
MAX_URL: Final = 8 * 1024
MAX_ACTIVE: Final = 64  # formatting elements open at once
MAX_REOPENED: Final = 400_000  # formatting elements the parser may have to open again, see nesting.py
MAX_ROUNDS: Final = 5  # parses until the output must have come to rest

# --- elements --------------------------------------------------------------------------------------------------------

FORMATTING: Final = words("a b big code em font i s small strike strong tt u")
TABLE_PARTS: Final = words("caption colgroup col thead tbody tfoot tr td th")
VOID: Final = words("br hr img wbr col")
BLOCKS: Final = words(
    "address article aside blockquote center dd details dir div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6"
    " header hr li main nav ol p pre section summary ul"
)
PHRASES: Final = words("abbr acronym bdi bdo cite del dfn ins kbd mark q rp rt ruby samp span sub sup time var")
ELEMENTS: Final = FORMATTING | TABLE_PARTS | BLOCKS | PHRASES | {"table", "br", "img", "wbr"}

# What stands for an element that only makes trouble: <nobr> in <nobr> never comes to rest between two parses.
STAND_INS: Final = {"image": ("img", {}), "nobr": ("span", {"style": "white-space:nowrap"})}

# Their content is text to a browser, never markup, and no reader is meant to see it.
RAW_TEXT: Final = words("script style title textarea iframe noembed noframes xmp")

FORM_CONTROLS: Final = words(
    "form input button select option optgroup textarea keygen isindex datalist output label fieldset legend meter"
    " progress"
)
EMBEDS: Final = words(
    "iframe frame frameset object embed applet param video audio source track svg math canvas template portal"
    " fencedframe"
)

# --- attributes ------------------------------------------------------------------------------------------------------

_LENGTH = re.compile(r"\d{1,4}(?:\.\d{1,4})?(?:px|%)?")
_SMALL = re.compile(r"\d{1,3}")
_NUMBER = re.compile(r"-?\d{1,6}")
_TEXT = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f]{0,2000}")


def _one_of(words: str) -> re.Pattern[str]:
    return re.compile("|".join(words.split()))


_ALIGN = _one_of("left right center justify middle top bottom absmiddle absbottom texttop baseline char")

# Values are matched whole, in lower case where the word says so; href, src, style and the colours have judges instead.
EVERYWHERE: Final[dict[str, re.Pattern[str]]] = {
    "dir": _one_of("ltr rtl auto"),
    "lang": re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,5}"),
    "title": _TEXT,
    "align": _ALIGN,
    "valign": _ALIGN,
    "role": _one_of("presentation none"),
}
_SIZED = {"width": _LENGTH, "height": _LENGTH}
_CELL = {**_SIZED, "colspan": _SMALL, "rowspan": _SMALL, "nowrap": _one_of("nowrap")}
ATTRIBUTES: Final[dict[str, dict[str, re.Pattern[str]]]] = {
    "img": {**_SIZED, "alt": _TEXT, "border": _SMALL, "hspace": _SMALL, "vspace": _SMALL},
    "table": {**_SIZED, "border": _SMALL, "cellpadding": _SMALL, "cellspacing": _SMALL, "summary": _TEXT},
    "td": _CELL,
    "th": {**_CELL, "scope": _one_of("row col rowgroup colgroup"), "abbr": _TEXT},
    "tr": {"height": _LENGTH},
    "col": {"width": _LENGTH, "span": _SMALL},
    "colgroup": {"width": _LENGTH, "span": _SMALL},
    "font": {"size": re.compile(r"[+-]?[1-7]"), "face": re.compile(r"[\w ,.'\-]{1,200}")},
    "hr": {"width": _LENGTH, "size": _SMALL},
    "ol": {"start": _NUMBER, "type": re.compile(r"[1aAiI]"), "reversed": _one_of("reversed")},
    "ul": {"type": _one_of("disc circle square none")},
    "li": {"value": _NUMBER, "type": re.compile(r"[1aAiI]|disc|circle|square")},
    "br": {"clear": _one_of("left right all none")},
}
LOWERED: Final = words("dir align valign role width height nowrap scope reversed clear")
COLOURED: Final[dict[str, frozenset[str]]] = {
    "font": frozenset({"color"}),
    "hr": frozenset({"color"}),
    **{name: frozenset({"bgcolor", "bordercolor"}) for name in ("table", "td", "th", "tr")},
    **{name: frozenset({"bgcolor"}) for name in ("thead", "tbody", "tfoot", "caption")},
}
# An attribute without a value that means itself.
BARE: Final = frozenset({"nowrap", "reversed"})
