"""What browsers of text have in common: a terminal that tmux keeps, and hands that read what stands on it."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.journeys.hands import until

SIZE: Final = ("-x", "180", "-y", "300")
"""So tall that every page of a journey is on one screen."""


class Terminal:
    """One window of tmux."""

    def __init__(self, folder: Path, command: str) -> None:
        """folder: empty, where the program in it may keep what it wants."""
        self._tmux = ["tmux", "-u", "-L", folder.name, "-f", "/dev/null"]
        told = {"HOME": str(folder), "LC_ALL": "C.UTF-8", "TMUX_TMPDIR": str(folder), "TERM": "screen"}
        self._env = {key: value for key, value in os.environ.items() if key != "TMUX"} | told
        self._run("new-session", "-d", *SIZE, command)

    def _run(self, *words: str) -> str:
        done = subprocess.run([*self._tmux, *words], check=True, capture_output=True, text=True, env=self._env)
        return done.stdout

    def tell(self, *keys: str) -> None:
        """Press keys, by the names that tmux has for them."""
        self._run("send-keys", "-t", "0", *keys)

    def type(self, text: str) -> None:
        self._run("send-keys", "-t", "0", "-l", text)

    def screen(self, *how: str) -> list[str]:
        """Its lines. how: "-e" for the colours, too."""
        return self._run("capture-pane", "-p", "-t", "0", *how).splitlines()

    def still(self, *how: str) -> list[str]:
        """The screen, when it has stopped changing."""
        before: list[str] = []
        while (now := self.screen(*how)) != before:
            before = now
            time.sleep(0.15)
        return now

    def close(self) -> None:
        self._run("kill-server")


class Text:
    """Hands (hands.py), to which a browser adds its own. Nothing is folded in text: a menu is open from the start."""

    files = False
    row_link = "Open on its own page"

    def __init__(self, terminal: Terminal, site: str, engine: str) -> None:
        self.terminal, self.site, self.engine = terminal, site, engine

    # ---- what a browser adds ----

    def _find(self, kind: str, name: str) -> Any | None:
        """Where a button, link, folder, field, row or box is; None when it is not there (yet)."""
        raise NotImplementedError

    def _reach(self, it: Any) -> None:
        """Put the cursor on it."""
        raise NotImplementedError

    def go(self, path: str) -> None:
        raise NotImplementedError

    def back(self) -> None:
        """To the page before this one."""
        raise NotImplementedError

    def fill(self, name: str, text: str) -> None:
        raise NotImplementedError

    def page(self) -> str:
        return " ".join(" ".join(self.terminal.screen()).split())

    # ---- hands ----

    def _press(self, kind: str, name: str) -> None:
        self._reach(until(lambda: self._find(kind, name), f"no {kind} {name!r}"))
        self.terminal.tell("Enter")
        self.terminal.still()

    def sees(self, *words: str) -> None:
        for each in words:
            until(lambda each=each: each in self.page(), f"the page does not say {each!r}")  # type: ignore[misc]

    def misses(self, words: str) -> None:
        until(lambda: words not in self.page(), f"the page still says {words!r}")

    def reads(self, *words: str) -> None:
        """A letter with looks is on a page of its own, which is left again."""
        if self.row_link in self.page():
            self._press("link", self.row_link)
            self.sees(*words)
            self.back()
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
        self._press("box", name)

    def untick(self, name: str) -> None:
        """Every button brings a new page, without ticks."""

    def holds(self, name: str, words: str) -> None:
        self.sees(words)

    def choose(self, name: str, option: str) -> None:
        self._press("field", name)
        self.terminal.type(f"/{option}")
        self.terminal.tell("Enter")
        self.terminal.tell("Enter")
        self.terminal.still()

    def search(self, words: str) -> None:
        self.fill("Search mail", words)
        self.press("Search")

    def folder(self, title: str) -> None:
        self._press("folder", title)

    def fits(self) -> None:
        """Text has no width of its own."""


def named(text: str, name: str) -> bool:
    """Whether this is called so, or so and more: "Inbox 3 unread"."""
    return re.match(rf"{re.escape(name)}(?!\w)", text) is not None


@contextmanager
def opened(folder: Path, command: str) -> Iterator[Terminal]:
    """A terminal in which this runs."""
    terminal = Terminal(folder, command)
    try:
        yield terminal
    finally:
        terminal.close()
