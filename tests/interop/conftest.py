"""The flows, once for every server of INTEROP (names with spaces between; else those that need nothing installed)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.interop.device import Device
from tests.interop.servers import EVERYDAY, KINDS, Place
from tests.interop.table import Table
from tests.servers.application import Visitor, settings_for
from tests.servers.authority import Authority
from tests.servers.foreign import Unavailable
from webmail.config import Settings

TABLE = pytest.StashKey[Table]()
NAMES = os.environ.get("INTEROP", "").split() or EVERYDAY


@pytest.fixture(scope="session", params=NAMES)
def place(request: pytest.FixtureRequest, authority: Authority) -> Iterator[Place]:
    """A server that runs."""
    made = Place(request.param, authority)
    try:
        request.config.stash[TABLE].capabilities[made.name] = made.start().capabilities
        yield made
    except Unavailable as error:
        pytest.skip(f"not tried: {error}")
    finally:
        made.stop()


@pytest.fixture(autouse=True)
def known_lies(request: pytest.FixtureRequest, place: Place) -> None:
    """A flow that a server's own fault spoils is in the table as such, and a server that mends it is noticed."""
    if why := place.kind.lies.get(request.node.originalname.removeprefix("test_")):
        request.node.add_marker(pytest.mark.xfail(reason=why, strict=True))


@pytest.fixture
def phone(place: Place) -> Device:
    """The other device of the person who signs in: an account that nobody has used before."""
    return place.newcomer()


@pytest.fixture
def friend(place: Place) -> Device:
    """Somebody else with an account on the same server."""
    return place.newcomer()


@pytest.fixture
def settings(place: Place, phone: Device, tmp_path: Path) -> Settings:
    """Some servers answer a wrong password only after five seconds; some have one port a person."""
    return settings_for(phone.person.port, place.smtp_port, place.ca_file, tmp_path / "state", command_timeout=20)


@pytest.fixture
def visitor(settings: Settings, make_app: Callable[[Settings], Flask]) -> Visitor:
    """Somebody at our sign-in page."""
    return Visitor(make_app(settings))


# --- the table --------------------------------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TABLE] = Table({name: kind.title for name, kind in KINDS.items()})
    config.pluginmanager.register(Scribe(config), "interop-table")


class Scribe:
    """Writes down what became of every flow, and prints it at the end when scripts/interop asks."""

    def __init__(self, config: pytest.Config) -> None:
        self.table = config.stash[TABLE]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found = re.search(r"tests/interop/test_(\w+)\.py::test_(\w+)\[(.+)\]$", report.nodeid)
        if not found or found[3] not in KINDS:
            return
        flow, server = (found[1], found[2].replace("_", " ")), found[3]
        if why := getattr(report, "wasxfail", ""):
            self.table.note(flow, server, "fails", f"{why} (a fault of the server)")
        elif report.failed:
            self.table.note(flow, server, "fails", _reason(report))
        elif report.skipped:
            word, _, why = _reason(report).partition(": ")
            self.table.note(flow, server, word, why)
        elif report.when == "call":
            self.table.note(flow, server, "ok")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not os.environ.get("INTEROP"):
            return
        terminalreporter.section("servers and flows")
        for line in self.table.lines():
            terminalreporter.write_line(line)
        if path := os.environ.get("INTEROP_WRITE"):
            self.table.write(Path(path))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        # What could not be tried was not shown to work: that is no success of a run that asked for it.
        if self.table.missing and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _reason(report: pytest.TestReport) -> str:
    """The first line of what went wrong, or the words of a skip."""
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash else report.longrepr).splitlines()[0][:200]
