"""The embedded demo server passes the same flows in the same browser as Dovecot does."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.accounts import ROLES
from demo.imap.store import Account
from demo.server import DemoServer
from tests.flows.test_whole_path import (
    scripts,
    test_alice_reads_answers_and_signs_out,
    test_what_is_refused_comes_back_with_its_file,
)
from tests.servers.application import settings_for
from tests.servers.people import ALICE, BOB, Identity, Person
from tests.servers.witness import Witness
from webmail.config import Settings

__all__ = [
    "scripts",
    "test_alice_reads_answers_and_signs_out",
    "test_what_is_refused_comes_back_with_its_file",
]


@pytest.fixture
def demo() -> Iterator[DemoServer]:
    accounts = [Account(person.address, person.password, int(time.time())) for person in (ALICE, BOB)]
    for account in accounts:
        for name, role in ROLES:
            account.create(name, role)
    with DemoServer(accounts) as server:
        yield server


def person(identity: Identity, demo: DemoServer) -> Person:
    context = ssl.create_default_context(cafile=str(demo.ca_file))
    return Person(identity, demo.host, demo.imap_port, context, separator="/")


@pytest.fixture
def alice(demo: DemoServer) -> Person:
    return person(ALICE, demo)


@pytest.fixture
def bob(demo: DemoServer) -> Person:
    return person(BOB, demo)


@pytest.fixture
def settings(demo: DemoServer, tmp_path: Path) -> Settings:
    return settings_for(demo.imap_port, demo.smtp_port, demo.ca_file, tmp_path / "state")


@pytest.fixture
def witness(demo: DemoServer, tmp_path: Path) -> Callable[[Person], Witness]:
    return lambda who: Witness(who, demo.ca_file, tmp_path / f"device-{who.login}")


@dataclass(frozen=True)
class Delivered:
    """What reached bob, as the flows ask the test submission server for it."""

    login: str
    raw: bytes


class Postbox:
    """Stands in for the test submission server: the demo keeps no list of what it took, but bob has it."""

    def __init__(self, bob: Person) -> None:
        self.bob = bob

    @property
    def accepted(self) -> list[Delivered]:
        return [Delivered(ALICE.login, message.raw) for message in self.bob.messages()]


@pytest.fixture
def submission(bob: Person) -> Postbox:
    return Postbox(bob)
