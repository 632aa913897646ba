"""Talks of a mailbox: by THREAD, and by headers where the server has none; the same trees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.imap.mailbox_of import INBOX, validity
from tests.mail.test_threads import drawn
from tests.servers.people import Person, letter
from tests.servers.scripted import Scripted
from webmail import errors
from webmail.imap import threads
from webmail.imap.connection import Connection
from webmail.mail.ids import Uid, UidValidity

POOR = {
    "by REFS": frozenset[str](),
    "by headers": frozenset({"THREAD=REFS", "THREAD=REFERENCES"}),
}


@pytest.fixture(params=POOR)
def any_conn(request: Any, connect: Any, alice: Person) -> Connection:
    made: Connection = connect(alice)
    made.capabilities -= POOR[request.param]
    return made


def fill(person: Person) -> None:
    """1 is answered by 2 (answered by 4) and by 5; 3 stands alone, though its subject is that of 1."""
    talk = "References: <1@x>\r\n"
    person.append_all([
        letter("Lunch", message_id="<1@x>"),
        letter("Re: Lunch", message_id="<2@x>", extra=talk),
        letter("Lunch", message_id="<3@x>"),
        letter("Re: Lunch", message_id="<4@x>", extra="References: <1@x> <2@x>\r\n"),
        letter("Re: Lunch", message_id="<5@x>", extra="In-Reply-To: <1@x>\r\n"),
    ])  # fmt: skip


def test_talks_are_told_with_the_newest_first(any_conn: Connection, alice: Person) -> None:
    fill(alice)
    told = threads.newest(any_conn, INBOX)
    assert drawn(told.talks) == ["1 .2 ..4 .5", "3"]
    assert told.considered == 5


def test_only_the_newest_messages_are_looked_at(any_conn: Connection, alice: Person) -> None:
    fill(alice)
    told = threads.newest(any_conn, INBOX, count=4)
    assert drawn(told.talks)[-1] == "3"
    assert sorted(node.uid for talk in told.talks for node in talk if node.uid) == [2, 3, 4, 5]
    assert (told.considered, told.selected.messages) == (4, 5)


def test_talks_among_chosen_messages(any_conn: Connection, alice: Person) -> None:
    fill(alice)
    told = threads.among(any_conn, INBOX, [Uid(1), Uid(2), Uid(3), Uid(77)], validity(alice))
    assert drawn(told.talks) == ["3", "1 .2"]


def test_an_empty_mailbox_has_no_talks(any_conn: Connection) -> None:
    assert threads.newest(any_conn, INBOX).talks == ()
    assert threads.among(any_conn, INBOX, []).talks == ()


def test_a_mailbox_made_anew_has_no_talks_among_old_links(any_conn: Connection, alice: Person) -> None:
    with pytest.raises(errors.MailboxRebuilt):
        threads.among(any_conn, INBOX, [Uid(1)], UidValidity(validity(alice) + 1))


def test_more_messages_than_one_command_can_name(conn: Connection, alice: Person) -> None:
    fill(alice)
    scattered = [Uid(uid) for uid in (*range(1, 6), *range(100_001, 104_000, 2))]
    assert drawn(threads.among(conn, INBOX, scattered).talks) == ["1 .2 ..4 .5", "3"]


@pytest.mark.parametrize(
    ("words", "method"), [("THREAD=REFERENCES", b"REFERENCES"), ("THREAD=REFERENCES THREAD=REFS", b"REFS")]
)
def test_the_way_that_joins_by_identifiers_alone_is_asked_for_first(
    connect: Any, scripted: Callable[..., Scripted], words: str, method: bytes
) -> None:
    server = scripted(
        {"SELECT": "* 9 EXISTS\n* OK [UIDVALIDITY 7] x\n{tag} OK x", "UID THREAD": "* THREAD (2)(3)\n{tag} OK x"},
        capabilities=f"IMAP4rev1 AUTH=PLAIN SASL-IR {words}",
    )
    assert drawn(threads.newest(connect(server), INBOX, count=4).talks) == ["3", "2"]
    assert server.asked("UID THREAD")[0].arguments == method + b" UTF-8 6:9"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b"(2)(3 6 (4 23)(44 7 96))", ["2", "3 .6 ..4 ...23 ..44 ...7 ....96"]),
        (b"((3)(5))", ["? .3 .5"]),
        (b"(1 (2)(3 (4)(5)))(6)", ["1 .2 .3 ..4 ..5", "6"]),
        (b"", []),
        (b")(1", ["1"]),
        (b"(1))(2)", ["1", "2"]),
        (b"(1 2", ["1 .2"]),
    ],
)
def test_a_thread_answer_is_read_and_nonsense_does_no_harm(said: bytes, expected: list[str]) -> None:
    """RFC 5256 4, with its own example first."""
    assert drawn(tuple(threads.parsed({"THREAD": [said]}))) == expected


def test_r15_a_thread_answer_that_is_deep_is_no_recursion() -> None:
    deep = b"(" * 3000 + b"1" + b")(2)" * 2999 + b")"
    assert sum(node.uid is not None for talk in threads.parsed({"THREAD": [deep]}) for node in talk) == 3000
