"""Whether the sender's own dark version of a letter can be used on dark paper, or ours has to (dark.py).

Followed beside ours: what each text and its ground would be under the rules for dark paper that the letter brings. They
are used when no text gets harder to read than it was by day, and when most of it then stands on a ground that does not
glare. So no rule of theirs can hide a word either (R27).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .dark import ENOUGH, INK, PAPER, Colour, contrast, glares, over, read

_LINK: Colour = (158, 158, 255)  # of browsers on dark ground


@dataclass(frozen=True, slots=True)
class Designed:
    """Colours inside an element, under the letter's own rules for dark paper."""

    ink: Colour = INK
    ground: Colour = PAPER

    def within(self, ink: str, ground: str, rules: Mapping[str, str], *, link: bool) -> Designed:
        """Inside a child. ink, ground: its colours by day, "" without; rules: what it has for dark paper."""
        paint = read(rules.get("background-color", ground))
        behind = over(paint, self.ground) if paint else self.ground
        own = read(rules.get("color", ink)) or ((*_LINK, 1.0) if link else None)
        front = over(own, behind) if own else self.ink
        return self if (front, behind) == (self.ink, self.ground) else Designed(front, behind)


@dataclass(slots=True)
class Reading:
    """Counts letters while they are written."""

    seen: int = 0
    on_dark: int = 0
    worse: bool = False

    def text(self, ink: Colour, ground: Colour, designed: Designed, length: int) -> None:
        """A text that can be seen. ink, ground: by day."""
        self.seen += length
        self.on_dark += 0 if glares(designed.ground) else length
        if not self.worse:
            self.worse = contrast(designed.ink, designed.ground) < min(ENOUGH, contrast(ink, ground))

    @property
    def covers(self) -> bool:
        return not self.worse and self.on_dark * 2 >= self.seen > 0
