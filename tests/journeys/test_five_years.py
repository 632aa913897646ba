"""Engines of five years ago: scripts use nothing newer unless they look first, sheets say what holds without it.

Newer syntax would leave a page as if without script, which works; a newer function would fail in the middle of a deed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

STATIC: Final = Path(__file__).resolve().parents[2] / "static"

NEWER: Final = {
    "Array.at": r"\.at\(", "change by copy": r"\.(?:toSorted|toReversed|toSpliced|with)\(",
    "findLast": r"\.findLast(?:Index)?\(", "groupBy": r"\b(?:Object|Map)\.groupBy\(",
    "Object.hasOwn": r"\bObject\.hasOwn\(", "structuredClone": r"\bstructuredClone\(",
    "withResolvers": r"\.withResolvers\(", "fromAsync": r"\.fromAsync\(", "AbortSignal.any": r"\bAbortSignal\.any\(",
    "AbortSignal.timeout, not asked for": r"\bAbortSignal\.timeout\(", "popover": r"\.(?:show|hide|toggle)Popover\(",
    "view transitions": r"startViewTransition\(", "button of FormData": r"\bnew FormData\([^()]+,",
    "isWellFormed": r"\.isWellFormed\(", "randomUUID, not asked for": r"\.randomUUID\(",
    ":has() in a script": r":has\(", "look behind": r"\(\?<[=!]", "import attributes": r"\bimport\b[^;]*\bwith\s*\{",
    "static block": r"\bstatic\s*\{", "top-level await": r"^await\b", "flag v": r"/[dgimsuy]*v[dgimsuy]*[\s,;).]*$",
    "Segmenter": r"\bIntl\.Segmenter\(", "scheduler": r"\bscheduler\.\w+\(",
}  # fmt: skip
"""What no stable engine of December 2021 had, or not all three."""

ONLY_IN_DOM: Final = {"requestSubmit": r"\.requestSubmit\(", "checkVisibility": r"\.checkVisibility\("}
"""These have a way around them in static/js/dom.js."""


def lines(folder: str, kind: str) -> list[tuple[str, str]]:
    """Every line of ours, with where it stands."""
    files = sorted((STATIC / folder).rglob(f"*.{kind}"))
    return [(f"{path.name}:{at}", line) for path in files for at, line in enumerate(path.read_text().splitlines(), 1)]


@pytest.mark.parametrize("what", NEWER)
def test_no_script_calls_what_came_later(what: str) -> None:
    found = [where for where, line in lines("js", "js") if re.search(NEWER[what], re.sub(r"\s//.*|^//.*", "", line))]
    assert found == []


@pytest.mark.parametrize("what", ONLY_IN_DOM)
def test_what_came_later_is_asked_for_in_one_place(what: str) -> None:
    found = {where.split(":")[0] for where, line in lines("js", "js") if re.search(ONLY_IN_DOM[what], line)}
    assert found <= {"dom.js"}


def test_no_sheet_needs_what_came_later() -> None:
    """A rule that is not understood is left out, so these may not carry the layout; :has() has its @supports."""
    newer = r"color-mix\(|light-dark\(|@layer|@scope|anchor-name|@starting-style|^\s*&|subgrid|\binterpolate-size\b"
    assert [where for where, line in lines("css", "css") if re.search(newer, re.sub(r"/\*.*?\*/", "", line))] == []
    sheets = {path.name: path.read_text() for path in (STATIC / "css").glob("*.css")}
    assert "@supports not selector(:has(*))" in "".join(sheets.values())
    for name, text in sheets.items():
        for line in text.splitlines():
            assert "dvh" not in line or "100vh" in line, f"{name}: dvh without vh before it"
