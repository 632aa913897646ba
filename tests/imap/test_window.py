"""One window on what a filter finds: the same by PARTIAL (RFC 9394), by ESEARCH and by the old SEARCH."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.imap.mailbox_of import INBOX, fill
from tests.servers.answers import Turns
from tests.servers.people import Person
from tests.servers.scripted import Scripted
from tests.servers.wire import Command, Wire
from webmail import errors
from webmail.imap import search
from webmail.imap.connection import Connection
from webmail.imap.search import Found
from webmail.imap.selection import select
from webmail.mail.flags import SEEN
from webmail.mail.ids import Uid

UNREAD = [2, 3, 5, 8, 9, 14, 20]
"""UIDs of the unread ones among twenty."""


class Rev2:
    """A server with PARTIAL, whose unread messages are these: Dovecot 2.3 and Cyrus 3.6 have none."""

    def __init__(self, unread: list[int]) -> None:
        self.unread = unread

    def __call__(self, wire: Wire, command: Command) -> None:
        text = command.arguments.decode()
        span = re.search(r"UID (\d+):(\d+)", text)
        low, high = (int(span[1]), int(span[2])) if span else (1, 1 << 32)
        found = [uid for uid in self.unread if low <= uid <= high]
        said = f"COUNT {len(found)}"
        if "ALL" in text and found:
            said = f"ALL {','.join(map(str, found))}"
        if window := re.search(r"PARTIAL (-?\d+):(-?\d+)", text):
            first, last = int(window[1]), int(window[2])
            chosen = found[first - 1 : last] if first > 0 else found[max(0, len(found) + last) : len(found) + first + 1]
            numbers = ",".join(map(str, chosen)) or "NIL"
            said = f"PARTIAL ({window[1]}:{window[2]} {numbers}) {said}"
        wire.send(b'* ESEARCH (TAG "x") UID ' + said.encode() + b"\r\n" + command.tag + b" OK done\r\n")


@pytest.fixture(params=["PARTIAL", "CONTEXT", "ESEARCH", "SEARCH"])
def any_conn(
    request: Any, connect: Any, scripted: Callable[..., Scripted], alice: Person, monkeypatch: pytest.MonkeyPatch
) -> Connection:
    """The open inbox of twenty messages, some of them unread, on four kinds of server."""
    if request.param == "PARTIAL":
        words = "IMAP4rev1 AUTH=PLAIN SASL-IR ESEARCH PARTIAL"
        made: Connection = connect(scripted({"UID SEARCH": Rev2(UNREAD)}, capabilities=words))
    else:
        for uid in fill(alice, 20):
            if uid not in UNREAD:
                alice.mark(uid, SEEN)
        made = connect(alice)
        made.capabilities -= {"ESEARCH"} if request.param == "SEARCH" else set()
        if request.param == "CONTEXT":
            monkeypatch.setattr(search, "_LARGE", 0)
    select(made, INBOX)
    return made


def test_all_servers_show_the_same_windows(any_conn: Connection) -> None:
    def window(**place: int) -> tuple[list[int], int, int]:
        found = search.window(any_conn, b"UNSEEN", 3, **{name: Uid(uid) for name, uid in place.items()})
        return list(found.uids), found.below, found.total

    assert window() == ([9, 14, 20], 4, 7)
    assert window(before=9) == ([3, 5, 8], 1, 7)
    assert window(before=3) == ([2], 0, 7)
    assert window(before=2) == ([], 0, 7)
    assert window(before=1) == ([], 0, 7)
    assert window(after=2) == ([3, 5, 8], 1, 7)
    assert window(after=14) == ([20], 6, 7)
    assert window(after=20) == ([], 7, 7)
    assert window(after=4000) == ([], 7, 7)


def test_nothing_found_is_an_empty_window(connect: Any, scripted: Callable[..., Scripted], alice: Person) -> None:
    rev2 = connect(scripted({"UID SEARCH": Rev2([])}, capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR ESEARCH PARTIAL"))
    for conn in (rev2, connect(alice)):
        select(conn, INBOX)
        assert search.window(conn, b"UNSEEN", 50) == Found((), 0, 0)


@pytest.mark.parametrize("words", ["ESEARCH PARTIAL", "ESEARCH CONTEXT=SEARCH", "ESEARCH"])
def test_a_window_is_what_counting_by_hand_gives(
    connect: Any, scripted: Callable[..., Scripted], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_LARGE", -1)
    there, chance = Rev2([]), random.Random(9394)
    conn = connect(scripted({"UID SEARCH": there}, capabilities=f"IMAP4rev1 AUTH=PLAIN SASL-IR {words}"))
    select(conn, INBOX)
    for _ in range(300):
        there.unread = sorted(chance.sample(range(1, 41), chance.randint(0, 30)))
        size, place = chance.randint(1, 10), Uid(chance.randint(1, 41))
        older = [uid for uid in there.unread if uid < place]
        newer = [uid for uid in there.unread if uid > place]
        expected = {
            "before": (older[-size:], max(0, len(older) - size)),
            "after": (newer[:size], len(there.unread) - len(newer)),
        }
        for way, told in expected.items():
            found = search.window(conn, b"UNSEEN", size, **{way: place})
            assert (list(found.uids), found.below, found.total) == (*told, len(there.unread))


def test_a_partial_answer_without_its_count_is_not_believed(connect: Any, scripted: Callable[..., Scripted]) -> None:
    server = scripted({"UID SEARCH": "{tag} OK done"}, capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR PARTIAL")
    conn = connect(server)
    select(conn, INBOX)
    with pytest.raises(errors.ProtocolBroken):
        search.window(conn, b"UNSEEN", 50)


def test_the_newest_window_costs_one_command(connect: Any, scripted: Callable[..., Scripted]) -> None:
    server = scripted({"UID SEARCH": Rev2(UNREAD)}, capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR PARTIAL")
    conn = connect(server)
    select(conn, INBOX)
    search.window(conn, b"UNSEEN", 50)
    assert [command.arguments for command in server.asked("UID SEARCH")] == [b"RETURN (PARTIAL -1:-50 COUNT) UNSEEN"]


def test_a_small_mailbox_is_not_asked_twice(connect: Any, scripted: Callable[..., Scripted]) -> None:
    words = "IMAP4rev1 AUTH=PLAIN SASL-IR ESEARCH CONTEXT=SEARCH"
    server = scripted({"UID SEARCH": Rev2(UNREAD)}, capabilities=words)
    conn = connect(server)
    select(conn, INBOX)
    assert search.window(conn, b"UNSEEN", 3).uids == (9, 14, 20)
    assert [command.arguments for command in server.asked("UID SEARCH")] == [b"RETURN (ALL) UNSEEN"]


def test_what_comes_between_two_questions_is_in_the_window(
    connect: Any, scripted: Callable[..., Scripted], monkeypatch: pytest.MonkeyPatch
) -> None:
    """CONTEXT=SEARCH counts from the oldest, so the last ones are counted first."""
    monkeypatch.setattr(search, "_LARGE", -1)
    answers = Turns(Rev2(UNREAD), Rev2([*UNREAD, 21, 22]), Rev2([*UNREAD, 21, 22]))
    conn = connect(scripted({"UID SEARCH": answers}, capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR CONTEXT=SEARCH"))
    select(conn, INBOX)
    assert search.window(conn, b"UNSEEN", 3) == Found((20, 21, 22), 6, 9)
