"""What a letter looks like on a narrow screen, and on dark paper by its own design: rules for the frame's own sheet.

Nothing of a <style> block is passed through. Rules under a condition that media.py understood are matched like all
others, and an element that they change gets a class of ours ("look-3"). The sheet says for each such class under which
width which judged declarations hold. They are all important, because what always holds stands in style="".

No condition hides or shows a word (R27): under a width only the layout may change, on dark paper only colours, and
those only when every text can be read, see `Reading`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from . import css
from .media import Media
from .rules import MAX_LOOKS, MAX_LOOKS_SHEET, words
from .sheet import Rule

_COLOURS = words(
    "color background-color border-color border-top-color border-right-color border-bottom-color border-left-color"
)
_BOX = words("width min-width max-width height min-height max-height")
_WIDTHS = words("width min-width max-width display")
_SPACE = words("margin padding") | {
    f"{name}-{side}" for name in ("margin", "padding") for side in ("top", "right", "bottom", "left")
}
_LINES = {
    f"border{side}{what}"
    for side in ("", "-top", "-right", "-bottom", "-left")
    for what in ("", "-width", "-style")
} | {"border-radius", "border-collapse", "border-spacing"}  # fmt: skip
_WORDS = words(
    "text-align vertical-align float clear box-sizing table-layout font-size font-weight font-style line-height"
    " letter-spacing text-transform text-decoration word-break word-wrap overflow-wrap white-space hyphens display"
)
_LAYOUT = _BOX | _SPACE | _LINES | _WORDS
_LENGTH = re.compile(r"(-?\d+(?:\.\d+)?)([a-z]+|%)?(?=[ /]|$)")
_PX = {"px": 1.0, "pt": 1.333, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "q": 0.945}
_RELATIVE = {"em": 16.0, "rem": 16.0, "%": 0.16, "": 16.0, "ex": 8.0, "ch": 8.0}
MARK = re.compile(r"(?:look|size)-\d{1,3}")

Block = tuple[Media, tuple[tuple[str, str], ...]]
Weight = tuple[bool, bool, tuple[int, int, int, int]]


@dataclass(frozen=True, slots=True)
class Look:
    """What one class says. blocks: in the order in which they win. dark: colours on dark paper, whatever the width."""

    blocks: tuple[Block, ...]
    dark: Mapping[str, str]


@dataclass(slots=True)
class Looks:
    """Of one message. known: the classes of an earlier round, where the text comes from the gate."""

    known: Mapping[str, Look] = field(default_factory=dict)
    issued: dict[str, Look] = field(default_factory=dict)
    too_large: bool = False
    _names: dict[tuple[Block, ...], str] = field(default_factory=dict)
    _size: int = 0

    def again(self, classes: str) -> str:
        """The class that an earlier round gave."""
        for name in classes.split()[:20]:
            if name in self.known:
                self.issued[name] = self.known[name]
                return name
        return ""

    def mark(self, blocks: tuple[Block, ...]) -> str:
        """The class for an element with these blocks, "" for none."""
        if not blocks:
            return ""
        if (name := self._names.get(blocks)) is not None:
            return name
        sized = any(media.sized and not _WIDTHS.isdisjoint(dict(given)) for media, given in blocks)
        name = f"{'size' if sized else 'look'}-{len(self._names) + 1}"
        self._size += sum(len(_block(name, block)) for block in blocks)
        if len(self._names) >= MAX_LOOKS or self._size > MAX_LOOKS_SHEET:
            self.too_large, name = True, ""
        else:
            self.issued[name] = Look(blocks, _dark(blocks))
        self._names[blocks] = name
        return name

    def sheet(self, *, dark: bool) -> str:
        """The rules of one of the two sheets; free of any sign that HTML would escape."""
        given = [(name, block) for name, look in self.issued.items() for block in look.blocks]
        return "".join([_block(name, block) for name, block in given if block[0].dark is dark])


def blocks(rules: Sequence[Rule], own: css.Style, style: Mapping[str, str], *, bare: bool) -> tuple[Block, ...]:
    """What conditional rules change. rules: all that match, weakest first; own: style=""; style: what always holds.

    bare: nothing in the element could be read, so that it may be hidden.
    """
    strongest = _strongest(rules, own)
    found: list[tuple[bool, Block]] = []
    for rule in rules:
        for media in rule.when:
            if media.always:
                continue
            for important in (False, True):
                given = tuple([
                    (part.name, part.value) for part in rule.declarations
                    if part.important is important and _allowed(part, media, style, bare=bare)
                    and _wins(part, (important, False, rule.rank), strongest)
                ])  # fmt: skip
                if given:
                    found.append((important, (media, given)))
    return tuple([block for _, block in sorted(found, key=lambda one: one[0])])


def _strongest(rules: Sequence[Rule], own: css.Style) -> dict[str, Weight]:
    """For each property, and each shorthand of it behind a "/", what weighs most of what always holds."""
    found: dict[str, Weight] = {}
    always = [((part.important, False, rule.rank), part.name)
              for rule in rules if rule.when[0].always for part in rule.declarations]  # fmt: skip
    inline = [((part.important, True, (0, 0, 0, 0)), part.name) for part in own.declarations]
    for weight, name in always + inline:
        for key in (name, *["/" + above for above in _above(name)]):
            found[key] = max(weight, found.get(key, weight))
    return found


def _wins(part: css.Declaration, weight: Weight, strongest: Mapping[str, Weight]) -> bool:
    """Whether it would beat what always holds (CSS Cascade 6.1): itself, its shorthands, or what it is short for."""
    keys = (part.name, "/" + part.name, *_above(part.name))
    return all(weight > strongest[key] for key in keys if key in strongest)


def _above(name: str) -> list[str]:
    """border-top-color: border-top, border."""
    words = name.split("-")
    return ["-".join(words[:count]) for count in range(len(words) - 1, 0, -1)]


def _allowed(part: css.Declaration, media: Media, style: Mapping[str, str], *, bare: bool) -> bool:
    name, value = part.name, part.value
    if media.dark:
        return name in _COLOURS and not media.sized
    if name not in _LAYOUT or value in ("inherit", "initial"):
        return False
    if name == "display":
        return value != "none" or bare
    sizes = _LENGTH.findall(value)
    if name == "font-size":
        return all(_pixels(*size) >= 10 for size in sizes)
    if name == "line-height":
        return all(_pixels(*size) >= 12 for size in sizes)
    if name in ("letter-spacing", "vertical-align"):
        return all(0 <= _pixels(*size) <= 10 for size in sizes)
    if name in _SPACE:
        return all(unit == "%" or _pixels(number, unit) <= 200 for number, unit in sizes)
    if name in _BOX and style.get("overflow", "visible") != "visible":
        return not sizes or value == "100%"  # what is cut off at one width would be there at another
    return True


def _pixels(number: str, unit: str) -> float:
    return float(number) * (_PX.get(unit) or _RELATIVE[unit])


def _dark(blocks: Sequence[Block]) -> dict[str, str]:
    found: dict[str, str] = {}
    for media, given in blocks:
        if media.dark:
            found |= given
    return found


def _block(name: str, block: Block) -> str:
    media, given = block
    rule = f".{name}{{{';'.join(f'{key}:{value}!important' for key, value in given)}}}"
    return rule if media.dark else f"@media {media.write()}{{{rule}}}"
