"""Cleaned HTML as text that a person would have typed: for quoting in an answer, and for reading without HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

from .rules import words

MAX_READ: Final = 400 * 1024  # characters of HTML; html.parser is slow, and nobody quotes more

_PRIVATE: Final = re.compile("[\ue000-\ue002]")
_LINES: Final = words(
    "div tr address section article header footer main nav aside figure figcaption center dt dd caption"
)
_PARAGRAPHS: Final = words("p h1 h2 h3 h4 h5 h6 table dl pre")
_SHOWN_TARGET: Final = 300  # characters; a longer address is a counter's, not a reader's
_DEEPEST_QUOTE: Final = 20


def to_text(html: str) -> str:
    """Readable text of *cleaned* html: paragraphs, lists, '> ' before quotes, 'words <address>' for links. No Markdown.

    Only the first 400 KiB are read. Lines are not wrapped; the text ends without a line end. Never raises.
    """
    html = _PRIVATE.sub("", html)
    if len(html) > MAX_READ:
        html = html[: html.rfind("<", 0, MAX_READ)]
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    """Cleaned HTML is well formed, so this need not know how browsers mend what is not."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._done: list[tuple[int, str]] = []
        self._line = ""
        self._quotes = 0
        self._lists: list[int | None] = []
        self._kept = 0
        self._cells = 0
        self._link: tuple[str, int] | None = None

    def text(self) -> str:
        """Everything read, quotes marked."""
        self._break()
        while self._done and not self._done[-1][1]:
            self._done.pop()
        shown = ["> " * min(depth, _DEEPEST_QUOTE) + line for depth, line in _settled(self._done)]
        return "\n".join(line.rstrip() for line in shown).strip("\n")

    def handle_data(self, data: str) -> None:
        data = data.replace("\u00a0", " ")
        if self._kept:
            first, *rest = data.split("\n")
            self._line += first
            for line in rest:
                self._break(empty=True)
                self._line = line
            return
        folded = re.sub(r"\s+", " ", data)
        self._line += folded.lstrip() if not self._line or self._line.endswith(" ") else folded

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "br":
            self._break(empty=True)
        elif tag == "a":
            self._link = (given.get("href") or "", len(self._line))
        elif tag == "img" and given.get("alt"):
            self.handle_data(given["alt"] or "")
        elif tag == "hr":
            self._paragraph()
            self._line = "-" * 20
            self._paragraph()
        elif tag in ("td", "th"):
            self._cells += 1
            if self._cells > 1:
                self.handle_data(" ")
        else:
            self._open(tag, given)

    def _open(self, tag: str, given: dict[str, str | None]) -> None:
        if tag in ("ul", "ol"):
            self._break() if self._lists else self._paragraph()
            start = given.get("start") or "1"
            self._lists.append((int(start) if start.isascii() and start.isdigit() else 1) if tag == "ol" else None)
        elif tag == "li":
            self._break()
            self._line = "  " * max(1, len(self._lists)) + self._mark()
        elif tag == "blockquote":
            self._paragraph()
            self._quotes += 1
        elif tag in _PARAGRAPHS:
            self._paragraph()
            self._kept += tag == "pre"
        elif tag in _LINES:
            self._cells = 0
            self._break()

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._close_link()
        elif tag in ("ul", "ol"):
            self._break()
            del self._lists[-1:]
            if not self._lists:
                self._paragraph()
        elif tag == "blockquote":
            self._paragraph()
            self._quotes = max(0, self._quotes - 1)
        elif tag in _PARAGRAPHS:
            self._paragraph()
            self._kept = max(0, self._kept - (tag == "pre"))
        elif tag in _LINES or tag == "li":
            self._break()

    def _mark(self) -> str:
        number = self._lists[-1] if self._lists else None
        if number is None:
            return "- "
        self._lists[-1] = number + 1
        return f"{number}. "

    def _close_link(self) -> None:
        if self._link is None:
            return
        (href, start), self._link = self._link, None
        shown = self._line[start:].strip()
        if shown and _tells_more(href, shown):
            self._line = f"{self._line.rstrip()} <{href.removeprefix('mailto:')}>"

    def _break(self, *, empty: bool = False) -> None:
        """End the line. empty: also when there is nothing on it, as <br> does."""
        if self._line.strip() or (empty and self._done and self._done[-1][1]):
            self._done.append((self._quotes, self._line.rstrip()))
        self._line, self._link = "", None

    def _paragraph(self) -> None:
        """End the line, and leave one empty line before what comes."""
        self._break()
        if self._done and self._done[-1][1]:
            self._done.append((self._quotes, ""))


def _tells_more(href: str, text: str) -> bool:
    """Whether the address says something that the words of the link do not."""
    bare = re.sub(r"^(?:https?://(?:www\.)?|mailto:|tel:)|/$", "", href)
    shown = re.sub(r"^(?:https?://(?:www\.)?)|/$", "", text)
    return bool(bare) and len(href) <= _SHOWN_TARGET and bare != shown


def _settled(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """An empty line between two depths belongs to the shallower."""
    for index in range(1, len(lines) - 1):
        if not lines[index][1]:
            lines[index] = (min(lines[index - 1][0], lines[index + 1][0]), "")
    return lines
