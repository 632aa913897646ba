"""A QR code as one line of drawing, for an <svg> in our own page: no picture is fetched, its text is in no address."""

from __future__ import annotations

from dataclasses import dataclass

import segno

_QUIET = 4


@dataclass(frozen=True, slots=True)
class Drawing:
    """size: modules on each side, the quiet zone of four included. path: the dark ones, as SVG path data."""

    size: int
    path: str


def draw(text: str) -> Drawing:
    """The code for a text of a few hundred characters."""
    rows = [bytes(row) for row in segno.make_qr(text, error="m").matrix]
    runs = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            length = len(row[x:]) - len(row[x:].lstrip(b"\1"))
            if length:
                runs.append(f"M{x + _QUIET} {y + _QUIET}h{length}v1h-{length}z")
            x += length or 1
    return Drawing(len(rows) + 2 * _QUIET, "".join(runs))
