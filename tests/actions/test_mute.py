"""Answers in muted conversations are put away once, by whoever comes first, and none is lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.servers.authority import Authority
from tests.servers.people import Person, letter
from webmail.actions import chores, mute
from webmail.config import Endpoint
from webmail.imap import mailboxes
from webmail.imap.connection import Connection, dial, tls_context

ROUNDS = 4
EACH = 5


@pytest.fixture
def connect(authority: Authority) -> Iterator[Callable[[Person], Connection]]:
    """Connections of programs that know nothing of each other."""
    made: list[Connection] = []

    def connected(person: Person) -> Connection:
        where = Endpoint("localhost", person.port, "implicit", authority.ca_file)
        conn = dial(
            where, person.login, person.password,
            context=tls_context(authority.ca_file), connect_timeout=5, read_timeout=20,
        )  # fmt: skip
        made.append(conn)
        conn.begin(reused=False)
        return conn

    yield connected
    for conn in made:
        conn.logout()


def answer(number: int) -> bytes:
    return letter(f"Re: Plan {number}", message_id=f"<r{number}@x>", extra="References: <a@x>\r\n")


def everywhere(person: Person) -> Counter[str | None]:
    return Counter(str(m.header("Message-ID")) for box in ("INBOX", "Archive") for m in person.messages(box))


def test_two_programs_at_once_move_each_answer_once(connect: Callable[[Person], Connection], alice: Person) -> None:
    alice.append(letter("Plan", message_id="<a@x>"), flags=["\\Seen", "$Muted"])
    conns = [connect(alice) for _ in range(3)]
    for turn in range(ROUNDS):
        alice.append_all(answer(n) for n in range(turn * EACH, turn * EACH + EACH))
        counts: list[int] = []
        ready = threading.Barrier(len(conns))

        def work(conn: Connection, ready: threading.Barrier = ready, counts: list[int] = counts) -> None:
            conn.asked = False  # as at the beginning of each lease
            ready.wait(10)
            counts.append(mute.put_away(conn))

        threads = [threading.Thread(target=work, args=(conn,)) for conn in conns]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sum(counts) == EACH, turn
    assert everywhere(alice) == Counter(["<a@x>", *(f"<r{n}@x>" for n in range(ROUNDS * EACH))])
    assert len(alice.messages("Archive")) == ROUNDS * EACH
    assert all(m.flags == {"$Muted"} for m in alice.messages("Archive"))


def test_whoever_looks_at_another_folder_has_the_inbox_cleared_once_for_each_arrival(
    connect: Callable[[Person], Connection], alice: Person
) -> None:
    alice.append(letter("My own", message_id="<a@x>"), "Sent", ["\\Seen", "$Muted"])
    alice.append(answer(1))
    conn = connect(alice)

    def look() -> None:
        conn.folders = None
        conn.asked = False
        chores.watch(conn, mailboxes.list_mailboxes(conn))

    look()
    assert (alice.messages(), len(alice.messages("Archive"))) == ([], 1)
    alice.append(letter("Else"))
    alice.append(answer(2))
    look()
    assert [m.header("Subject") for m in alice.messages()] == ["Else"]
    with alice.imap() as device:
        device.select_folder("Archive")
        device.move([1], "INBOX")
    look()
    assert len(alice.messages()) == 2, "what its reader takes back stays"
