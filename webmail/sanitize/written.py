"""HTML that the reader of this site writes: through the same gate as hostile mail, then as a letter carries it.

What clean() makes is canonical: a "<" opens a tag and nothing else, and no value holds a quotation mark. So tags can be
written anew here without another parser.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape
from typing import Final
from urllib.parse import quote, unquote

from .html import clean
from .to_text import to_text

_HEAD: Final = '<!DOCTYPE html><html><head><meta charset="utf-8"></head><body dir="auto">\n'
_FOOT: Final = "\n</body></html>\n"
_OURS: Final = "/cid/"
_TAG: Final = re.compile(r'<([a-z][a-z0-9]*)((?: [a-z-]+="[^"]*")*)>')
_ANY: Final = re.compile("<[^>]*>")
_ATTRIBUTE: Final = re.compile(r' ([a-z-]+)="([^"]*)"')
_SHOWN: Final = re.compile(r'<img(?: [a-z-]+="[^"]*")*? src="cid:([^"]*)"')
_IN_THE_PAGE: Final = frozenset({"class", "rel", "target"})
"""What clean() gives for the frame of a message; a letter has no use for it."""

_QUOTED: Final = re.compile(r"(?:> ?)+")
_SIGNATURE: Final = re.compile(r"^--$", re.MULTILINE)


def written(html: str, known: Callable[[str], bool]) -> str:
    """The harmless part of html as a letter may carry it: pictures are parts of the letter (cid:), or none.

    known: whether the letter has a part of this Content-ID. Pictures elsewhere on the web are left out: they would
    tell their owner who reads the letter. Classes of ours for dark paper and narrow screens are left out as well.
    "" when nothing is left to be seen. Raises TooLarge as clean() does.
    """
    made = clean(html, inline=lambda cid: _OURS + quote(cid, safe="") if known(cid) else None, remote=None)
    found = _TAG.sub(_as_sent, str(made.html))
    seen = re.search("<img |<hr", found) or unescape(_ANY.sub("", found)).strip()
    return found if seen else ""


def _as_sent(tag: re.Match[str]) -> str:
    name, kept = tag[1], []
    for key, value in _ATTRIBUTE.findall(tag[2]):
        if key == "src" and value.startswith(_OURS):
            value = "cid:" + quote(unquote(value.removeprefix(_OURS)), safe="@!$*+=._~-")
        if key not in _IN_THE_PAGE:
            kept.append(f' {key}="{value}"')
    # Mail programs know a quote of mail by this mark, and fold it.
    mark = ' type="cite"' if name == "blockquote" else ""
    return f"<{name}{mark}{''.join(kept)}>"


def pictures(html: str) -> tuple[str, ...]:
    """The Content-IDs that written HTML shows, each once."""
    return tuple(dict.fromkeys(unquote(cid) for cid in _SHOWN.findall(html)))


def words(html: str) -> str:
    """Written HTML as the text beside it; the line above a signature gets its space back (RFC 3676 4.3)."""
    return _SIGNATURE.sub("-- ", to_text(html))


def document(html: str) -> str:
    """Written HTML as the body of a message. dir: each reader's browser finds the direction as the editor did."""
    return _HEAD + html + _FOOT


def inside(html: str) -> str:
    """The reverse; HTML of others stays as it is."""
    own = html.startswith(_HEAD) and html.rstrip("\n").endswith(_FOOT.strip("\n"))
    return html[len(_HEAD) :].rstrip("\n").removesuffix(_FOOT.strip("\n")).rstrip("\n") if own else html


def from_text(text: str) -> str:
    """Text as HTML: a line is a <div>, marks of quoting become quotes."""
    made, depth = [], 0
    for line in text.split("\n"):
        mark = _QUOTED.match(line)
        now = min(mark[0].count(">"), 20) if mark else 0
        made.append("<blockquote>" * (now - depth) + "</blockquote>" * (depth - now))
        depth = now
        plain = line[mark.end() :] if mark else line
        made.append(f"<div>{escape(plain, quote=False) or '<br>'}</div>")
    return "".join(made) + "</blockquote>" * depth


def with_quote(text: str, quoted: str) -> str:
    """The text of an answer as HTML, with the message in its own looks in place of the lines that quote it."""
    lines = text.split("\n")
    marked = [number for number, line in enumerate(lines) if line.startswith(">")]
    if not marked:
        return from_text(text)
    first, last = marked[0], marked[-1]
    if any(not line.startswith(">") for line in lines[first : last + 1]):
        return from_text(text)
    before, behind = "\n".join(lines[:first]), "\n".join(lines[last + 1 :])
    parts = [from_text(before) if before else "", f"<blockquote>{quoted}</blockquote>"]
    return "".join([*parts, from_text(behind) if behind else ""])


def with_passed_on(above: str, message: str) -> str:
    """A letter that passes a message on, as HTML: the text above it, then the message in its own looks."""
    return f"{from_text(above)}<div><br></div><div>{message}</div>"
