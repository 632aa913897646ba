"""style="" by grammar (R4): tinycss2 cuts, property and value are both on a list, what was understood is written anew.

Never passes, in any spelling: url() and every function but colours, custom properties, at-rules, position, z-index,
transform, content, negative margins, !important.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import tinycss2  # type: ignore[import-untyped]
from tinycss2 import ast
from tinycss2.color3 import RGBA, parse_color  # type: ignore[import-untyped]

from . import cut
from .properties import FORBIDDEN, GRAMMAR, IGNORED, LENGTHS, UNITS, Grammar
from .rules import MAX_STYLE

_CACHED = 1024  # characters; longer styles are rare, and a cache of strangers' text stays small


@dataclass(frozen=True, slots=True)
class Declaration:
    """One property, canonical value. important steers the cascade of a <style> block and is never written."""

    name: str
    value: str
    important: bool = False


@dataclass(frozen=True, slots=True)
class Style:
    """declarations in source order. refused: how many were of the forbidden kind. urls: what it would load.

    names: of each declaration, with whether it is important; important: whether one is."""

    declarations: tuple[Declaration, ...] = ()
    refused: int = 0
    urls: tuple[str, ...] = ()
    too_large: bool = False
    names: tuple[tuple[str, bool], ...] = field(init=False)
    important: bool = field(init=False)

    def __post_init__(self) -> None:
        names = tuple([(each.name, each.important) for each in self.declarations])
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "important", any(important for _, important in names))


NOTHING: Final = Style()


def parse(style: str) -> Style:
    """The allowed part of a style attribute or of the block of a rule. Never raises."""
    if len(style) > MAX_STYLE:
        return Style(too_large=True)
    return _remembered(style) if len(style) <= _CACHED else _parse(style)


def parse_block(block: str) -> Style:
    """The same for the block of a rule, which may be longer."""
    return _remembered(block) if len(block) <= _CACHED else _parse(block)


def final(declarations: Sequence[Declaration]) -> tuple[Declaration, ...]:
    """Of equal properties of equal weight the last, so that a rule costs no more than there are properties."""
    last: dict[tuple[str, bool], Declaration] = {}
    for each in declarations:
        last.pop((each.name, each.important), None)
        last[each.name, each.important] = each
    return tuple(last.values())


def last_of(declarations: Sequence[Declaration]) -> dict[str, str]:
    """Property to value; a later declaration takes the place of an earlier one, in order and in effect."""
    last = {declaration.name: declaration.value for declaration in declarations}
    if len(last) == len(declarations):
        return last
    last = {}
    for declaration in declarations:
        last.pop(declaration.name, None)
        last[declaration.name] = declaration.value
    return last


def write(style: Mapping[str, str]) -> str:
    return ";".join([f"{name}:{value}" for name, value in style.items()])


@lru_cache(maxsize=4096)
def _remembered(style: str) -> Style:
    return _parse(style)


def _parse(style: str) -> Style:
    """Newsletters say the same few declarations in ever new styles, so each is remembered where it can be cut out."""
    parts = cut.declarations(style)
    return whole(style) if parts is None else joined([_declaration(part) for part in parts])


@lru_cache(maxsize=8192)
def _declaration(text: str) -> Style:
    found = cut.declaration(text)
    return whole(text) if found is None else _judge(*found)


def joined(found: Sequence[Style]) -> Style:
    """One after the other."""
    return Style(
        tuple([declaration for each in found for declaration in each.declarations]),
        sum([each.refused for each in found]),
        tuple([url for each in found for url in each.urls]),
    )


def whole(style: str) -> Style:
    """The same without a memory or a short cut."""
    try:
        return judge(tinycss2.parse_blocks_contents(style, skip_comments=True, skip_whitespace=True))
    except RecursionError:
        return Style(refused=1)


def judge(nodes: Iterable[ast.Node]) -> Style:
    """Of what tinycss2 has cut."""
    found: list[Style] = []
    for node in nodes:
        if isinstance(node, ast.Declaration):
            tokens = [token for token in node.value if token.type not in ("whitespace", "comment")]
            found.append(_judge(node.lower_name, tokens, bool(node.important)))
        elif isinstance(node, ast.AtRule):
            found.append(Style(refused=1))
    return joined(found)


def _judge(name: str, tokens: Sequence[ast.Node], important: bool) -> Style:
    """One declaration. tokens: of tinycss2, or those of cut.py."""
    urls = tuple([url for token in tokens if (url := _url(token)) is not None])
    value = _value(name, tokens)
    if value is not None:
        return Style(tuple([Declaration(*pair, important=important) for pair in value]), 0, urls)
    return Style((), int(not urls and name not in IGNORED and _is_telling(name, tokens)), urls)


def _value(name: str, tokens: Sequence[ast.Node]) -> list[tuple[str, str]] | None:
    """Canonical declarations for one that was written, or None."""
    if name == "background":
        colours = [colour for colour in map(_colour, tokens) if colour]
        return [("background-color", colours[0])] if len(colours) == 1 else None
    grammar = GRAMMAR.get(name)
    if grammar is None or not 1 <= len(tokens) <= grammar.most:
        return None
    written = [_token(token, grammar) for token in tokens]
    if None in written:
        return None
    text = " ".join(word for word in written if word is not None)
    return [(name, text.replace(" ,", ",").replace(" / ", "/"))]


def _token(token: ast.Node, grammar: Grammar) -> str | None:
    if token.type == "ident":
        word: str = token.lower_value
        if word in grammar.words or word in ("inherit", "initial"):
            return word
        if grammar.colours:
            return _colour(token)
        return _family(token.value) if grammar.families else None
    if token.type in ("dimension", "percentage", "number"):
        return _measure(token, grammar)
    if token.type in ("hash", "function"):
        return _colour(token) if grammar.colours else None
    if token.type == "string" and grammar.families:
        family = _family(token.value)
        return f"'{family}'" if family and " " in family else family
    if token.type == "literal" and token.value in grammar.literals:
        return str(token.value)
    return None


_FAMILY = re.compile(r"[^\W\d][\w\- ]{0,63}|-[a-z][\w\-]{0,63}")


def _family(name: str) -> str | None:
    """A font's name; letters, digits, blank and hyphen cannot end a string or an attribute."""
    name = " ".join(name.split()).removeprefix("@")
    return name if _FAMILY.fullmatch(name) else None


def _measure(token: ast.Node, grammar: Grammar) -> str | None:
    value: float = token.value
    if token.type == "percentage":
        unit, most = "%", grammar.percent
    elif token.type == "number":
        unit, most = "", grammar.number if value else max(grammar.number, grammar.length)
    else:
        unit = token.lower_unit
        if unit not in UNITS:
            return None
        most = grammar.length / UNITS[unit]
    if not most or value > most or value < -grammar.below * (1 if unit == "px" else 0.1):
        return None
    return f"{value:.4f}".rstrip("0").rstrip(".").replace("-0", "0", value == 0) + unit


def _colour(token: ast.Node) -> str | None:
    if token.type not in ("ident", "hash", "function"):
        return None
    if token.type == "function" and token.lower_name not in ("rgb", "rgba", "hsl", "hsla"):
        return None
    colour = parse_color(token)
    if colour is None:
        return None
    return "currentcolor" if isinstance(colour, str) else write_colour(colour)


def write_colour(colour: RGBA) -> str:
    """#rrggbb, or rgba() when it lets something through."""
    red, green, blue = (min(255, max(0, round(part * 255))) for part in colour[:3])
    alpha = min(1.0, max(0.0, colour[3]))
    if alpha >= 0.9995:
        return f"#{red:02x}{green:02x}{blue:02x}"
    return f"rgba({red},{green},{blue},{alpha:.3f}".rstrip("0").rstrip(".") + ")"


def _url(token: ast.Node) -> str | None:
    """What token would load, also from inside other functions; not recursive, for they nest as deep as one likes."""
    waiting = [token]
    while waiting:
        token = waiting.pop()
        if token.type == "url":
            return str(token.value)
        if token.type == "function":
            if token.lower_name in ("url", "src"):
                return next((str(inner.value) for inner in token.arguments if inner.type == "string"), "")
            waiting += reversed(token.arguments)
    return None


def _is_telling(name: str, tokens: Sequence[ast.Node]) -> bool:
    """Whether the reader should hear of it: most of what is dropped is only the dialect of some mail program."""
    if name == "position":
        return not (len(tokens) == 1 and getattr(tokens[0], "lower_value", "") in ("static", "relative"))
    if name in FORBIDDEN or name.startswith("--"):
        return True
    if name not in GRAMMAR:
        return False
    return any(token.type in ("function", "url", "error") or _below_zero(token) for token in tokens)


def _below_zero(token: ast.Node) -> bool:
    return token.type in LENGTHS and token.value < 0
