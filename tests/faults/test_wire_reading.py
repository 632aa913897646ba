"""The wire to the mail server fails while somebody reads. The page is whole, or it says honestly what happened."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tests.faults.pages import address, folder, html_letter, listed, says, subjects, works
from tests.servers.application import Visitor
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person, letter
from tests.servers.proxy import Proxy
from webmail import errors

At = Callable[..., Visitor]
InFront = Callable[[int], Proxy]

# Fifty kilobytes that end in words of their own: half of it is recognised as half.
LONG = "A line of a long letter that goes on and on.\r\n" * 1100 + "These are its last words.\r\n"


@pytest.fixture
def way(proxy: InFront, dovecot: Dovecot) -> Proxy:
    """The way to the mail server."""
    return proxy(dovecot.port)


@pytest.fixture
def reader(at: At, way: Proxy, alice: Person) -> Visitor:
    """Alice, signed in behind it, with two letters; the inbox is open."""
    alice.append(letter("First"))
    alice.append(letter("Second"))
    visitor = at(way.port)
    visitor.sign_in(alice)
    assert subjects(visitor.html) == ["Second", "First"]
    return visitor


# --- the connection ends between two pages ----------------------------------------------------------------------------


def test_a_kick_between_two_pages_is_not_noticed(reader: Visitor, dovecot: Dovecot, alice: Person) -> None:
    """BYE (idle 30 min, kick, shutdown): transparent reconnect, user sees nothing."""
    for path in (folder(), address(alice, 1), address(alice, 2, more="/reply"), "/write"):
        dovecot.kick(alice)
        reader.get(path)
        assert reader.status == 200


def test_a_restart_between_two_pages_is_not_noticed(reader: Visitor, dovecot: Dovecot) -> None:
    """IMAP restarts: one silent reconnect for reads."""
    dovecot.restart()
    works(reader, "Second", "First")


@pytest.mark.parametrize("end", ["drop", "reset", "half_close"])
def test_however_the_connection_ended_the_next_page_comes(reader: Visitor, way: Proxy, end: str) -> None:
    """BYE and its rough relatives: FIN, RST and a half-closed connection between two pages are not noticed."""
    getattr(way, end)()
    works(reader, "Second", "First")
    assert way.connections == 2


# --- the connection ends inside an answer -----------------------------------------------------------------------------


@pytest.mark.parametrize("octets", [0, 30, 300, 700, 1200])
def test_a_restart_in_the_middle_of_an_answer_is_not_noticed(
    reader: Visitor, way: Proxy, alice: Person, octets: int
) -> None:
    """IMAP restarts mid request: one silent reconnect for reads, however much of the answer had arrived."""
    alice.append_all([letter(f"Third {'x' * 250}"), letter(f"Fourth {'x' * 250}")])
    way.cut(after=octets, each=1)
    works(reader, f"Fourth {'x' * 250}", f"Third {'x' * 250}", "Second", "First")
    assert way.connections == 2


def test_a_server_that_stays_away_is_told_and_comes_back_without_a_new_sign_in(
    at: At, another_dovecot: Callable[..., Dovecot]
) -> None:
    """IMAP restarts mid request: what cannot be read now is told; the sign-in outlives it."""
    server = another_dovecot()
    alice = server.person(next(iter(server.people.values())))
    alice.append(letter("First"))
    visitor = at(server.port)
    visitor.sign_in(alice)
    server.halt()
    for path in (folder(), f"{folder()}/1.1"):
        visitor.get(path)
        says(visitor, errors.ServerUnreachable)
    server.resume()
    works(visitor, "First")


@pytest.mark.parametrize("html", [False, True], ids=["plain", "html"])
def test_a_letter_cut_in_the_middle_is_fetched_again_whole(
    reader: Visitor, way: Proxy, alice: Person, html: bool
) -> None:
    """Cut inside a FETCH literal: connection discarded, retried once, never a half body."""
    uid = alice.append(html_letter(LONG) if html else letter("Long", text=LONG))
    way.cut(after=20_000, each=1)
    reader.get(address(alice, uid, more="/body" if html else ""))
    assert reader.status == 200
    assert "its last words" in reader.text
    assert way.connections == 2


@pytest.mark.parametrize("html", [False, True], ids=["plain", "html"])
def test_a_letter_cut_every_time_is_not_shown_in_half_and_is_whole_later(
    reader: Visitor, way: Proxy, alice: Person, html: bool
) -> None:
    """Cut inside a FETCH literal, twice: an honest page, no half body and no cached half part."""
    uid = alice.append(html_letter(LONG) if html else letter("Long", text=LONG))
    page, frame = address(alice, uid), address(alice, uid, more="/body" if html else "")
    shown = f"{page}?view=plain" if html else page
    way.cut(after=20_000, each=100)
    for path in (page, frame):
        reader.get(path)
        says(reader, errors.ConnectionLost)
        assert "A line of a long letter" not in reader.text
    way.pass_on()
    reader.get(frame)
    assert "its last words" in reader.text
    reader.get(shown)
    assert reader.status == 200
    assert listed(alice)[-1] in reader.text  # type: ignore[operator]


def test_a_file_cut_in_the_middle_of_its_way_arrives_whole(reader: Visitor, way: Proxy, alice: Person) -> None:
    """Cut inside a FETCH literal: a download goes on with the piece that was lost."""
    data = bytes(range(256)) * 4000
    uid = alice.append(html_letter("<p>See the file.", data=data))
    path = address(alice, uid, more="/part/2?dl=1")
    way.cut(after=500_000, each=1)
    assert reader.get(path).data == data
    assert way.connections == 2


def test_a_file_that_cannot_be_had_to_its_end_is_never_taken_for_whole(
    reader: Visitor, way: Proxy, alice: Person
) -> None:
    """Cut inside a FETCH literal, each time: the answer ends with an error, so that no browser keeps half a file."""
    data = bytes(range(256)) * 8000
    uid = alice.append(html_letter("<p>See the file.", data=data))
    answer = reader.client.get(address(alice, uid, more="/part/2?dl=1"), buffered=False)
    pieces = answer.iter_encoded()
    assert data.startswith(next(pieces))
    way.cut(after=1000, each=100)
    with pytest.raises(errors.MailError):
        list(pieces)


# --- the connection falls silent --------------------------------------------------------------------------------------


@pytest.mark.parametrize("octets", [0, 20_000], ids=["before the answer", "inside a literal"])
def test_a_server_that_falls_silent_is_told_and_the_letter_is_whole_later(
    reader: Visitor, way: Proxy, alice: Person, octets: int
) -> None:
    """Stall inside a literal: error at the read limit, the connection is dropped, nothing of it is used again."""
    uid = alice.append(letter("Long", text=LONG))
    path = address(alice, uid)
    way.stall(after=octets)
    reader.get(path)
    says(reader, errors.ServerTooSlow)
    assert "A line of a long letter" not in reader.text
    way.drop()
    way.pass_on()
    reader.get(path)
    assert reader.status == 200
    assert "its last words" in reader.text


def test_a_connection_that_a_router_forgot_is_replaced(reader: Visitor, way: Proxy) -> None:
    """Half-open TCP (NAT drop): the dead peer is found on first use, within 10 s, and the page comes all the same."""
    way.lose()
    began = time.monotonic()
    works(reader, "Second", "First")
    assert time.monotonic() - began < 10


@pytest.mark.slow
def test_the_patience_of_an_administrator_does_not_make_a_dead_connection_last_longer(
    at: At, way: Proxy, alice: Person
) -> None:
    """Half-open TCP: found within 10 s also where a command may take the 30 s of the settings as they come."""
    alice.append(letter("First"))
    visitor = at(way.port, command_timeout=30)
    visitor.sign_in(alice)
    way.lose()
    began = time.monotonic()
    works(visitor, "First")
    assert time.monotonic() - began < 12


def test_a_slow_line_is_slow_and_nothing_worse(reader: Visitor, way: Proxy, alice: Person) -> None:
    """Delay: half a second for every answer, and the page is right."""
    way.delay(0.3)
    reader.get(address(alice, 1))
    assert reader.status == 200
    assert "Good morning." in reader.text
