"""The quote that ends a letter, folded away: where it stands in what is written, and that nothing is read behind it.

Only what mail programs mark as a quote of mail counts; a quote that a newsletter draws is part of it. Nothing is hidden
for good: it is one click away, and an answer or a print has it in full.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from .writing import escaped

Fold = Callable[[str], str]
"""First text of such a quote -> what stands for it while it is closed; "" to leave it open."""

_MARKS: Final = frozenset({
    "gmail_quote", "gmail_quote_container", "yahoo_quoted", "protonmail_quote", "tutanota_quote",
    "zmail_extra",
})  # fmt: skip
TAGS: Final = 4
"""How many tags a fold adds."""


def is_quote(name: str, found: Mapping[str, str]) -> bool:
    """Whether mail programs mean a quote of mail by this element."""
    if name == "blockquote" and found.get("type", "").lower() == "cite":
        return True
    marked = f"{found.get('class', '')} {found.get('id', '')}" if name in ("blockquote", "div") else ""
    return not _MARKS.isdisjoint(marked.lower().split())


class Folding:
    """Follows one message while it is written. Places are indices into what is written."""

    def __init__(self, fold: Fold | None) -> None:
        self.active = fold is not None
        self._fold = fold
        self._open: tuple[int, int] | None = None
        self._last: tuple[int, int] | None = None
        self._before = self._behind = False
        self._first = ""

    def start(self, name: str, found: Mapping[str, str], depth: int, at: int) -> None:
        """An element is about to be written at this place, inside `depth` others."""
        if self._fold is not None and self._open is None and self._before and is_quote(name, found):
            self._open, self._behind, self._first = (at, depth), False, ""

    def settle(self, depth: int, at: int) -> None:
        """What was written before this place is inside `depth` elements no more than now."""
        if self._open is not None and depth <= self._open[1]:
            self._last, self._open = (self._open[0], at), None

    def text(self, words: str) -> None:
        """A text that can be read."""
        if self._open is None:
            self._before = self._behind = True
        else:
            self._first = self._first or " ".join(words.split())

    def close(self, depth: int, at: int) -> None:
        """The end tags of all `depth` open elements are about to be written."""
        if self._open is not None:
            self._last, self._open = (self._open[0], at + depth - self._open[1]), None

    def fold(self, out: list[str]) -> bool:
        """Fold in what is written; False where nothing is to be folded."""
        if self._fold is None or self._last is None or self._behind or not (label := self._fold(self._first)):
            return False
        begins, ends = self._last
        out.insert(ends, "</details>")
        out.insert(begins, f"<details><summary>{escaped(label)}</summary>")
        return True
