"""Plain text with its addresses made into links: escape, find with bleach, then the gate (R3)."""

from __future__ import annotations

import re
import threading
from html import escape
from typing import Any, cast

from bleach.linkifier import Linker

from . import gate, safe, urls
from .safe import SafeHtml
from .tokens import without_controls

MAX_LINKED = 200 * 1024  # characters; what follows is shown without links
MAX_ESCAPED = 10_000  # '&', '<' and '>' in lines with links: each is a token of its own to bleach

# Ours instead of bleach's pattern, which needs minutes for a page of "(" or "a-". Every start is at the edge of a word
# and every repetition is bounded, so time grows with the text. It reads escaped text: &amp; is a letter of an address,
# &lt; and &gt; end it; so does a ")" that was not opened inside.
_ADDRESS = re.compile(
    r"""(?<![\w.+\-@/])(?:
    (?:https?://|www\.(?=\w)) (?: [^\s<>"`{}|\\^&()] | &amp; | \( (?:[^\s<>"`{}|\\^&()]|&amp;){0,200} \) ){1,2000}
    (?<![:!?'\u2019\u201d\xbb\]*_]) (?<!(?<!&amp);)
    | [\w+\-](?:[\w.+\-]{0,62}[\w+\-])? @ (?:[^\W_][\w\-]{0,62}\.){1,8} [^\W\d_]{2,24} \b
    )""",
    re.IGNORECASE | re.VERBOSE,
)


_MAYBE = re.compile(r"://|www\.|@", re.IGNORECASE)


class _Threads(threading.local):
    """bleach keeps its parser's state in the object: shared between threads, texts of two readers would mix."""

    def __init__(self) -> None:
        self.linker = Linker(
            callbacks=[cast(Any, _callback)], parse_email=False, url_re=_ADDRESS, recognized_tags=frozenset()
        )


def link_text(text: str) -> SafeHtml:
    """text escaped, with http, https and mail addresses as links that open a new page. Line ends stay line ends.

    Never raises; any length, but only the first 200 KiB are searched for addresses.
    """
    text = without_controls(text.encode("utf-8", "replace"))
    cut = _cut(text)
    budget = MAX_ESCAPED
    written: list[str] = []
    linked = False
    for line in text[:cut].split("\n"):
        escaped = escape(line, quote=False)
        if _MAYBE.search(line):
            budget -= 1 + sum(map(line.count, "&<>"))
            if budget > 0:
                escaped, linked = _here.linker.linkify(escaped), True
        written.append(escaped)
    head, rest = "\n".join(written), escape(text[cut:], quote=False)
    # What was only escaped has no element in it: nothing for the gate to judge.
    return safe.seal((gate.links_only(head) if linked else head) + rest)


def _cut(text: str) -> int:
    """Where to stop looking: not inside a word, which might be an address."""
    if len(text) <= MAX_LINKED:
        return len(text)
    return next((at for at in range(MAX_LINKED, MAX_LINKED - 4096, -1) if text[at].isspace()), MAX_LINKED)


def _callback(attributes: dict[Any, str], new: bool = False) -> dict[Any, str] | None:
    """The href that bleach guessed, judged; None leaves the words as they are."""
    words = attributes.get("_text", "")
    mail = "@" in words and not re.match(r"https?://|www\.", words, re.IGNORECASE)
    href = urls.link(f"mailto:{words}" if mail else attributes.get((None, "href"), ""))
    # What stands before an @ in the host's place looks like the host and is not (https://bank.example@evil.example/).
    if href is None or (not mail and "@" in href.partition("://")[2].partition("/")[0]):
        return None
    return {"_text": words, (None, "href"): href}


_here = _Threads()
