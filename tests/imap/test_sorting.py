"""A mailbox in another order: the same order by every kind of server, and honest where there is a limit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.imap.mailbox_of import INBOX, WHEN
from tests.servers.people import Person, letter
from tests.servers.scripted import Scripted
from webmail.imap import sorting
from webmail.imap.connection import Connection
from webmail.imap.selection import select
from webmail.mail.flags import SEEN

KEYS: tuple[sorting.Key, ...] = ("sender", "subject", "size")

POOR = {
    "as Dovecot is": frozenset[str](),
    "without SORT": frozenset({"SORT"}),
}

LETTERS = [
    # subject, sender, day of the Date header, size
    ("beta", "Zoe <a@example.net>", 3, 10),
    ("Re: Alpha", "anna <z@example.net>", 1, 3000),
    ("gamma", "Miri <m@example.net>", 5, 500),
    ("alpha", "Bob <b@example.net>", 2, 40),
]


@pytest.fixture(params=POOR)
def any_conn(request: Any, connect: Any, alice: Person) -> Connection:
    made: Connection = connect(alice)
    made.capabilities -= POOR[request.param]
    return made


def fill(person: Person) -> None:
    """Delivered in this order, an hour apart."""
    for number, (subject, sender, day, size) in enumerate(LETTERS):
        date = f"Mon, {day:02d} Mar 2026 10:00:00 +0100"
        raw = letter(subject, sender=sender, date=date, text="x" * size + "\r\n")
        person.append(raw, when=WHEN + timedelta(hours=number))


@pytest.mark.parametrize(
    ("key", "expected"), [("subject", [4, 2, 1, 3]), ("sender", [2, 4, 3, 1]), ("size", [2, 3, 4, 1])]
)
def test_every_server_gives_the_same_order(
    any_conn: Connection, alice: Person, key: sorting.Key, expected: list[int]
) -> None:
    fill(alice)
    select(any_conn, INBOX)
    assert sorting.uids(any_conn, key, (b"ALL",)) == (expected, 4)
    alice.mark(expected[0], SEEN)
    any_conn.noop()
    assert sorting.uids(any_conn, key, (b"UNSEEN",)) == (expected[1:], 3)


def test_nothing_is_sorted_where_nothing_is_found(any_conn: Connection) -> None:
    select(any_conn, INBOX)
    assert sorting.uids(any_conn, "size", (b"FLAGGED",)) == ([], 0)


def test_messages_without_a_header_have_a_place_too(any_conn: Connection, alice: Person) -> None:
    fill(alice)
    alice.append(b"\r\nno header\r\n", when=WHEN + timedelta(days=40))
    select(any_conn, INBOX)
    for key in KEYS:
        assert sorted(sorting.uids(any_conn, key, (b"ALL",))[0]) == [1, 2, 3, 4, 5]


def test_of_a_mailbox_beyond_measure_the_newest_are_sorted_and_the_others_follow(
    any_conn: Connection, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(alice)
    monkeypatch.setattr(sorting, "MOST_SORTED", 3)
    monkeypatch.setattr(sorting, "MOST_SORTED_HERE", 3)
    select(any_conn, INBOX)
    assert sorting.uids(any_conn, "size", (b"ALL",)) == ([2, 3, 4, 1], 3)


@pytest.mark.parametrize(("words", "program"), [("SORT", b"FROM"), ("SORT SORT=DISPLAY", b"DISPLAYFROM")])
def test_senders_are_sorted_by_the_name_shown_where_the_server_can(
    connect: Any, scripted: Callable[..., Scripted], words: str, program: bytes
) -> None:
    opened = "* 4 EXISTS\n* OK [UIDVALIDITY 7] x\n{tag} OK [READ-WRITE] x"
    server = scripted(
        {"SELECT": opened, "UID SORT": "* SORT 4 2 1 3\n{tag} OK done"},
        capabilities=f"IMAP4rev1 AUTH=PLAIN SASL-IR {words}",
    )
    conn = connect(server)
    select(conn, INBOX)
    assert sorting.uids(conn, "sender", (b"UNSEEN",)) == ([4, 2, 1, 3], 4)
    assert server.asked("UID SORT")[0].arguments == b"(%b REVERSE ARRIVAL) UTF-8 UNSEEN" % program
