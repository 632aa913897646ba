"""lynx, a browser of text, in a terminal that tmux keeps: it numbers every link and field, and is told the number."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.journeys.hands import until

SIZE: Final = ("-x", "180", "-y", "250")
"""So tall that every page of a journey is on one screen."""

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


class Lynx:
    """Hands (hands.py). It sends no files, and folds nothing: a menu is open from the beginning."""

    files = False

    def __init__(self, terminal: list[str], site: str) -> None:
        self._tmux, self.site = terminal, site
        self.engine = subprocess.run(["lynx", "-version"], capture_output=True, text=True).stdout.split("(")[0].strip()

    # ---- the terminal ----

    def _tell(self, *keys: str) -> None:
        subprocess.run([*self._tmux, "send-keys", "-t", "0", *keys], check=True)

    def _type(self, text: str) -> None:
        self._tell("-l", text)

    def _screen(self) -> list[str]:
        command = [*self._tmux, "capture-pane", "-p", "-t", "0"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()

    def _still(self) -> list[str]:
        """The screen, when it has stopped changing."""
        before: list[str] = []
        while (now := self._screen()) != before:
            before = now
            time.sleep(0.15)
        return now

    def page(self) -> str:
        return " ".join(re.sub(r"\(?\[\d+\](?:\w+\))?", " ", " ".join(self._screen())).split())

    # ---- what is on it ----

    def _number(self, kind: str, name: str) -> int:
        def found() -> int | None:
            for one in list(items(self._still()))[:: -1 if kind == "row" else 1]:
                if kind == "button" and one.button and one.after.startswith(name):
                    return one.number
                if kind == "link" and not one.button and re.match(rf"{re.escape(name)}(?!\w)", one.after):
                    return one.number
                if kind == "field" and one.before.endswith(name):
                    return one.number
                if kind == "row" and not one.button and name in one.after:
                    return one.number
            return None

        return int(until(found, f"no {kind} {name!r}"))

    def _reach(self, number: int) -> None:
        self._type(f"{number}g")
        self._tell("Enter")
        self._still()

    def _press(self, kind: str, name: str) -> None:
        self._reach(self._number(kind, name))
        self._tell("Enter")
        self._still()

    # ---- hands ----

    def go(self, path: str) -> None:
        self._type("g")
        self._tell("C-u")
        self._type(self.site + path)
        self._tell("Enter")
        self._still()

    def sees(self, *words: str) -> None:
        for each in words:
            until(lambda each=each: each in self.page(), f"the page does not say {each!r}")  # type: ignore[misc]

    def misses(self, words: str) -> None:
        until(lambda: words not in self.page(), f"the page still says {words!r}")

    def reads(self, *words: str) -> None:
        """A letter with looks is on a page of its own, which is left again."""
        if "Open on its own page" in self.page():
            self._press("link", "Open on its own page")
            self.sees(*words)
            self._tell("Left")
        else:
            self.sees(*words)

    def press(self, name: str) -> None:
        self._press("button", name)

    def follow(self, name: str) -> None:
        self._press("link", name)

    def open(self, subject: str) -> None:
        self._press("row", subject)

    def menu(self, name: str) -> None:
        """Nothing is folded here."""

    def tick(self, name: str) -> None:
        subject = name.removeprefix("Select: ")
        self._reach(self._number("row", subject) - 1)
        self._tell("Enter")

    def untick(self, name: str) -> None:
        """Every button brings a new page, without ticks."""

    def fill(self, name: str, text: str) -> None:
        self._press("field", name)
        self._tell("C-u")
        for n, line in enumerate(text.split("\n")):
            if n:
                self._tell("Enter")
            self._type(line)
        self._tell("Tab")
        self._still()

    def add(self, name: str, text: str) -> None:
        self._press("field", name)
        self._type(text)
        self._tell("Tab")
        self._still()

    def enter(self, name: str) -> None:
        """The button after it."""
        at = self._number("field", name)
        after = (one for one in items(self._still()) if one.number > at and one.button)
        self._reach(next(after).number)
        self._tell("Enter")
        self._still()

    def holds(self, name: str, words: str) -> None:
        self.sees(words)

    def choose(self, name: str, option: str) -> None:
        self._press("field", name)
        self._type(f"/{option}")
        self._tell("Enter")
        self._tell("Enter")
        self._still()

    def attach(self, name: str, path: Path) -> None:
        raise AssertionError("lynx sends no files")

    def search(self, words: str) -> None:
        self.fill("Search mail", words)
        self.enter("Search mail")

    def folder(self, title: str) -> None:
        self._press("link", title)

    def fits(self) -> None:
        """Text has no width of its own."""


@contextmanager
def lynx(folder: Path, site: str) -> Iterator[Lynx]:
    """folder: empty, where it may keep what it wants."""
    terminal = ["tmux", "-u", "-L", folder.name, "-f", "/dev/null"]
    choices = folder / "lynx.cfg"
    choices.write_text(
        "DEFAULT_KEYPAD_MODE:LINKS_AND_FIELDS_ARE_NUMBERED\nCHARACTER_SET:utf-8\nACCEPT_ALL_COOKIES:TRUE\n"
    )
    command = f"lynx -cfg={choices} -nopause -tna {site}/"
    settings = {"HOME": str(folder), "LC_ALL": "C.UTF-8", "TMUX_TMPDIR": str(folder), "TERM": "screen"}
    made = {key: value for key, value in os.environ.items() if key != "TMUX"} | settings
    subprocess.run([*terminal, "new-session", "-d", *SIZE, command], check=True, env=made)
    os.environ["TMUX_TMPDIR"] = str(folder)
    try:
        hands = Lynx(terminal, site)
        hands.sees("Password")
        yield hands
    finally:
        os.environ.pop("TMUX_TMPDIR")
        subprocess.run([*terminal, "kill-server"], env=made, check=False)
