"""Somebody who goes from state to state: one begins where the one before it ended, so that one sign-in serves all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page, expect

from tests.servers.people import Person
from tests.servers.proxy import Proxy

Way = Callable[["Walk"], None]

# As high as the page: half a row under a bar that stays would count as a small target.
WIDE = {"width": 1440, "height": 2400}
PHONE = {"width": 390, "height": 3000}


@dataclass
class Walk:
    """Somebody who goes from state to state. line: to the mail server. paths: subject -> path of a message."""

    page: Page
    url: str
    person: Person
    line: Proxy
    paths: dict[str, str] = field(default_factory=dict)

    def go(self, path: str) -> None:
        self.page.goto(self.url + path)

    def read(self, subject: str, more: str = "") -> None:
        self.go(self.paths[subject] + more)

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=name).locator("visible=true").first

    def open(self, css: str) -> None:
        """A menu, by its summary."""
        self.page.locator(css).locator("visible=true").first.click()
        expect(self.page.locator("details[open] > :not(summary)").locator("visible=true").first).to_be_visible()

    def choose(self, *rows: int) -> None:
        for row in rows:
            self.page.locator(".pick input").nth(row).check(force=True)

    def sign_in(self, password: str = "", shared: bool = False) -> None:
        self.page.get_by_label("Email address").fill(self.person.address)
        self.page.get_by_label("Password").fill(password or self.person.password)
        self.page.get_by_label("This is a public or shared computer").set_checked(shared)
        self.button("Sign in").click()


@dataclass(frozen=True)
class State:
    """One of them. way: how it is reached. narrow: on phones alone. without: rules that are none of its."""

    name: str
    way: Way
    narrow: bool = False
    without: tuple[str, ...] = ()


def walk(states: tuple[State, ...], somebody: Walk, phone: bool = False) -> Iterator[State]:
    """Goes to one after the other."""
    for state in states:
        somebody.line.pass_on()
        somebody.page.set_viewport_size(PHONE if state.narrow or phone else WIDE)  # type: ignore[arg-type]
        state.way(somebody)
        yield state
