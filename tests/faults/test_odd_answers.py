"""Servers that say what nobody asked, or that do not count well. The page is right, or says that it cannot be."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.box import PLAIN, Box
from tests.faults.pages import act, folder, picks, rows, says, subjects, works, write
from tests.servers.application import Visitor
from tests.servers.people import ALICE, Person, letter
from tests.servers.scripted import Scripted
from webmail import errors

At = Callable[..., Visitor]
Start = Callable[..., Scripted]

WORDS = "The only words of this letter.\r\n"


@pytest.fixture
def guest() -> Person:
    """Somebody with an account on a scripted server."""
    return Person(ALICE, "localhost", 0, None)  # type: ignore[arg-type]


NOISE = {
    "news of a letter": b"* 2 FETCH (FLAGS (\\Seen))\r\n",
    "news with a UID": b"* 2 FETCH (UID 2 FLAGS (\\Seen \\Flagged))\r\n",
    "news of a letter elsewhere": b"* 99 FETCH (UID 99 FLAGS (\\Flagged))\r\n",
    "the count again": b"* 2 EXISTS\r\n* 0 RECENT\r\n",
    "an alarm": b"* OK [ALERT] The building is on fire\r\n* NO disk nearly full\r\n* BAD hm\r\n",
    "a code that nobody knows": b'* OK [XYZZY {1,2} "a] b"] text\r\n',
    "an answer to another question": b'* SEARCH 9\r\n* STATUS Other (MESSAGES 5)\r\n* ESEARCH (TAG "x") UID ALL 9\r\n',
    "a folder that nobody asked for": b'* LIST () "/" Surprise\r\n* LSUB () "/" Surprise\r\n',
    "a word that nobody knows": b"* GARBAGE (of some (kind)) {}\r\n* 17 GARBAGE\r\n",
}


@pytest.mark.parametrize("noise", [pytest.param(octets, id=name) for name, octets in NOISE.items()])
def test_what_nobody_asked_for_is_applied_or_ignored(at: At, scripted: Start, guest: Person, noise: bytes) -> None:
    """Unsolicited FETCH / EXISTS / garbage lines: ignored or applied, no exception, no wrong row."""
    box = Box([1, 2])
    box.noise = noise
    server = scripted(box.answers, capabilities=PLAIN)
    visitor = at(server.port)
    visitor.sign_in(guest)
    works(visitor, "Number 2", "Number 1")
    for subject, url in rows(visitor).items():
        visitor.get(url)
        assert f"Words of letter {subject[-1]}." in visitor.text
    works(visitor, "Number 2", "Number 1")
    act(visitor, "star", picks(visitor.html)[1])
    assert "Message starred." in visitor.text
    assert box.flags[1] == {"\\Seen", "\\Flagged"}
    write(visitor, do="save", subject="Draft", body="My words")
    assert visitor.status == 200
    assert [b"My words" in command.literals[-1] for command in server.asked("APPEND")] == [True]


def test_a_line_with_nothing_in_it_is_passed_over(at: At, scripted: Start, guest: Person) -> None:
    """Garbage lines, the shortest of them."""
    box = Box([1, 2])
    box.noise = b"* \r\n*\r\n"
    visitor = at(scripted(box.answers, capabilities=PLAIN).port)
    visitor.sign_in(guest)
    works(visitor, "Number 2", "Number 1")


def test_new_mail_told_in_passing_is_in_the_next_list(at: At, scripted: Start, guest: Person) -> None:
    """Unsolicited EXISTS: applied."""
    box = Box([1, 2])
    visitor = at(scripted(box.answers, capabilities=PLAIN).port)
    visitor.sign_in(guest)
    box.uids = [1, 2, 3]
    box.noise = b"* 3 EXISTS\r\n"
    works(visitor, "Number 3", "Number 2", "Number 1")


# --- sizes that are not true ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lying", [b"HEADER]", b"[1]", b"[]", b"]"], ids=["header", "text", "source", "everything"])
def test_a_literal_that_is_longer_than_it_says_is_not_believed(
    at: At, scripted: Start, guest: Person, lying: bytes
) -> None:
    """Lying sizes: literal {5} but more octets; never the five alone, and as soon as it is mended the page is right.

    What is in doubt may be read another way; where there is none, the page says that the answer makes no sense.
    """
    box = Box([1], raw=lambda uid: letter("One", text=WORDS))
    server = scripted(box.answers, capabilities=PLAIN)
    visitor = at(server.port)
    visitor.sign_in(guest)
    works(visitor, "One")
    box.lying = lying
    for more in ("", "/source.txt", "/part/1"):
        visitor.get(f"{folder()}/7.1{more}")
        if visitor.status == 200:
            assert WORDS.strip() in visitor.text
        else:
            says(visitor, errors.ProtocolBroken)
    box.lying = b""
    visitor.get(f"{folder()}/7.1")
    assert visitor.status == 200
    assert WORDS.strip() in visitor.text


def test_a_literal_that_never_comes_to_its_end_is_told(at: At, scripted: Start, guest: Person) -> None:
    """Lying sizes, the other way: {5000} and less; the page says that the server is too slow, and then it works."""
    box = Box([1], raw=lambda uid: letter("One", text=WORDS))
    server = scripted(box.answers, capabilities=PLAIN)
    visitor = at(server.port, command_timeout=1)
    visitor.sign_in(guest)
    short = "* 1 FETCH (UID 1 FLAGS () BODY[] {5000}\nHello)\n{tag} OK done"
    server.answers |= {"UID FETCH": short, "FETCH": short}
    visitor.get(f"{folder()}/7.1")
    says(visitor, errors.ServerTooSlow)
    assert "Hello" not in visitor.text
    server.answers |= {"UID FETCH": box.fetch, "FETCH": box.fetch}
    visitor.get(f"{folder()}/7.1")
    assert WORDS.strip() in visitor.text


@pytest.mark.parametrize("told", [0, 5, 10**6, 2**40, 2**63], ids=["nothing", "five", "a million", "terabyte", "2^63"])
def test_a_wrong_rfc822_size_changes_no_letter(at: At, scripted: Start, guest: Person, told: int) -> None:
    """Lying sizes: RFC822.SIZE wrong; list, letter, source and file are what they are."""
    raw = letter("One", text=WORDS)
    box = Box([1], raw=lambda uid: raw)
    box.size_of = lambda uid: told
    visitor = at(scripted(box.answers, capabilities=PLAIN).port)
    visitor.sign_in(guest)
    assert subjects(visitor.html) == ["One"]
    visitor.get(f"{folder()}/7.1")
    assert WORDS.strip() in visitor.text
    assert visitor.get(f"{folder()}/7.1/eml").data == raw
    assert visitor.get(f"{folder()}/7.1/source.txt").data == raw


@pytest.mark.parametrize("told", [0, 5, 10**6], ids=["nothing", "five", "a million"])
def test_a_wrong_size_of_a_part_cuts_no_letter(at: At, scripted: Start, guest: Person, told: int) -> None:
    """Lying sizes: BODYSTRUCTURE wrong; the letter and its download are whole."""
    box = Box([1], raw=lambda uid: letter("One", text=WORDS))
    box.body_size = lambda uid: told
    visitor = at(scripted(box.answers, capabilities=PLAIN).port)
    visitor.sign_in(guest)
    visitor.get(f"{folder()}/7.1")
    assert WORDS.strip() in visitor.text
    assert visitor.get(f"{folder()}/7.1/part/1?dl=1").data == WORDS.encode()
