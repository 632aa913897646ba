"""lynx, a browser of text: it numbers every link and field, and is told the number."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.journeys.hands import until
from tests.journeys.terminal import Text, named, opened

_MARK: Final = re.compile(r"\(\[(\d+)\][^()]*\)|\[(\d+)\]")


@dataclass(frozen=True)
class Item:
    """One numbered thing: what stands before it and after it in its line, up to the next ones."""

    number: int
    button: bool
    before: str
    after: str


def items(lines: list[str]) -> Iterator[Item]:
    """Of a whole screen."""
    above = ""
    for line in filter(str.strip, lines):
        found = list(_MARK.finditer(line))
        for at, mark in enumerate(found):
            begin = found[at - 1].end() if at else 0
            end = found[at + 1].start() if at + 1 < len(found) else len(line)
            number = int(mark[1] or mark[2])
            yield Item(
                number, bool(mark[1]), line[begin : mark.start()].strip() or above, line[mark.end() : end].strip()
            )
        above = "" if found else line.strip()


class Lynx(Text):
    """Its hands. It sends no files."""

    def page(self) -> str:
        return " ".join(re.sub(r"\(?\[\d+\](?:\w+\))?", " ", super().page()).split())

    def _find(self, kind: str, name: str) -> int | None:
        every = list(items(self.terminal.still()))
        if kind == "box":
            row = self._find("row", name.removeprefix("Select: "))
            return row and row - 1
        if kind == "field":
            return next((one.number for one in every if one.before.endswith(name)), None)
        if kind == "row":
            return next((one.number for one in reversed(every) if not one.button and name in one.after), None)
        alike = [one for one in every if one.button == (kind == "button") and named(one.after, name)]
        exact = [one for one in alike if one.after == name and kind != "folder"]
        return next((one.number for one in (*exact, *alike)), None)

    def _reach(self, it: int) -> None:
        self.terminal.type(f"{it}g")
        self.terminal.tell("Enter")
        self.terminal.still()

    def go(self, path: str) -> None:
        self.terminal.type("g")
        self.terminal.tell("C-u")
        self.terminal.type(self.site + path)
        self.terminal.tell("Enter")
        self.terminal.still()

    def back(self) -> None:
        self.terminal.tell("Left")
        self.terminal.still()

    def fill(self, name: str, text: str) -> None:
        self._press("field", name)
        self.terminal.tell("C-u")
        for n, line in enumerate(text.split("\n")):
            if n:
                self.terminal.tell("Enter")
            self.terminal.type(line)
        self.terminal.tell("Tab")
        self.terminal.still()

    def add(self, name: str, text: str) -> None:
        self._press("field", name)
        self.terminal.type(text)
        self.terminal.tell("Tab")
        self.terminal.still()

    def enter(self, name: str) -> None:
        """The button after it."""
        at = until(lambda: self._find("field", name), f"no field {name!r}")
        after = (one for one in items(self.terminal.still()) if one.number > at and one.button)
        self._reach(next(after).number)
        self.terminal.tell("Enter")
        self.terminal.still()

    def attach(self, name: str, path: Path) -> None:
        raise AssertionError("lynx sends no files")


@contextmanager
def lynx(folder: Path, site: str) -> Iterator[Lynx]:
    """folder: empty, where it may keep what it wants."""
    choices = folder / "lynx.cfg"
    choices.write_text(
        "DEFAULT_KEYPAD_MODE:LINKS_AND_FIELDS_ARE_NUMBERED\nCHARACTER_SET:utf-8\nACCEPT_ALL_COOKIES:TRUE\n"
    )
    version = subprocess.run(["lynx", "-version"], capture_output=True, text=True).stdout.split("(")[0].strip()
    with opened(folder, f"lynx -cfg={choices} -nopause -tna {site}/") as terminal:
        hands = Lynx(terminal, site, version)
        hands.sees("Password")
        yield hands
