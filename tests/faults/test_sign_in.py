"""The mail server does not let somebody in, now or any more. It is said in words, and nobody is locked out by us."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.faults.box import PLAIN, Box
from tests.faults.pages import folder, says, subjects, works, write
from tests.servers.answers import Bye, Turns, authenticate
from tests.servers.application import Visitor
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, Identity, Person
from tests.servers.scripted import Scripted
from tests.servers.submission import Submission
from webmail import errors

At = Callable[..., Visitor]
Start = Callable[..., Scripted]

AWAY = ["NO [UNAVAILABLE] try later", "NO [LIMIT] too many", "NO [INUSE] locked", "NO [THROTTLED] slow down"]


@pytest.fixture
def guest() -> Person:
    """Somebody with an account on a scripted server."""
    return Person(ALICE, "localhost", 0, None)  # type: ignore[arg-type]


def turned_away(visitor: Visitor) -> None:
    assert visitor.status == 503
    assert "come back later" in visitor.text
    assert visitor.form("/login").value("user") == ALICE.address


@pytest.mark.parametrize("answer", AWAY)
def test_a_server_that_has_no_time_is_told_and_asked_once(at: At, scripted: Start, guest: Person, answer: str) -> None:
    """LOGIN throttled / NO [UNAVAILABLE]: words, the address stays typed, no retry storm, and later it works."""
    server = scripted(Box([1]).answers | {"AUTHENTICATE": Turns(f"{{tag}} {answer}", authenticate)}, capabilities=PLAIN)
    visitor = at(server.port)
    visitor.sign_in(guest)
    turned_away(visitor)
    assert len(server.asked("AUTHENTICATE")) == 1
    visitor.send(visitor.form("/login"), password=guest.password)
    assert subjects(visitor.html) == ["Number 1"]


def test_a_server_that_is_full_or_going_down_says_bye_before_anything(at: At, scripted: Start, guest: Person) -> None:
    """BYE in place of a greeting."""
    server = scripted(Box([1]).answers, greeting=Turns(Bye("Too many connections."), "* OK ready"), capabilities=PLAIN)
    visitor = at(server.port)
    visitor.sign_in(guest)
    turned_away(visitor)
    visitor.send(visitor.form("/login"), password=guest.password)
    assert subjects(visitor.html) == ["Number 1"]


@pytest.mark.parametrize("answer", AWAY)
def test_no_time_in_the_middle_of_the_day_ends_no_sign_in(at: At, scripted: Start, guest: Person, answer: str) -> None:
    """NO [UNAVAILABLE] when the connection has to be made again: words, a letter that stays, not the sign-in page."""
    refusal = f"{{tag}} {answer}"
    server = scripted(Box([1]).answers | {"AUTHENTICATE": Turns(authenticate, refusal)}, capabilities=PLAIN)
    visitor = at(server.port)
    visitor.sign_in(guest)
    visitor.get("/write")
    form = visitor.form("/write")
    for wire in list(server.wires):
        wire.close()
    visitor.get(folder())
    says(visitor, errors.ServerBusy)
    assert len(server.asked("AUTHENTICATE")) == 2
    visitor.send(form, do="save", subject="Kept", body="My words")
    assert visitor.status == 503
    assert visitor.form("/write").value("body") == "My words"
    assert len(server.asked("AUTHENTICATE")) <= 5, "a retry storm"
    server.answers["AUTHENTICATE"] = authenticate
    works(visitor, "Number 1")


def test_a_password_changed_elsewhere_ends_every_sign_in_and_loses_no_letter(
    at: At, another_dovecot: Callable[..., Dovecot], submission: Submission
) -> None:
    """Password changed elsewhere: next IMAP NO [AUTHENTICATIONFAILED] = login page, session destroyed, letter kept."""
    server = another_dovecot()
    visitor = at(server.port)
    visitor.sign_in(server.person(ALICE))
    visitor.get("/write")
    form, kept = visitor.form("/write"), _cookies(visitor)
    server.set_password(ALICE.login, "a new password")
    server.kick(ALICE)
    visitor.send(form, do="send", to="bob@example.org", subject="An hour's work", body="Line one\n\nLine two")
    assert visitor.status == 401
    assert "You were signed out" in visitor.text
    assert submission.accepted == []
    thief = _with(visitor.app, kept)
    thief.get(folder())
    assert thief.path.startswith("/login")
    visitor.send(visitor.form("/login"), user=ALICE.address, password="a new password")
    letter = visitor.form("/write")
    assert (letter.value("to"), letter.value("subject")) == ("bob@example.org", "An hour's work")
    assert letter.value("body") == "Line one\n\nLine two"
    server.people[ALICE.login] = Identity(ALICE.login, "a new password", ALICE.name)
    write(visitor, do="save", subject="Goes on", body="x")
    assert "Saved in Drafts" in visitor.text


def test_a_password_changed_while_a_page_is_read_ends_in_the_sign_in_page(
    at: At, scripted: Start, guest: Person
) -> None:
    """Password changed elsewhere: the redial under a silent retry is refused; the old password is not tried again."""
    refusal = "{tag} NO [AUTHENTICATIONFAILED] no"
    box = Box([1])
    server = scripted(box.answers | {"AUTHENTICATE": Turns(authenticate, refusal)}, capabilities=PLAIN)
    visitor = at(server.port)
    visitor.sign_in(guest)
    server.answers |= {"SELECT": Bye(), "EXAMINE": Bye(), "NOOP": Bye(), "LIST": Bye()}
    for _ in range(3):
        visitor.get(folder())
        assert visitor.path.startswith("/login")
    assert len(server.asked("AUTHENTICATE")) == 2


def _cookies(visitor: Visitor) -> dict[str, str]:
    return {name: visitor.client.get_cookie(name).value for name in ("pennypost", "pennypost-key")}  # type: ignore[union-attr]


def _with(app: Flask, cookies: dict[str, str]) -> Visitor:
    visitor = Visitor(app)
    for name, value in cookies.items():
        visitor.client.set_cookie(name, value)
    return visitor
