"""All states at four widths, by day, by night, from right to left and with forced colours: scripts/a11y runs it."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.access.axe import JUDGED, Answer, ask
from tests.access.states import EVERY, LIST, OUTSIDE
from tests.access.walk import State, Walk, walk

WIDTHS = (320, 390, 820, 1440)
LOOKS = ("light", "dark", "right to left", "forced colours")
SHOWN = ("color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable", "avoid-inline-spacing")
"""Rules that depend on how a page looks. All others read the elements, which are the same in every look."""
PAGE = Path(__file__).resolve().parents[2] / "docs/accessibility.md"
ONLY = os.environ.get("A11Y_ONLY", "")
FOUND = PAGE.parents[1] / ".cache/a11y"
PARTS = 6
ENTER = LIST[0]


@dataclass
class Line:
    """What was found in one state: how often it was looked at, what broke a rule, what axe left to people."""

    name: str
    looks: int = 0
    violations: int = 0
    contrasts: int = 0
    least: float = 99
    others: int = 0

    def add(self, said: Answer) -> None:
        self.looks += 1
        self.violations += len(said.violations) + len(list(said.unjudged()))
        measured = [one.share for one in said.incomplete if one.share]
        self.contrasts += len(measured)
        self.least = min([self.least, *measured])
        self.others += sum((one.rule, one.why) in JUDGED for one in said.incomplete)

    def __str__(self) -> str:
        least = f"{self.least:.2f}" if self.contrasts else "–"
        return f"| {self.name} | {self.looks} | {self.violations} | {self.contrasts} | {least} | {self.others or '–'} |"


def dress(page: Page, width: int, look: str) -> None:
    """Makes the page so wide, and look so."""
    page.set_viewport_size({"width": width, "height": 3000 if width < 700 else 2400})
    page.emulate_media(
        color_scheme="dark" if look == "dark" else "light",
        forced_colors="active" if look == "forced colours" else "none",
        reduced_motion="reduce",
    )
    page.evaluate("to => { document.documentElement.dir = to }", "rtl" if look == "right to left" else "ltr")


def looked_at(state: State, page: Page) -> tuple[Line, list[str]]:
    """Everything about one state, and what is wrong, as words."""
    line, wrong = Line(state.name), []
    for width in (one for one in WIDTHS if one < 500 or not state.narrow):
        for look in LOOKS:
            dress(page, width, look)
            said = ask(page, state.without, () if look == "light" else SHOWN)
            line.add(said)
            wrong += [f"{state.name}, {width} px, {look}: {one}" for one in (*said.violations, *said.unjudged())]
    dress(page, 1440, "light")
    return line, wrong


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", range(PARTS))
def test_every_state(somebody: Walk, part: int) -> None:
    share = [one for one in EVERY if ONLY in one.name][part::PARTS]
    within = [one for one in share if one not in OUTSIDE]
    chosen = (*(one for one in share if one in OUTSIDE), *(() if ENTER in within else (ENTER,)), *within)
    lines, wrong = [], []
    for state in walk(chosen, somebody):
        if state not in share:
            continue
        line, bad = looked_at(state, somebody.page)
        lines.append(line)
        wrong += bad
        print(line, *bad, sep="\n", file=sys.stderr, flush=True)
        FOUND.mkdir(parents=True, exist_ok=True)
        (FOUND / f"{part}.json").write_text(json.dumps([vars(one) for one in lines]))
    assert wrong == []


def write() -> None:
    """Puts the table into docs/accessibility.md, between its marks."""
    found = {one["name"]: Line(**one) for path in FOUND.glob("*.json") for one in json.loads(path.read_text())}
    lines = [found[one.name] for one in EVERY if one.name in found]
    names = ("looks", "violations", "contrasts")
    total = Line("**all**", *(sum(getattr(one, name) for one in lines) for name in names))
    total.least, total.others = min(one.least for one in lines), sum(one.others for one in lines)
    head = "| state | looked at | violations | contrasts measured | least, as a share | judged |\n" + "|---" * 6 + "|\n"
    table = head + "\n".join(map(str, (*lines, total)))
    text = PAGE.read_text("utf-8")
    begin, end = "<!-- axe -->\n", "\n<!-- /axe -->"
    PAGE.write_text(re.sub(f"{begin}.*?{end}", lambda _: begin + table + end, text, flags=re.DOTALL), "utf-8")
    print(table)


if __name__ == "__main__":
    write()
