"""Conversations are those of the algorithm that everybody names (tests/mail/jwz.py), by every kind of server: in real
mail, and where References lie."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.mail import jwz
from tests.mail import test_corpus as facts
from tests.servers.people import Person
from webmail.imap import fetch
from webmail.imap.connection import Connection
from webmail.imap.orders import How
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, Uid
from webmail.mail.threads import Linked, thread

INBOX = MailboxName("INBOX")
POOR = {"by THREAD": frozenset[str](), "by headers": frozenset({"THREAD=REFS", "ESEARCH"})}

BROKEN = {
    "two that answer each other": [("a", "b"), ("b", "a")],
    "one that answers itself": [("a", "a"), ("b", "a a")],
    "a ring of four": [("a", "d"), ("b", "a"), ("c", "b"), ("d", "c")],
    "the middle is missing": [("a", ""), ("c", "a b"), ("d", "a b c")],
    "the first is missing": [("b", "a"), ("c", "a"), ("d", "z")],
    "cut in the middle": [("a", ""), ("b", "a"), ("c", "a b"), ("d", "a c"), ("e", "a d")],
    "cut at the front": [("a", ""), ("b", "a"), ("c", "b"), ("d", "c"), ("e", "d")],
    "one name twice": [("a", ""), ("a", ""), ("b", "a"), ("b", "a")],
    "answers first": [("d", "a b c"), ("c", "a b"), ("b", "a"), ("a", "")],
    "no name": [("", "a"), ("", "a"), ("a", ""), ("", "")],
}  # fmt: skip


def raw(name: str, references: str, number: int) -> bytes:
    head = f"From: x@x.org\r\nSubject: the same\r\nX-Number: {number}\r\n"
    head += f"Message-ID: <{name}@x>\r\n" if name else ""
    above = " ".join(f"<{one}@x>" for one in references.split())
    return (head + (f"References: {above}\r\n" if above else "") + "\r\nx\r\n").encode()


def head(path: Path) -> bytes:
    """The header of a message; bodies say nothing here."""
    octets = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return octets.partition(b"\r\n\r\n")[0] + b"\r\n\r\nx\r\n"


def linked(uid: int, message: bytes) -> Linked:
    headers = Headers.parse(message)
    parent = headers.in_reply_to
    return Linked(Uid(uid), headers.message_id, headers.references or ((parent,) if parent else ()))


def listed(conn: Connection) -> set[frozenset[int]]:
    """The conversations of the whole list."""
    found, before, walk = set[frozenset[int]](), None, (0, 0)
    while True:
        page = fetch.page(conn, INBOX, size=100, before=before, how=How(together=True), walk=walk)
        found |= {frozenset(uid for uid, _ in row.letters) for row in page.rows}
        if page.older is None:
            return found
        before, walk = page.older, (page.walk, page.older_at)


@pytest.fixture(params=POOR)
def any_conn(request: Any, connect: Any, alice: Person) -> Connection:
    made: Connection = connect(alice)
    made.capabilities -= POOR[request.param]
    return made


def forest(chance: random.Random) -> Iterator[tuple[str, str]]:
    """Letters of some conversations as programs cut their references; some are missing, some came twice or late."""
    above: dict[int, list[str]] = {0: []}
    letters = []
    for number in range(1, 30):
        parent = chance.randrange(number) if chance.random() < 0.7 else 0
        above[number] = [*above[parent], f"n{parent}"] if parent else []
        told = above[number]
        if len(told) > 3 and chance.random() < 0.4:
            told = [told[0], *told[-2:]]
        elif chance.random() < 0.2:
            told = told[-1:]
        if chance.random() > 0.15:
            letters += [(f"n{number}", " ".join(told))] * (1 + (chance.random() < 0.1))
    chance.shuffle(letters)
    yield from letters


def test_talks_are_those_of_the_reference_in_a_thousand_mailboxes() -> None:
    for seed in range(1000):
        letters = [linked(uid, raw(*one, uid)) for uid, one in enumerate(forest(random.Random(seed)), 1)]
        ours = {frozenset(node.uid for node in talk if node.uid) for talk in thread(letters)}
        assert ours == jwz.groups(letters), seed


def test_and_so_are_the_rows_of_the_list_where_references_lie(any_conn: Connection, alice: Person) -> None:
    """Each case by itself: its names are its own."""
    told = [
        raw(f"{name}{case}" if name else "", " ".join(f"{one}{case}" for one in references.split()), case)
        for case, letters in enumerate([*BROKEN.values(), list(forest(random.Random(1)))])
        for name, references in letters
    ]
    uids = alice.append_all(told)
    assert listed(any_conn) == jwz.groups(linked(uid, one) for uid, one in zip(uids, told, strict=True))


@facts.pytestmark
def test_and_so_they_are_in_real_mail(any_conn: Connection, alice: Person) -> None:
    told = [head(facts.CORPUS / name) for name in facts.of_kind("eml")]
    told = [one for one in told if b"\0" not in one and Headers.parse(one).fields]
    uids = alice.append_all(told)
    assert listed(any_conn) == jwz.groups(linked(uid, one) for uid, one in zip(uids, told, strict=True))
