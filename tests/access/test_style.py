"""What the style sheets promise, computed from them: contrast of every pair of colours, and a left side nowhere."""

from __future__ import annotations

import re

import pytest

from tests.access.tokens import CSS, blocks, contrast

SURFACES = ("canvas", "list", "sheet", "sel", "hover")

# Least contrast by day and by night. Text for reading has WCAG's AAA (7), other text AA (4.5), what is no text 3.
ON_SURFACES = {
    "ink": (13.7, 10.5), "ink-2": (7.2, 7.1), "ink-3": (5.1, 4.9), "accent": (6.4, 6.9), "ctl": (3.2, 3.1),
    "focus": (5.1, 6.4), "star": (4.3, 6.9), "danger": (4.5, 4.5), "warn": (4.5, 4.5), "ok": (4.5, 4.5),
}  # fmt: skip
PAIRS = {
    ("on-accent", "accent-btn"): (7.6, 9.5), ("on-accent", "accent-btn-hover"): (7.6, 9.5),
    ("danger", "danger-bg"): (6.3, 7.6), ("warn", "warn-bg"): (6.5, 8.5), ("ok", "ok-bg"): (5.8, 8.0),
    ("ink", "danger-bg"): (7.0, 7.0), ("ink", "warn-bg"): (7.0, 7.0), ("ink", "ok-bg"): (7.0, 7.0),
    ("on-toast", "toast"): (15.1, 14.2), ("toast-act", "toast"): (9.3, 6.8),
    **{(f"on-tint-{n}", f"tint-{n}"): (7.1, 7.6) for n in range(8)},
}  # fmt: skip

PHYSICAL = re.compile(
    r"(?<=[{;] )(?:(?:margin|padding|border)-)?(?:left|right)(?:-\w+)?: [^;}]*|"
    r"border-(?:top|bottom)-(?:left|right)-radius:|(?:float|text-align): (?:left|right)\b"
)
MEANT = {"left: -20rem"}
"""What a pointer carries is drawn where no window is."""


@pytest.mark.parametrize(("night", "name"), [(0, "light"), (1, "dark"), (1, "system")])
def test_every_pair_of_colours_is_as_far_apart_as_promised(night: int, name: str) -> None:
    tokens = blocks()[name]
    pairs = {(top, below): least for top, least in ON_SURFACES.items() for below in SURFACES} | PAIRS
    short = {
        (top, below): round(contrast(tokens[top], tokens[below]), 2)
        for (top, below), least in pairs.items()
        if round(contrast(tokens[top], tokens[below]), 1) < least[night]
    }
    assert short == {}


def test_night_is_the_same_whoever_asked_for_it() -> None:
    found = blocks()
    assert found["dark"] == found["system"]
    assert set(found["dark"]) == set(found["light"])


def test_style_sheets_know_a_start_and_an_end_and_neither_left_nor_right() -> None:
    """So that a page from right to left is the mirror of the other. print.css and all others alike."""
    found = [
        f"{path.name}: {hit}"
        for path in sorted(CSS.glob("*.css"))
        for hit in PHYSICAL.findall(path.read_text("utf-8"))
        if hit not in MEANT
    ]
    assert found == []
