"""A mail server that hangs keeps its own people waiting, for a bounded time, and nobody else."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.faults.box import PLAIN, Box
from tests.faults.pages import address, folder, says, subjects, works
from tests.servers.answers import Stall, Wait, authenticate
from tests.servers.application import Visitor
from tests.servers.people import Identity, Person, letter
from tests.servers.scripted import Scripted
from tests.servers.wire import Command, Wire
from webmail import errors
from webmail.config import Endpoint, MailServer, Settings

MakeApp = Callable[[Settings], Flask]
Start = Callable[..., Scripted]

CROWD = 20


@pytest.fixture
def two_houses(settings: Settings, make_app: MakeApp) -> Callable[[Scripted], Flask]:
    """One webmail for two mail servers: @example.org is Dovecot, @slow.example is the scripted one."""

    def build(server: Scripted) -> Flask:
        ca_file = Path(settings.ca_file)
        slow = MailServer(
            Endpoint("localhost", server.port, "implicit", ca_file),
            Endpoint("localhost", settings.smtp_port, "implicit", ca_file),
        )
        return make_app(replace(settings, domains={"slow.example": slow}, connect_timeout=3, command_timeout=6))

    return build


@contextmanager
def crowd(app: Flask, path: str = "") -> Iterator[tuple[list[Visitor], list[threading.Thread]]]:
    """So many people of the slow house sign in at once; joined at the end."""
    visitors = [Visitor(app) for _ in range(CROWD)]

    def enter(number: int) -> None:
        visitors[number].sign_in(somebody(number))

    threads = [threading.Thread(target=enter, args=(number,)) for number in range(CROWD)]
    for thread in threads:
        thread.start()
    try:
        yield visitors, threads
    finally:
        for thread in threads:
            thread.join(60)


def somebody(number: int) -> Person:
    """Of the slow house, which lets everybody in."""
    who = Identity(f"guest{number}@slow.example", "secret", "Guest")
    return Person(who, "localhost", 0, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def test_twenty_people_whose_server_hangs_keep_nobody_else_waiting(
    scripted: Start, two_houses: Callable[[Scripted], Flask], alice: Person
) -> None:
    """Server hangs / slow 30 s, with 20 parallel users: workers are freed by a total timeout, others are unaffected."""
    alice.append(letter("First"))
    box = Box([1])
    server = scripted(box.answers | {"SELECT": Stall(), "EXAMINE": Stall()}, capabilities=PLAIN)
    app = two_houses(server)
    reader = Visitor(app)
    with crowd(app) as (visitors, threads):
        until(lambda: len(server.asked("SELECT")) + len(server.asked("EXAMINE")) >= CROWD)
        reader.sign_in(alice)
        for _ in range(5):
            works(reader, "First")
            reader.get(address(alice, 1))
            assert "Good morning." in reader.text
        assert all(thread.is_alive() for thread in threads), "alice was kept waiting as long as they were"
    for visitor in visitors:
        says(visitor, errors.ServerTooSlow)
    server.answers |= {"SELECT": box.select, "EXAMINE": box.select}
    for visitor in visitors:
        works(visitor, "Number 1")


@pytest.mark.parametrize("late", [Stall(), Wait(4.5)], ids=["never", "after a while"])
def test_a_server_that_is_slow_to_let_people_in_keeps_nobody_else_waiting(
    scripted: Start, two_houses: Callable[[Scripted], Flask], alice: Person, late: Stall | Wait
) -> None:
    """LOGIN throttled (2 to 15 s): no lock-out of other users, and no retry storm."""
    server = scripted(Box([1]).answers | {"AUTHENTICATE": (late, authenticate)}, capabilities=PLAIN)
    app = two_houses(server)
    reader = Visitor(app)
    with crowd(app) as (visitors, threads):
        until(lambda: len(server.asked("AUTHENTICATE")) >= CROWD)
        reader.sign_in(alice)
        works(reader)
        assert all(thread.is_alive() for thread in threads), "alice was kept waiting as long as they were"
    assert len(server.asked("AUTHENTICATE")) == CROWD
    for visitor in visitors:
        if isinstance(late, Wait):
            assert subjects(visitor.html) == ["Number 1"]
        else:
            assert visitor.status == 504
            assert "It did not answer in time." in visitor.text
            assert visitor.form("/login").value("user").endswith("@slow.example")


def test_one_page_that_hangs_leaves_the_reader_the_others(
    at: Callable[..., Visitor], scripted: Start, alice: Person
) -> None:
    """Server hangs in one request: other pages of the same person go on meanwhile."""
    box = Box([1, 2])

    def fetch(wire: Wire, command: Command) -> None:
        hangs = b"[1]" in command.arguments and command.arguments.startswith(b"1 ")
        (Stall() if hangs else box.fetch)(wire, command)

    server = scripted(box.answers | {"UID FETCH": fetch}, capabilities=PLAIN)
    visitor = at(server.port, command_timeout=3)
    visitor.sign_in(alice)
    other = Visitor(visitor.app)
    other.sign_in(alice)
    stuck = threading.Thread(target=visitor.get, args=(f"{folder()}/7.1",))
    stuck.start()
    until(lambda: any(b"[1]" in command.arguments for command in server.asked("UID FETCH")))
    works(other, "Number 2", "Number 1")
    other.get(f"{folder()}/7.2")
    assert "Words of letter 2." in other.text
    assert stuck.is_alive(), "the other pages waited for the one that hangs"
    stuck.join(60)
    says(visitor, errors.ServerTooSlow)
