"""The colours of static/css/base.css as numbers, and how far two of them are apart (WCAG 2.2, relative luminance)."""

from __future__ import annotations

import re
from pathlib import Path

CSS = Path(__file__).resolve().parents[2] / "static/css"

Tokens = dict[str, str]


def blocks() -> dict[str, Tokens]:
    """By day ("light"), by night as chosen ("dark"), by night as the device has it ("system"): name -> "#rrggbb"."""
    css = (CSS / "base.css").read_text("utf-8")
    heads = {
        "light": r":root \{",
        "dark": r':root\[data-theme="dark"\] \{',
        "system": r':root:not\(\[data-theme="light"\]\) \{',
    }
    found = {}
    for name, head in heads.items():
        block = re.search(head + r"(.*?)\}", css, re.DOTALL)
        assert block, name
        found[name] = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block[1]))
    return found


def contrast(one: str, other: str) -> float:
    """From 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
