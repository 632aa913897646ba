"""Hostile HTML into pieces, the way a browser cuts it (HTML Standard 13.2.5), in linear time.

Nothing here is trusted: the pieces are judged, written anew without ambiguity, and the gate parses the result again.
So a difference from a browser's tokenizer can cost a broken look, never a hole.
"""

from __future__ import annotations

import re
from html import unescape
from html.entities import html5
from typing import cast

from webmail.errors import TooLarge

from .rules import MAX_ATTRIBUTES, MAX_TAGS, RAW_TEXT

# Text, and one tag behind it: (text, raw, its source, its data, slash, name, source); "" where nothing is.
# text: not decoded. raw: an element whose content is never markup, its data. slash: "/" before the name of an end tag.
# source: what stands between a name and '>'. Names are as they were typed.
Piece = tuple[str, str, str, str, str, str, str]

# Possessive throughout, and one of the branches always fits: every character is looked at a fixed number of times. An
# unfinished tag, comment or raw element swallows the rest, as it does in a browser.
_IN_TAG = r"""(?:[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|(?!["'])[^\s>]*+))?+)*+[\s/]*+"""
_PIECE = re.compile(
    rf"""([^<]*+(?:<(?![a-zA-Z/!?])[^<]*+)*+)
    (?:<(?:
      (?=[eEfFiInNsStTxX])((?i:{"|".join(sorted(RAW_TEXT))}))(?=[\s/>])({_IN_TAG})>
        ((?:[^<]++|<(?!/(?i:\2)[\s/>]))*+)(?:<[^>]*+>?+)?+
    | (/?)([a-zA-Z][^\s/>]*+)({_IN_TAG})>
    | !--(?:-?>|(?:[^\-]++|-(?!-!?>))*+(?:--!?>)?+)
    | [!?][^>]*+>?+
    | /(?![a-zA-Z])[^>]*+>?+
    | /?[a-zA-Z].*+
    )|\Z)""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_NAME_VALUE = r"""([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]*+)))?+"""
_ATTRIBUTE = re.compile(rf"[\s/]*+{_NAME_VALUE}", re.ASCII)
# The same for a search: it fits everywhere, for one that did not would look at the blanks at the end again and again.
_ANY_ATTRIBUTE = re.compile(rf"[\s/]*+(?:{_NAME_VALUE})?+", re.ASCII)
_SHORT = 4096  # characters of a tag that are cut at one go
_CONTROLS = bytes({*range(0x20), 0x7F} - {*b"\t\n\f\r"})
_C1 = re.compile(b"\xc2[\x80-\x9f]")
_CONTROL_SIGNS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]+")
# In an attribute a name without ';' is an entity only when nothing word-like follows (13.2.5.73): ?a=1&copy=2 is a URL.
_BARE_ENTITY = re.compile(r"&(#?[a-zA-Z0-9]+)(;?)(?=(.?))", re.DOTALL | re.ASCII)


def without_controls(html: bytes) -> str:
    """UTF-8 to text. C0 and C1 controls have no meaning in HTML and cost parsers dearly (html5ever needs the square of
    their number); line ends become LF."""
    text = _C1.sub(b"", html.translate(None, _CONTROLS)).decode()
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def pieces(html: str) -> list[Piece]:
    """Pieces of html in order. Comments, doctypes, CDATA and processing instructions are gone.

    Raises TooLarge over 60 000 start tags, or four times as many pieces.
    """
    if html.count("<") <= MAX_TAGS:  # no piece but the last is without one
        return _PIECE.findall(html)
    found: list[Piece] = []
    tags = 0
    for match in _PIECE.finditer(html):
        piece = cast(Piece, match.groups(""))
        found.append(piece)
        tags += bool(piece[5]) and not piece[4]
        if tags > MAX_TAGS or len(found) > 4 * MAX_TAGS:
            raise TooLarge
    return found


def decoded(text: str) -> str:
    """Text between tags."""
    return _CONTROL_SIGNS.sub("", unescape(text).replace("\r", "\n")) if "&" in text else text


def attributes(source: str) -> dict[str, str]:
    """Name in lower case to decoded value; the first of equal names counts (13.2.5.33)."""
    if len(source) <= _SHORT and ">" not in source:  # then each begins where the one before it ends
        parts = [part for part in _ANY_ATTRIBUTE.findall(source) if part[0]]
        found = {name.lower(): double or single or bare for name, double, single, bare in parts}
        if len(found) == len(parts) <= MAX_ATTRIBUTES:
            if "&" in source:
                found |= [(name, _value(value)) for name, value in found.items() if "&" in value]
            return found
    return _one_by_one(source)


def _one_by_one(source: str) -> dict[str, str]:
    found: dict[str, str] = {}
    match = _ATTRIBUTE.match(source)
    while match and len(found) < MAX_ATTRIBUTES:
        name, double, single, bare = match.groups()
        value = double or single or bare or ""
        found.setdefault(name.lower(), _value(value) if "&" in value else value)
        match = _ATTRIBUTE.match(source, match.end())
    return found


def _value(text: str) -> str:
    if text.count("&") == text.count("&amp;"):
        return text.replace("&amp;", "&")
    return _BARE_ENTITY.sub(_entity, text)


def _entity(match: re.Match[str]) -> str:
    name, semicolon, following = match.groups()
    if name.startswith("#"):
        return _CONTROL_SIGNS.sub("", unescape(match.group()))
    if semicolon:
        return html5.get(name + ";", match.group())
    if name in html5 and not (following == "=" or following.isalnum()):
        return html5[name]
    return match.group()
