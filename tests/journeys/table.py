"""Which journey was walked in which way: docs/journeys.json, kept by the tests, and the page that is made of it."""

from __future__ import annotations

import ast
import datetime
import hashlib
import json
import os
from pathlib import Path
from typing import Any, Final

from tests.journeys.hands import Hands
from tests.journeys.story import JOURNEYS, World
from tests.journeys.ways import TITLES

ROOT: Final = Path(__file__).resolve().parents[2]
KEPT: Final = ROOT / "docs" / "journeys.json"
PAGE: Final = ROOT / "docs" / "journeys.md"

_BEGIN: Final = """# Journeys

One story, told once in `tests/journeys/story.py`, is walked in every one of these ways with the same assertions. What
came of it is asked by a second IMAP client and at the submission server.

With script and without they are part of `scripts/test`. All ways are walked by `scripts/engines`, which
keeps what came of it in `docs/journeys.json` and makes this page; `tests/journeys/test_table.py` fails when the story
has changed since.

w3m and lynx are browsers of text: they know neither script nor style sheets, so nothing is folded and nothing hidden.
In w3m what a field of several lines holds is written in an editor. lynx, as Debian builds it, sends no files: there the
letter goes without one, and every other journey is the same.

"""


def digest() -> str:
    """Of the story as code: comments and line breaks change nothing."""
    story = ast.parse((Path(__file__).parent / "story.py").read_text("utf-8"))
    return hashlib.sha256(ast.dump(story).encode()).hexdigest()[:16]


def kept() -> dict[str, Any]:
    """Way -> engine, date, story, walked."""
    found: dict[str, Any] = json.loads(KEPT.read_text("utf-8"))
    return found


def keep(way: str, engine: str, walked: list[str]) -> None:
    """Where scripts/engines asks for it: what was walked so far."""
    if "PENNYPOST_JOURNEYS" not in os.environ:
        return
    now = kept() if KEPT.exists() else {}
    now[way] = {"engine": engine, "date": datetime.date.today().isoformat(), "story": digest(), "walked": walked}
    ordered = {name: now[name] for name in TITLES if name in now}
    KEPT.write_text(json.dumps(ordered, indent=1) + "\n", "utf-8")


def page() -> str:
    """docs/journeys.md."""
    found = {way: entry for way, entry in kept().items() if way in TITLES}
    lines = [f"| journey | {' | '.join(TITLES[way] for way in found)} |", "|---|" + "---|" * len(found)]
    for journey in JOURNEYS:
        marks = ["yes" if journey in entry["walked"] else "**no**" for entry in found.values()]
        lines.append(f"| {journey} | {' | '.join(marks)} |")
    lines += ["", "| way | engine | walked on |", "|---|---|---|"]
    lines += [f"| {TITLES[way]} | {entry['engine']} | {entry['date']} |" for way, entry in found.items()]
    return _BEGIN + "\n".join(lines) + "\n"


def walk(way: str, hands: Hands, world: World) -> None:
    """Every journey in its order, and keep how far it came; where one ends early, what the page said is told."""
    walked: list[str] = []
    for title, journey in JOURNEYS.items():
        try:
            journey(hands, world)
        except Exception as error:
            error.add_note(f"{way}, {title}: {hands.page()}")
            raise
        walked.append(title)
        keep(way, hands.engine, walked)
