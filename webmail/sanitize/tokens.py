"""Hostile HTML into tokens, the way a browser cuts it (HTML Standard 13.2.5), in linear time.

Nothing here is trusted: the tokens are judged, written anew without ambiguity, and the gate parses the result again.
So a difference from a browser's tokenizer can cost a broken look, never a hole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from html.entities import html5

from .rules import MAX_ATTRIBUTES, RAW_TEXT


@dataclass(frozen=True, slots=True)
class Start:
    """name in lower case. source: what stands between name and '>', for `attributes`."""

    name: str
    source: str


@dataclass(frozen=True, slots=True)
class End:
    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """Decoded characters."""

    data: str


@dataclass(frozen=True, slots=True)
class Raw:
    """The element `name` whose content is never markup. source: as in Start; data: the content."""

    name: str
    source: str
    data: str


Token = Start | End | Text | Raw

# One whole tag. Possessive throughout: every character is looked at a fixed number of times.
_TAG = re.compile(
    r"""<(/?)([a-zA-Z][^\s/>]*+)
    ((?:[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|(?!["'])[^\s>]*+))?+)*+[\s/]*+)>""",
    re.VERBOSE | re.ASCII,
)
_ATTRIBUTE = re.compile(
    r"""[\s/]*+([^\s/>][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]*+)))?+""", re.VERBOSE | re.ASCII
)
_COMMENT_END = re.compile(r"--!?>")
_EMPTY_COMMENT = re.compile(r"-?>")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]+")
_RAW_END = {name: re.compile(rf"</{name}(?=[\s/>])[^>]*+>?", re.IGNORECASE | re.ASCII) for name in RAW_TEXT}
# In an attribute a name without ';' is an entity only when nothing word-like follows (13.2.5.73): ?a=1&copy=2 is a URL.
_BARE_ENTITY = re.compile(r"&(#?[a-zA-Z0-9]+)(;?)(?=(.?))", re.DOTALL | re.ASCII)


def without_controls(html: str) -> str:
    """C0 and C1 controls have no meaning in HTML and cost parsers dearly (html5ever needs the square of their number);
    line ends become LF."""
    if "\r" in html:
        html = html.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", html)


def tokens(html: str) -> Iterator[Token]:
    """Tokens of html in order. Comments, doctypes, CDATA and processing instructions are gone.

    An unfinished tag, comment or raw element swallows the rest, as it does in a browser.
    """
    at = 0
    while at < len(html):
        opening = html.find("<", at)
        if opening < 0:
            yield Text(_decoded(html[at:]))
            return
        if opening > at:
            yield Text(_decoded(html[at:opening]))
        found = _TAG.match(html, opening)
        if found is None:
            at, text = _no_tag(html, opening)
            if text:
                yield Text(text)
            continue
        closing, name, source = found.groups()
        name = name.lower()
        at = found.end()
        if closing:
            yield End(name)
        elif name in RAW_TEXT:
            end = _RAW_END[name].search(html, at)
            yield Raw(name, source, html[at : end.start() if end else None])
            at = end.end() if end else len(html)
        else:
            yield Start(name, source)


def _decoded(text: str) -> str:
    return without_controls(unescape(text)) if "&" in text else text


def _no_tag(html: str, opening: int) -> tuple[int, str]:
    """Where to go on after a '<' that opens no finished tag, and the text that it turned out to be."""
    if html.startswith("<!--", opening):
        empty = _EMPTY_COMMENT.match(html, opening + 4)
        end = empty or _COMMENT_END.search(html, opening + 4)
        return (end.end() if end else len(html)), ""
    following = html[opening + 1 : opening + 2]
    if following in ("!", "?") or (following == "/" and not html[opening + 2 : opening + 3].isalpha()):
        end_at = html.find(">", opening)
        return (end_at + 1 if end_at >= 0 else len(html)), ""
    if following.isascii() and (following.isalpha() or following == "/"):
        return len(html), ""
    return opening + 1, "<"


def attributes(source: str) -> dict[str, str]:
    """Name in lower case to decoded value; the first of equal names counts (13.2.5.33)."""
    found: dict[str, str] = {}
    match = _ATTRIBUTE.match(source)
    while match and len(found) < MAX_ATTRIBUTES:
        name, double, single, bare = match.groups()
        value = double or single or bare or ""
        found.setdefault(name.lower(), _BARE_ENTITY.sub(_entity, value) if "&" in value else value)
        match = _ATTRIBUTE.match(source, match.end())
    return found


def _entity(match: re.Match[str]) -> str:
    name, semicolon, following = match.groups()
    if name.startswith("#"):
        return _CONTROLS.sub("", unescape(match.group()))
    if semicolon:
        return html5.get(name + ";", match.group())
    if name in html5 and not (following == "=" or following.isalnum()):
        return html5[name]
    return match.group()
