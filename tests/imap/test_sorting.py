"""A mailbox in another order: the same order by every kind of server, and honest where there is a limit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.imap.mailbox_of import INBOX, WHEN, validity
from tests.servers.people import Person, letter
from tests.servers.scripted import Scripted
from webmail import errors
from webmail.imap import sorting
from webmail.imap.connection import Connection
from webmail.mail.ids import MailboxName, UidValidity

POOR = {
    "as Dovecot is": frozenset[str](),
    "without windows": frozenset({"ESORT"}),
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
    ("key", "descending", "expected"),
    [
        ("subject", False, [4, 2, 1, 3]),
        ("subject", True, [3, 1, 4, 2]),
        ("sender", False, [2, 4, 3, 1]),
        ("date", False, [2, 4, 1, 3]),
        ("date", True, [3, 1, 4, 2]),
        ("size", True, [2, 3, 4, 1]),
    ],
)
def test_every_server_gives_the_same_order(
    any_conn: Connection, alice: Person, key: sorting.Key, descending: bool, expected: list[int]
) -> None:
    fill(alice)
    told = sorting.order(any_conn, INBOX, key, descending=descending)
    assert list(told.uids) == expected
    assert (told.first, told.total, told.considered) == (1, 4, 4)


def test_one_window_of_the_order(any_conn: Connection, alice: Person) -> None:
    fill(alice)
    second = sorting.order(any_conn, INBOX, "date", start=2, size=2)
    assert (second.uids, second.first, second.total) == ((4, 1), 2, 4)
    behind = sorting.order(any_conn, INBOX, "date", start=90, size=50)
    assert (behind.uids, behind.first, behind.total) == ((), 0, 4)


def test_an_empty_mailbox_has_an_empty_order(any_conn: Connection) -> None:
    told = sorting.order(any_conn, INBOX, "size")
    assert (told.uids, told.first, told.total) == ((), 0, 0)


def test_messages_without_a_header_have_a_place_too(any_conn: Connection, alice: Person) -> None:
    fill(alice)
    alice.append(b"\r\nno header\r\n", when=WHEN + timedelta(days=40))
    for key in ("date", "sender", "subject", "size"):
        assert sorted(sorting.order(any_conn, INBOX, key).uids) == [1, 2, 3, 4, 5]


def test_news_of_other_devices_are_in_the_order(any_conn: Connection, alice: Person) -> None:
    fill(alice)
    sorting.order(any_conn, INBOX, "size")
    alice.expunge(2)
    assert sorting.order(any_conn, INBOX, "size", descending=True).uids == (3, 4, 1)


def test_a_mailbox_that_was_made_anew_is_not_sorted_by_old_links(any_conn: Connection, alice: Person) -> None:
    with pytest.raises(errors.MailboxRebuilt):
        sorting.order(any_conn, INBOX, "date", uidvalidity=UidValidity(validity(alice) + 1))
    with pytest.raises(errors.MailboxMissing):
        sorting.order(any_conn, MailboxName("Nowhere"), "date")


def test_without_sort_only_the_newest_are_looked_at_and_that_is_said(
    connect: Any, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(alice)
    monkeypatch.setattr(sorting, "MOST_SORTED_HERE", 3)
    conn = connect(alice)
    conn.capabilities -= {"SORT"}
    told = sorting.order(conn, INBOX, "sender")
    assert (told.uids, told.total, told.considered) == ((2, 4, 3), 4, 3)


def test_dovecot_is_asked_for_a_window_though_it_does_not_announce_it(conn: Connection, alice: Person) -> None:
    fill(alice)
    assert "CONTEXT=SORT" not in conn.capabilities
    assert conn.quirks.sorts_in_windows
    assert sorting.order(conn, INBOX, "size", size=1).uids == (1,)


def opened(count: int) -> str:
    return f"* {count} EXISTS\n* OK [UIDVALIDITY 7] x\n{{tag}} OK [READ-WRITE] x"


def test_a_server_that_announces_windows_sends_no_more_than_one(
    connect: Any, scripted: Callable[..., Scripted]
) -> None:
    """RFC 5267 4.4: the set is in the order asked for."""
    server = scripted(
        {"SELECT": opened(9), "UID SORT": '* ESEARCH (TAG "x") UID PARTIAL (3:5 9,1:2) COUNT 9\n{tag} OK done'},
        capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR SORT ESORT CONTEXT=SORT SORT=DISPLAY",
    )
    told = sorting.order(connect(server), INBOX, "sender", start=3, size=3, descending=True)
    assert (told.uids, told.first, told.total) == ((9, 1, 2), 3, 9)
    (asked,) = server.asked("UID SORT")
    assert asked.arguments == b"RETURN (COUNT PARTIAL 3:5) (REVERSE DISPLAYFROM REVERSE ARRIVAL) UTF-8 ALL"


def test_a_server_without_windows_is_asked_for_the_plain_order(connect: Any, scripted: Callable[..., Scripted]) -> None:
    server = scripted(
        {"SELECT": opened(4), "UID SORT": "* SORT 4 2 1 3\n{tag} OK done"},
        capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR SORT ESORT",
    )
    told = sorting.order(connect(server), INBOX, "sender", start=2, size=2)
    assert (told.uids, told.first, told.total) == ((2, 1), 2, 4)
    assert server.asked("UID SORT")[0].arguments == b"(FROM REVERSE ARRIVAL) UTF-8 ALL"


def test_an_answer_without_its_count_is_not_believed(connect: Any, scripted: Callable[..., Scripted]) -> None:
    server = scripted(
        {"SELECT": opened(4), "UID SORT": "{tag} OK done"},
        capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR SORT ESORT CONTEXT=SORT",
    )
    with pytest.raises(errors.ProtocolBroken):
        sorting.order(connect(server), INBOX, "date")
