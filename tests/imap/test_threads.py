"""Talks of a mailbox: by THREAD, and by headers where the server has none; the same trees."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.imap.mailbox_of import INBOX
from tests.mail.test_threads import drawn
from tests.servers.people import Person, letter
from webmail.imap import fetch, threads
from webmail.imap.connection import Connection
from webmail.imap.orders import How
from webmail.mail.ids import MailboxName

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


def rows(conn: Connection, name: MailboxName = INBOX) -> list[list[int]]:
    """The conversations of a list, as the UIDs of each row."""
    return [[uid for uid, _ in row.letters] for row in fetch.page(conn, name, how=How(together=True)).rows]


def test_talks_are_told_with_the_newest_first(any_conn: Connection, alice: Person) -> None:
    fill(alice)
    assert rows(any_conn) == [[5, 4, 2, 1], [3]]


def test_what_comes_is_joined_to_what_is_there(any_conn: Connection, alice: Person) -> None:
    fill(alice)
    rows(any_conn)
    alice.append(letter("Re: Lunch", message_id="<6@x>", extra="References: <3@x>\r\n"))
    assert rows(any_conn) == [[6, 3], [5, 4, 2, 1]]
    alice.expunge(4)
    assert rows(any_conn) == [[6, 3], [5, 2, 1]]


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


@pytest.mark.parametrize("joined", [b"1" + b")(2)" * 2999 + b")", b"1 " + b"2 " * 9])
def test_r15_a_thread_answer_that_is_deep_is_no_recursion_and_takes_no_long_time(joined: bytes) -> None:
    deep = {"THREAD": [b"(" * 3000 + joined]}
    begun = time.process_time()
    expected = sum(node.uid is not None for talk in threads.parsed(deep) for node in talk)
    assert sum(map(len, threads.uids_in(deep))) == expected > 8
    assert time.process_time() - begun < 4


def random_tree(chance: random.Random, numbers: Iterator[int], depth: int = 12) -> bytes:
    text = b"%d" % next(numbers)
    if not depth or chance.random() < 0.4:
        return text
    answers = [random_tree(chance, numbers, depth - 1) for _ in range(chance.choice((1, 1, 2)))]
    return text + b" " + (answers[0] if len(answers) == 1 else b"".join(b"(%b)" % one for one in answers))


@pytest.mark.parametrize("seed", range(20))
def test_groups_are_read_quickly_as_the_trees_are(seed: int) -> None:
    chance, numbers = random.Random(seed), itertools.count(1)
    said = {"THREAD": [b"".join(b"(%b)" % random_tree(chance, numbers) for _ in range(30))]}
    slow = [sorted(node.uid for node in talk if node.uid) for talk in threads.parsed(said)]
    assert [sorted(group) for group in threads.uids_in(said)] == slow
