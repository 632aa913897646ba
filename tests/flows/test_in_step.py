"""Two browsers, a mail program and mbsync on one account: whenever it is quiet, our pages say what the server says.

SOAK_STEPS: how many steps in all (scripts/soak); without it a short run that is the same every time.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase
from hypothesis import settings as chosen_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.flows import in_step
from tests.flows.devices import NAMES, Browser, Computer, Phone, chosen
from tests.servers.application import Visitor
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE
from webmail.config import Settings

STEPS = int(os.environ.get("SOAK_STEPS", "0"))
EACH = 40

Action = tuple[Any, ...]

number = st.integers(0, 40)
few = st.lists(number, min_size=1, max_size=4, unique=True)
flag = st.sampled_from(["\\Seen", "\\Flagged", "\\Answered", "\\Deleted", "$Label1", "$Forwarded"])
flags = st.lists(flag, max_size=2, unique=True)
burst = st.integers(1, 14)

deliveries = st.tuples(st.just("deliver"), number, burst, flags, st.booleans())
flaggings = st.tuples(st.just("flag"), number, few, flag, st.booleans())
departures = st.one_of(
    st.tuples(st.just("move"), number, few, number, st.booleans()),
    st.tuples(st.just("expunge"), number, st.lists(number, max_size=3, unique=True)),
    st.tuples(st.just("empty"), number),
)
foldings = st.one_of(
    st.tuples(st.just("create"), number),
    st.tuples(st.just("rename"), number, number),
    st.tuples(st.just("remove"), number),
    st.tuples(st.just("rebuild"), number, burst),
    st.tuples(st.just("swap"), number, number),
)
glances = st.one_of(
    st.tuples(st.just("go"), number, st.sampled_from(["", "", "unread", "starred"])),
    st.tuples(st.just("turn"), st.booleans()),
    st.tuples(st.just("open"), number),
)
what = st.sampled_from(["read", "unread", "archive", "delete", "junk", "move"])
deeds = st.one_of(st.tuples(st.just("star"), number), st.tuples(st.just("act"), what, few, number))
marks = st.lists(st.tuples(number, st.sampled_from("SFT")), max_size=3)


class World:
    """One account with everything that touches it, and a journal of what happened."""

    def __init__(self, dovecot: Dovecot, authority: Authority, app: Flask, folder: Path) -> None:
        self.dovecot, self.app = dovecot, app
        dovecot.wipe(ALICE)
        self.person = dovecot.person(ALICE)
        self.journal: list[str] = []
        note = self.journal.append
        self.computer = Computer(self.person, note)
        self.browsers = [Browser(Visitor(app), self.person, name, note) for name in ("first", "second")]
        for folder_number in (0, 1):
            self.computer.do("create", folder_number)
            self.computer.do("rebuild", folder_number, 2)
        self.phone = Phone(self.person, authority.ca_file, folder, note)

    def together(self, *works: Callable[[], None]) -> None:
        """Everything at once, each in a thread of its own; the first failure is raised."""
        failed: list[BaseException] = []

        def guarded(work: Callable[[], None]) -> None:
            try:
                work()
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failed:
            raise failed[0]

    def compare(self, which: int, letter: int) -> None:
        """Everything that one browser can see, then one message opened in it, then what the other browser sees."""
        self.journal.append("quiet")
        one, other = chosen(self.browsers, [which, which + 1])
        places = {browser: browser.folder for browser in self.browsers}
        wrong = in_step.differences(one.visitor, in_step.truth(self.person), places[one])
        boxes = [box for box in in_step.truth(self.person).values() if box.letters]
        for box in chosen(boxes, [letter]):
            for found in chosen(box.letters, [letter]):
                wrong += in_step.wrongly_opened(one.visitor, box, found)
        wrong += in_step.differences(other.visitor, in_step.truth(self.person), places[other])
        for browser, folder in places.items():
            browser.back(folder)
        assert not wrong, "\n".join(wrong)

    def watched(self, which: int, folder: int, action: Action) -> None:
        """A change in the very folder that a browser has open, and what the browser shows next."""
        [browser] = chosen(self.browsers, [which])
        [name] = chosen(["INBOX", *(name for name in NAMES if name in in_step.truth(self.person))], [folder])
        browser.back(name)
        self.computer.do(action[0], name, *action[2:])
        wrong = in_step.folder_differs(browser.visitor, in_step.truth(self.person), name)
        browser.back(name)
        assert not wrong, "\n".join(wrong)

    def close(self) -> None:
        self.computer.close()
        self.app.extensions["pennypost"].pool.close()


class InStep(RuleBasedStateMachine):
    """The steps; hypothesis chooses them, and makes a failing run as short as it can."""

    make: Callable[[], World]

    def __init__(self) -> None:
        super().__init__()
        self.world = type(self).make()
        self.failed = False

    def _go(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            self.failed = True
            error.add_note("What happened:\n  " + "\n  ".join(self.world.journal))
            raise

    @rule(action=deliveries)
    def arrive(self, action: Action) -> None:
        self._go(lambda: self.world.computer.do(*action))

    @rule(action=flaggings)
    def change_flags(self, action: Action) -> None:
        self._go(lambda: self.world.computer.do(*action))

    @rule(action=departures)
    def leave(self, action: Action) -> None:
        self._go(lambda: self.world.computer.do(*action))

    @rule(action=foldings)
    def change_folders(self, action: Action) -> None:
        self._go(lambda: self.world.computer.do(*action))

    @rule(which=number, action=glances)
    def look(self, which: int, action: Action) -> None:
        self._go(lambda: chosen(self.world.browsers, [which])[0].do(*action))

    @rule(which=number, action=deeds)
    def act(self, which: int, action: Action) -> None:
        self._go(lambda: chosen(self.world.browsers, [which])[0].do(*action))

    @rule(changes=marks)
    def synchronize(self, changes: Sequence[tuple[int, str]]) -> None:
        self._go(lambda: self.world.phone.sync(changes))

    @rule(which=number, folder=number, action=st.one_of(deliveries, flaggings, departures, foldings))
    def change_what_is_open(self, which: int, folder: int, action: Action) -> None:
        if action[0] != "create":
            self._go(lambda: self.world.watched(which, folder, action))

    @rule()
    def lose_connections(self) -> None:
        self.world.journal.append("all connections end")
        self._go(lambda: self.world.dovecot.kick(ALICE))

    @rule(
        computer=st.one_of(deliveries, flaggings, departures, foldings),
        first=st.one_of(glances, deeds), second=st.one_of(glances, deeds), phone=st.none() | marks,
    )  # fmt: skip
    def at_once(self, computer: Action, first: Action, second: Action, phone: Any) -> None:
        world = self.world
        works: list[Callable[[], None]] = [lambda: world.computer.do(*computer)]
        works += [lambda: world.browsers[0].do(*first), lambda: world.browsers[1].do(*second)]
        works += [lambda: world.phone.sync(phone)] if phone is not None else []
        self._go(lambda: world.together(*works))

    @rule(which=number, letter=number)
    def be_quiet(self, which: int, letter: int) -> None:
        self._go(lambda: self.world.compare(which, letter))

    def teardown(self) -> None:
        try:
            if not self.failed:
                self._go(lambda: self.world.compare(0, 0))
        finally:
            self.world.close()


@pytest.mark.timeout(0 if STEPS else 600)
def test_our_pages_stay_in_step_with_every_device(
    dovecot: Dovecot, authority: Authority, settings: Settings, make_app: Callable[[Settings], Flask],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    short = chosen_settings(
        max_examples=4, stateful_step_count=14, derandomize=True, database=None, deadline=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
    long = chosen_settings(short, max_examples=max(1, STEPS // EACH), stateful_step_count=EACH, derandomize=False)

    class Chosen(InStep):
        @staticmethod
        def make() -> World:
            folder = tmp_path_factory.mktemp("world")
            # Ten rows a page are the fewest; with more a random run would rarely see a second page.
            app = make_app(replace(settings, state_dir=str(folder / "state"), page_size=10))
            return World(dovecot, authority, app, folder)

    run_state_machine_as_test(Chosen, settings=long if STEPS else short)
    print(f"in step: {STEPS or 'a few dozen'} steps, no difference")
