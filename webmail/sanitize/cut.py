"""CSS cut without a tokenizer where it is simple, which it mostly is: tinycss2 needs most of a letter's time otherwise.

A cut is either exactly what tinycss2 would do or not done at all (None): no escape, no comment inside anything, nothing
left open, nothing nested but rules in @media. tests/sanitize/test_cut.py holds both beside each other.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_STRING = r""""[^"\\\n\r\f]*+"|'[^'\\\n\r\f]*+'"""
_COMMENT = r"/\*[^*]*+\*++(?:[^/*][^*]*+\*++)*+/"
# One declaration up to its semicolon; functions only without strings, addresses or functions inside.
_PART = rf"""(?:[^;"'\\(){{}}\[\]/@<!]++|/(?!\*)|{_STRING}|(?<=[\w-])\([\w\s.,%+-]*+\)|!(?=\s*+important\b))++"""
_DECLARATION = re.compile(rf"""\s*+(?:{_COMMENT}|({_PART})(?=;|\Z)|;)""", re.ASCII)
_BETWEEN = rf"(?:\s++|{_COMMENT}|<!--|-->)*+"
_PRELUDE = rf"""(?:[^{{}};"'\\<@/]++|{_STRING})*+"""
_INSIDE = rf"""(?:[^{{}}"'\\<@/]++|/(?!\*)|{_STRING}|{_COMMENT})*+"""
# A rule that is not simple: where it ends is known, and the rest is asked of tinycss2.
_ANY_STRING = r""""(?:[^"\\\n\r\f]++|\\[^\n\r\f])*+"|'(?:[^'\\\n\r\f]++|\\[^\n\r\f])*+'"""
_ANY = rf"""[^{{}}"'\\</@-]++|/(?!\*)|\\[^\n\r\f]|<(?!!--)|-(?!->)|{_ANY_STRING}|{_COMMENT}"""
_ODD = rf"""(?!@)(?:{_ANY}|@|-->)*+\{{(?:{_ANY})*+\}}"""
_ODD_AT = rf"""@(?!media(?![\w-]))[a-zA-Z-]++(?:[^{{}};"'\\<@/]++|{_ANY_STRING}|/(?!\*))*+(?:;|\{{(?:{_ANY})*+\}})"""
_ONE = rf"""\s++|{_COMMENT}|(?!@|<!--|-->){_PRELUDE}\{{{_INSIDE}\}}|{_ODD}"""
_NESTED = rf"""(?:{_ONE}|@media(?![\w-]){_PRELUDE}\{{(?:{_ONE})*+\}})*+"""
_RULE = re.compile(
    rf"""{_BETWEEN}(?:
    @media(?![\w-])({_PRELUDE})\{{({_NESTED})\}}
    | (?!@|<!--|-->)({_PRELUDE})\{{({_INSIDE})\}}
    | ({_ODD_AT}|(?!<!--|-->){_ODD})
    )""",
    re.ASCII | re.VERBOSE | re.IGNORECASE,
)
_END = re.compile(_BETWEEN)
_VALUE = re.compile(
    r"""\s*+(?:
    ([+-]?(?:\d++(?:\.\d++)?|\.\d++))(%|[a-zA-Z]++)?(?![\w.%-])
    | (-?[a-zA-Z_][\w-]*+)(?!\()
    | \#([\w-]++)
    | "([^"\\\n\r\f]*+)" | '([^'\\\n\r\f]*+)'
    | ([,/])
    )""",
    re.ASCII | re.VERBOSE,
)
_HEAD = re.compile(r"\s*+(-?[a-zA-Z_][\w-]*+)\s*+:", re.ASCII)
_IMPORTANT = re.compile(r"!\s*+important\s*+\Z", re.ASCII | re.IGNORECASE)


class Token(NamedTuple):
    """What css.py reads of a token of tinycss2, and no more."""

    type: str
    value: str | float
    lower_value: str = ""
    lower_unit: str = ""


class Rule(NamedTuple):
    """media: the conditions around it, outermost first. other: a rule as it stands, instead of prelude and block."""

    media: tuple[str, ...]
    prelude: str
    block: str
    other: str


def declarations(style: str) -> list[str] | None:
    """The declarations of a block."""
    parts: list[str] = []
    at = 0
    for match in _DECLARATION.finditer(style):
        if match.start() != at:
            return None
        at = match.end()
        if match[1]:
            parts.append(match[1])
    return parts if at == len(style) or not style[at:].strip(" \t\n\r\f") else None


def declaration(text: str) -> tuple[str, list[Token], bool] | None:
    """(name in lower case, tokens of the value, whether it is !important)."""
    head = _HEAD.match(text)
    if head is None:
        return None
    important = _IMPORTANT.search(text, head.end()) if "!" in text else None
    end, at = important.start() if important else len(text), head.end()
    tokens: list[Token] = []
    while at < end and (match := _VALUE.match(text, at, end)):
        tokens.append(_token(match))
        at = match.end()
    return (head[1].lower(), tokens, important is not None) if not text[at:end].strip(" \t\n\r\f") else None


def rules(sheet: str) -> list[Rule] | None:
    """The rules of a sheet in order."""
    found: list[Rule] = []
    at = 0
    while match := _RULE.match(sheet, at):
        whole = match[0]
        if whole.count("(") != whole.count(")") or whole.count("[") != whole.count("]"):
            return None  # one left open swallows what closes the block
        media, inside, prelude, block, other = match.groups()
        at = match.end()
        if inside is None:
            found.append(Rule((), prelude or "", block or "", other or ""))
            continue
        inner = rules(inside)
        if inner is None:
            return None
        found += [each._replace(media=(media, *each.media)) for each in inner]
    ending = _END.match(sheet, at)
    return found if ending and ending.end() == len(sheet) else None


def _token(match: re.Match[str]) -> Token:
    number, unit, ident, hashed, double, single, sign = match.groups()
    if number is not None:
        kind = "number" if unit is None else "percentage" if unit == "%" else "dimension"
        return Token(kind, float(number), lower_unit=(unit or "").lower())
    if ident is not None:
        return Token("ident", ident, ident.lower())
    if hashed is not None:
        return Token("hash", hashed)
    if sign is not None:
        return Token("literal", sign)
    return Token("string", double if double is not None else single)
