"""Chromium, by Playwright: a pointer, a finger, or the keys alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import ElementHandle, Error, Page

from tests.journeys.hands import FIND, Gone

SHORT: Final = 3000.0
"""Milliseconds; what may be tried again without harm looks again after that: a field may have been replaced."""

_LEFT: Final = (
    "Execution context was destroyed",
    "not attached",
    "navigation",
    "Frame was detached",
    "Cannot find context",
    f"Timeout {SHORT:.0f}ms",
)

_AHEAD: Final = """(it) => {
  const stops = "a[href], button, input:not([type=hidden]), select, textarea, summary, iframe, [tabindex='0']";
  const all = [...document.querySelectorAll(stops)]
    .filter((one) => one === it || (one.tabIndex >= 0 && !one.disabled
      && one.checkVisibility({ visibilityProperty: true }) && (one.type !== "radio" || one.checked)));
  return document.activeElement === it ? 0 : all.indexOf(it) - all.indexOf(document.activeElement);
}"""
"""How many stops of the Tab key lie between the focus and an element, about: the next look counts again."""


@contextmanager
def _leaving() -> Iterator[None]:
    try:
        yield
    except Error as error:
        if any(words in str(error) for words in _LEFT):
            raise Gone from error
        raise


class Pointer:
    """The mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def go(self, url: str) -> None:
        self.page.goto(url)

    def find(self, kind: str, name: str) -> ElementHandle | None:
        with _leaving():
            return self.page.evaluate_handle(f"([kind, name]) => ({FIND})(kind, name)", [kind, name]).as_element()

    def click(self, it: ElementHandle) -> None:
        with _leaving():
            it.click()

    def fill(self, it: ElementHandle, text: str) -> None:
        with _leaving():
            it.fill(text, timeout=SHORT)

    def enter(self, it: ElementHandle) -> None:
        with _leaving():
            it.press("Enter")

    def choose(self, it: ElementHandle, option: str) -> None:
        with _leaving():
            it.select_option(label=option, timeout=SHORT)

    def attach(self, it: ElementHandle, path: Path) -> None:
        it.set_input_files(path)

    def ask(self, source: str, *given: Any) -> Any:
        with _leaving():
            return self.page.evaluate(f"(given) => ({source})(...given)", list(given))


class Finger(Pointer):
    """A touch screen."""

    def click(self, it: ElementHandle) -> None:
        with _leaving():
            it.tap()


class Keys(Pointer):
    """The keyboard alone: Tab to where it is, then the key that a control of its kind takes."""

    def _reach(self, it: ElementHandle) -> ElementHandle:
        """Until it has the focus. A label has none: its control does."""
        target = it.evaluate_handle("(it) => it.control || it").as_element()
        assert target is not None
        for _ in range(60):
            ahead = target.evaluate(_AHEAD)
            if not ahead:
                return target
            for _ in range(abs(ahead)):
                self.page.keyboard.press("Tab" if ahead > 0 else "Shift+Tab")
        raise AssertionError(f"the Tab key does not reach {it.evaluate('(it) => it.outerHTML')[:200]}")

    def click(self, it: ElementHandle) -> None:
        with _leaving():
            target = self._reach(it)
            box = target.evaluate("(it) => it.matches('input')")
            target.press("Space" if box else "Enter")  # a page that is still loading may have taken the focus away

    def fill(self, it: ElementHandle, text: str) -> None:
        with _leaving():
            self._reach(it)
            self.page.keyboard.press("Control+a")
            for n, line in enumerate(text.split("\n")):
                if n:
                    self.page.keyboard.press("Enter")
                self.page.keyboard.type(line)

    def enter(self, it: ElementHandle) -> None:
        with _leaving():
            self._reach(it)
            self.page.keyboard.press("Enter")

    def choose(self, it: ElementHandle, option: str) -> None:
        with _leaving():
            target = self._reach(it)
            down = "(it, label) => [...it.options].findIndex((one) => one.label === label) - it.selectedIndex"
            for _ in range(target.evaluate(down, option)):
                self.page.keyboard.press("ArrowDown")

    def attach(self, it: ElementHandle, path: Path) -> None:
        with _leaving():
            target = self._reach(it)
            with self.page.expect_file_chooser() as chosen:
                target.press("Space")
            chosen.value.set_files(path)
