"""Cleaned HTML as text that a person would have typed: for quoting in an answer, and for reading without HTML."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from .rules import words

if TYPE_CHECKING:
    from html2text import HTML2Text

MAX_READ = 400 * 1024  # characters of HTML; html.parser is slow, and nobody quotes more

# Marks for the second pass; of the private use area, and taken out of the message first.
_DEEPER, _SHALLOWER, _BLANK = "\ue000", "\ue001", "\ue002"
_MARKS = re.compile(f"[{_DEEPER}{_SHALLOWER}{_BLANK}]")
_LINES = words("div tr address section article header footer main nav aside figure figcaption center dt caption")
_PARAGRAPHS = words("p h1 h2 h3 h4 h5 h6 table dl")
_SHOWN_TARGET = 300  # characters; a longer address is a counter's, not a reader's


def to_text(html: str) -> str:
    """Readable text of *cleaned* html: paragraphs, lists, '> ' before quotes, 'words <address>' for links. No Markdown.

    Only the first 400 KiB are read. Lines are not wrapped; the text ends without a line end. Never raises.
    """
    html = _MARKS.sub("", html)
    if len(html) > MAX_READ:
        html = html[: html.rfind("<", 0, MAX_READ)]
    return _quoted(_reader()().handle(html))


@cache
def _reader() -> type[HTML2Text]:
    """html2text with its Markdown taken out. Imported when first needed: most messages are never answered."""
    from html2text import HTML2Text

    class Reader(HTML2Text):
        def __init__(self) -> None:
            super().__init__(bodywidth=0)
            self.unicode_snob = True
            self.ignore_emphasis = True
            self.ignore_images = True
            self.ul_item_mark = "-"
            self._link: tuple[str, list[str]] | None = None
            self._kept = False
            self._cells = 0

        def handle_data(self, data: str, entity_char: bool = False) -> None:
            if self._link is not None:
                self._link[1].append(data)
            if not self._kept:
                self.o(data, puredata=True)
                return
            for number, line in enumerate(data.split("\n")):
                if number:
                    self.o("  \n")
                self.o(re.sub(r"[ \t]", _BLANK, line))

        def handle_tag(self, tag: str, attrs: dict[str, Any], start: bool) -> None:
            self.current_tag = tag
            if tag == "a":
                self._anchor(attrs, start)
            elif tag == "blockquote":
                self.p()
                self.o(_DEEPER if start else _SHALLOWER)
                self.p()
            elif tag in _PARAGRAPHS:
                self.p()
            elif tag in _LINES:
                self._cells = 0
                self.soft_br()
            elif tag in ("td", "th"):
                self._cell(start)
            elif tag == "img" and start and attrs.get("alt"):
                self.handle_data(attrs["alt"])
            elif tag == "pre":
                self.p()
                self._kept = start
            elif tag == "hr" and start:
                self.p()
                self.o("-" * 20)
                self.p()
            elif tag in ("br", "li", "ul", "ol", "dd", "q"):
                super().handle_tag(tag, attrs, start)

        def _cell(self, start: bool) -> None:
            if start:
                self._cells += 1
                if self._cells > 1:
                    self.o(" ", puredata=True)

        def _anchor(self, attrs: dict[str, Any], start: bool) -> None:
            if start:
                self._link = (attrs.get("href") or "", [])
            elif self._link is not None:
                (href, words), self._link = self._link, None
                text = "".join(words).strip()
                if text and _tells_more(href, text):
                    self.o(f" <{href.removeprefix('mailto:')}>")

    return Reader


def _tells_more(href: str, text: str) -> bool:
    """Whether the address says something that the words of the link do not."""
    bare = re.sub(r"^(?:https?://(?:www\.)?|mailto:|tel:)|/$", "", href)
    shown = re.sub(r"^(?:https?://(?:www\.)?)|/$", "", text)
    return bool(bare) and len(href) <= _SHOWN_TARGET and bare != shown


def _quoted(text: str) -> str:
    """Second pass: marks to '> ' in front of lines, and never more than one empty line."""
    lines: list[tuple[int, str]] = []
    level = 0
    for line in text.split("\n"):
        level += line.count(_DEEPER)
        after = level - line.count(_SHALLOWER)
        plain = line.replace("\u00a0", " ").replace(_BLANK, " ").replace("  <", " <")
        plain = _MARKS.sub("", plain).rstrip()
        marked = _DEEPER in line or _SHALLOWER in line
        if plain or (not marked and lines and lines[-1][1]):
            lines.append((level, plain))
        level = max(0, after)
    while lines and not lines[-1][1]:
        lines.pop()
    written = ["> " * min(depth, 20) + plain for depth, plain in _trimmed(lines)]
    return "\n".join(line.rstrip() for line in written).strip("\n")


def _trimmed(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """An empty line between two depths belongs to the shallower."""
    for index in range(1, len(lines) - 1):
        if not lines[index][1]:
            lines[index] = (min(lines[index - 1][0], lines[index + 1][0]), "")
    return lines
