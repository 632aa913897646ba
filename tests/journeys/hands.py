"""What a person does with a page, whatever it is shown by: the words of the journeys.

A control is found by its kind and by the name that a screen reader says. Everything waits until it can be done.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol

FIND: Final = (Path(__file__).parent / "find.js").read_text("utf-8").split("\n", 2)[2].strip()
"""A function of script (kind, name) that gives an element or null."""

PATIENCE: Final = 40.0
"""Seconds until something must have come true."""

DRAWERS: Final = ("Folders", "Show folders")
"""Links that show the folders where there is no room for them."""


class Gone(Exception):
    """The page was left meanwhile: look again."""


class Driver(Protocol):
    """One way to move an engine. An element is whatever `find` gave; every method may raise Gone."""

    def go(self, url: str) -> None: ...

    def find(self, kind: str, name: str) -> Any | None:
        """By find.js."""

    def click(self, it: Any) -> None: ...

    def fill(self, it: Any, text: str) -> None:
        """Put text in the place of what a field holds."""

    def enter(self, it: Any) -> None:
        """Press Enter in a field."""

    def choose(self, it: Any, option: str) -> None:
        """Choose from a list."""

    def attach(self, it: Any, path: Path) -> None: ...

    def ask(self, source: str, *given: Any) -> Any:
        """What an expression of script says about the page; source is a function."""


class Hands(Protocol):
    """What a journey is made of."""

    engine: str
    """Its name and version."""

    files: bool
    """Whether this program can send a file with a form."""

    def go(self, path: str) -> None:
        """Type an address of the site."""

    def sees(self, *words: str) -> None:
        """All of it can be read on the page."""

    def misses(self, words: str) -> None:
        """None of it can be read on the page any more."""

    def reads(self, *words: str) -> None:
        """All of it can be read in the letters that are open."""

    def press(self, name: str) -> None:
        """A button."""

    def follow(self, name: str) -> None:
        """A link."""

    def open(self, subject: str) -> None:
        """A row of a list."""

    def menu(self, name: str) -> None:
        """Open what is folded."""

    def tick(self, name: str) -> None:
        """A box, or one of several choices."""

    def untick(self, name: str) -> None:
        """A box, if it is ticked still."""

    def fill(self, name: str, text: str) -> None:
        """Put text into a field, in place of what is there."""

    def add(self, name: str, text: str) -> None:
        """Put text before what a field holds."""

    def enter(self, name: str) -> None:
        """Press Enter in a field, or the button that this presses."""

    def holds(self, name: str, words: str) -> None:
        """A field holds this, among other things."""

    def choose(self, name: str, option: str) -> None:
        """From a list."""

    def attach(self, name: str, path: Path) -> None:
        """A file."""

    def search(self, words: str) -> None:
        """In the field of the top bar."""

    def folder(self, title: str) -> None:
        """A link of the list of folders, which may have to be opened first."""

    def page(self) -> str:
        """All that can be read, for whoever looks into a failure."""

    def fits(self) -> None:
        """Nothing of the page lies beside the window."""


def until(true: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Until it is so; what: said when it does not come true."""
    end = time.monotonic() + seconds
    while True:
        try:
            if answer := true():
                return answer
        except Gone:
            pass
        assert time.monotonic() < end, what
        time.sleep(0.05)


_TEXT: Final = "() => (document.body ? document.body.innerText : '').replace(/\\s+/g, ' ')"
_LETTERS: Final = (
    "() => [...document.querySelectorAll('iframe.body-frame, .letter')].map((it) =>"
    " ((it.contentDocument ? it.contentDocument.body : it) || {}).innerText).join(' ').replace(/\\s+/g, ' ')"
)
_WIDER: Final = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Window:
    """Hands in a window, whichever engine fills it."""

    files = True

    def __init__(self, driver: Driver, site: str, engine: str) -> None:
        self.driver, self.site, self.engine = driver, site, engine

    def _do(self, kind: str, name: str, deed: Callable[[Any], None]) -> None:
        def tried() -> bool:
            it = self.driver.find(kind, name)
            if it is not None:
                deed(it)
            return it is not None

        until(tried, f"no {kind} {name!r}")

    def _said(self, source: str, words: str) -> bool:
        return words in str(self.driver.ask(source))

    def go(self, path: str) -> None:
        self.driver.go(self.site + path)

    def sees(self, *words: str) -> None:
        for each in words:
            until(lambda each=each: self._said(_TEXT, each), f"the page does not say {each!r}")

    def misses(self, words: str) -> None:
        until(lambda: not self._said(_TEXT, words), f"the page still says {words!r}")

    def reads(self, *words: str) -> None:
        for each in words:
            until(lambda each=each: self._said(_LETTERS, each), f"no letter says {each!r}")

    def press(self, name: str) -> None:
        self._do("button", name, self.driver.click)

    def follow(self, name: str) -> None:
        self._do("link", name, self.driver.click)

    def open(self, subject: str) -> None:
        self._do("row", subject, self.driver.click)

    def menu(self, name: str) -> None:
        self._do("menu", name, self.driver.click)

    def tick(self, name: str) -> None:
        self._do("box", name, self.driver.click)

    def untick(self, name: str) -> None:
        def deed(it: Any) -> None:
            if self.driver.ask("(it) => (it.control || it).checked", it):
                self.driver.click(it)

        self._do("box", name, deed)

    def fill(self, name: str, text: str) -> None:
        self._do("field", name, lambda it: self.driver.fill(it, text))

    def _held(self, name: str) -> str:
        return str(self.driver.ask(f"(name) => (({FIND})('field', name) || {{}}).value || ''", name))

    def add(self, name: str, text: str) -> None:
        self._do("field", name, lambda it: self.driver.fill(it, f"{text}\n{self._held(name)}"))

    def enter(self, name: str) -> None:
        self._do("field", name, self.driver.enter)

    def holds(self, name: str, words: str) -> None:
        until(lambda: words in self._held(name), f"{name!r} does not hold {words!r}")

    def choose(self, name: str, option: str) -> None:
        self._do("field", name, lambda it: self.driver.choose(it, option))

    def attach(self, name: str, path: Path) -> None:
        self._do("field", name, lambda it: self.driver.attach(it, path))
        until(lambda: not self.driver.ask("() => document.querySelector('.file progress')"), "the file is on its way")

    def search(self, words: str) -> None:
        self.fill("Search mail", words)
        self.enter("Search mail")

    def folder(self, title: str) -> None:
        if self.driver.find("folder", title) is None:
            for name in DRAWERS:
                if (it := self.driver.find("link", name)) is not None:
                    self.driver.click(it)
                    break
        self._do("folder", title, self.driver.click)

    def page(self) -> str:
        return str(self.driver.ask(_TEXT))

    def fits(self) -> None:
        until(lambda: self.driver.ask(_WIDER) <= 0, "the page is wider than its window")
