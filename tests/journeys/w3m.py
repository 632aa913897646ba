"""w3m, a browser of text: links are blue, fields and buttons red, and the cursor goes to where one of them is.

What a field of several lines holds is written in an editor, here a script that stands in for a person's.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.journeys.hands import until
from tests.journeys.terminal import Terminal, Text, named, opened

_COLOUR: Final = re.compile(r"(\x1b\[[\d;]*m)")
_CODES: Final = re.compile(r"\x1b\[([\d;]*)m")
_LINK: Final = "34"
_FORM: Final = "31"
_EDITOR: Final = """#!/bin/sh
# Puts said.txt in the place of what a field holds, or before it.
cp "$HOME/said.txt" "$HOME/whole.txt"
[ ! -e "$HOME/before" ] || cat "$1" >>"$HOME/whole.txt"
cat "$HOME/whole.txt" >"$1"
"""


@dataclass(frozen=True)
class Item:
    """What can be pressed: its line and place, both from 0; what stands before it, on the line above if need be."""

    line: int
    at: int
    text: str
    form: bool
    field: bool
    before: str


def _runs(line: str, colour: str) -> list[tuple[str, int, str]]:
    """(colour, begin, text) of each piece of a line that comes with its colours. colour: at its begin."""
    at, found = 0, [(colour, 0, "")]
    for piece in _COLOUR.split(line):
        codes = _CODES.fullmatch(piece)
        if codes:
            for code in codes[1].split(";"):
                colour = code if code in (_LINK, _FORM) else "" if code in ("", "0", "39") else colour
        elif found[-1][0] == colour:
            found[-1] = (colour, found[-1][1], found[-1][2] + piece)
        else:
            found.append((colour, at, piece))
        at += 0 if codes else len(piece)
    return found


def items(lines: list[str]) -> Iterator[Item]:
    """Of a whole screen, without its last line. A colour holds until there is another, be it on the next line."""
    above, last = "", ""
    for number, line in enumerate(lines[:-1]):
        whole = _COLOUR.sub("", line)
        runs = _runs(line, last)
        last, end = runs[-1][0], 0
        for colour, at, text in runs:
            if not colour or not text or (colour == _LINK and not text.strip()):
                continue
            around = whole[max(at - 1, 0) : at] + whole[at + len(text) :][:1]
            field = colour == _FORM and around in ("[]", "()")
            before = whole[end:at].strip(" []()") or above
            yield Item(number, at, text.strip(), colour == _FORM, field, before)
            end = at + len(text)
        above = "" if end else whole.strip() or above


class W3m(Text):
    """Its hands. folder: its home."""

    files = True

    def __init__(self, terminal: Terminal, site: str, engine: str, folder: Path) -> None:
        super().__init__(terminal, site, engine)
        self._home = folder

    def _every(self) -> list[Item]:
        return list(items(self.terminal.still("-e")))

    def _find(self, kind: str, name: str) -> Item | None:
        every = self._every()
        if kind == "box":
            row = self._find("row", name.removeprefix("Select: "))
            return row and next((one for one in reversed(every) if one.line <= row.line and one.field), None)
        if kind == "field":
            return next((one for one in every if one.field and one.before.endswith(name)), None)
        if kind == "row":
            return next((one for one in reversed(every) if not one.form and name in one.text), None)
        wanted = [one for one in every if one.form == (kind == "button") and not one.field]
        alike = [one for one in wanted if named(one.text, name)]
        exact = [one for one in alike if one.text == name and kind != "folder"]
        return next(iter((*exact, *alike)), None)

    def _reach(self, it: Item) -> None:
        self.terminal.tell("Escape", "g")
        self.terminal.type(str(it.line + 1))
        self.terminal.tell("Enter", "C-a")
        if it.at:
            self.terminal.type(f"{it.at}l")
        self.terminal.still()

    def go(self, path: str) -> None:
        self.terminal.type("U")
        self._answer(self.site + path)

    def back(self) -> None:
        self.terminal.type("B")
        self.terminal.still()

    def _answer(self, text: str) -> None:
        """In the last line, in place of what is there."""
        self.terminal.tell("C-e", "C-u")
        self.terminal.type(text)
        self.terminal.tell("Enter")
        self.terminal.still()

    def fill(self, name: str, text: str) -> None:
        """In the last line of the screen, or in the editor; which one is seen by what the last line asks."""
        (self._home / "said.txt").write_text(text)
        self._press("field", name)
        if re.match(r"\w+:", [line for line in self.terminal.screen() if line][-1]):
            self._answer(text)

    def add(self, name: str, text: str) -> None:
        (self._home / "before").touch()
        self.fill(name, text + "\n")
        (self._home / "before").unlink()

    def enter(self, name: str) -> None:
        """The button after it."""
        at = until(lambda: self._find("field", name), f"no field {name!r}")
        self._reach(next(one for one in self._every() if one.form and not one.field and one.line > at.line))
        self.terminal.tell("Enter")
        self.terminal.still()

    def attach(self, name: str, path: Path) -> None:
        self._press("field", name)
        self._answer(str(path))


@contextmanager
def w3m(folder: Path, site: str) -> Iterator[W3m]:
    """folder: empty, where it may keep what it wants."""
    editor = folder / "editor"
    editor.write_text(_EDITOR)
    editor.chmod(0o700)
    version = subprocess.run(["w3m", "-version"], capture_output=True, text=True).stdout
    choices = f"-cookie -o color=1 -o vi_prec_num=1 -o confirm_qq=0 -o editor={editor}"
    with opened(folder, f"w3m {choices} {site}/") as terminal:
        found = re.search(r"w3m/([\d.]+)", version)
        hands = W3m(terminal, site, f"w3m {found[1] if found else ''}", folder)
        hands.sees("Password")
        yield hands
