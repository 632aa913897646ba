"""Pages of a mailbox: every message exactly once, whatever happens meanwhile, at a price that does not grow."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.servers.answers import Turns
from tests.servers.people import Person, letter
from tests.servers.scripted import Scripted
from webmail import errors
from webmail.imap import fetch, selection
from webmail.imap.connection import Connection
from webmail.imap.fetch import Page
from webmail.imap.state import State
from webmail.mail.flags import FLAGGED, SEEN
from webmail.mail.ids import MailboxName, MessageRef, Uid, UidValidity

INBOX = MailboxName("INBOX")

POOR = {
    "as Dovecot is": frozenset[str](),
    "without ESEARCH": frozenset({"ESEARCH"}),
    "without PREVIEW": frozenset({"PREVIEW"}),
    "without both": frozenset({"ESEARCH", "PREVIEW"}),
}


@pytest.fixture(params=POOR)
def conn(request: Any, connect: Any, alice: Person) -> Connection:
    """Alice's connection, to a server that lacks something."""
    made: Connection = connect(alice)
    made.capabilities -= POOR[request.param]
    return made


def uids(page: Page) -> list[int]:
    return sorted((row.ref.uid for row in page.rows), reverse=True)


def fill(person: Person, count: int) -> list[int]:
    return person.append_all(letter(f"number {number}") for number in range(1, count + 1))


# --- what a row says --------------------------------------------------------------------------------------------------


def test_a_row_says_who_what_and_when(conn: Connection, alice: Person) -> None:
    when = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
    head = (
        b"From: =?utf-8?q?J=C3=B6rg?= <joerg@example.net>\r\nTo: alice@example.org, Bob <bob@example.org>\r\n"
        b"Cc: charlie@example.org\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nDate: Mon, 02 Mar 2026 08:00:00 +0100\r\n"
        b"Message-ID: <1@example.net>\r\nMIME-Version: 1.0\r\n"
    )
    body = (
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
        + "Schöne  Grüße\r\naus Köln\r\n".encode()
        + b"--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--\r\n"
    )
    uid = alice.append(head + body, flags=[SEEN, "$Forwarded"], when=when)
    page = fetch.page(conn, INBOX)
    (row,) = page.rows
    assert row.ref.uid == uid
    assert row.ref.uidvalidity == page.selected.uidvalidity == alice.uidvalidity()
    assert row.subject == "Grüße"
    assert [(a.name, a.address) for a in row.senders] == [("Jörg", "joerg@example.net")]
    assert [a.address for a in row.recipients] == ["alice@example.org", "bob@example.org", "charlie@example.org"]
    assert row.flags == {SEEN, "$Forwarded"}
    assert row.arrived == when
    assert row.date == datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
    assert row.message_id == "<1@example.net>"
    assert row.size == len(head + body)
    assert row.attached
    assert (row.snippet or "").startswith("Schöne Grüße aus Köln")


def test_reading_a_page_marks_nothing(conn: Connection, alice: Person) -> None:
    """R13."""
    uid = alice.append(letter())
    fetch.page(conn, INBOX)
    assert alice.flags(uid) == set()


def test_an_empty_mailbox_has_an_empty_page(conn: Connection) -> None:
    page = fetch.page(conn, INBOX)
    assert (page.rows, page.first, page.last, page.total, page.older, page.newer) == ((), 0, 0, 0, None, None)


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\n",
        b"\r\nbody only\r\n",
        b"Subject: no body\r\n",
        b"Subject: x\r\n\r\n",
        b"Subject: \xff\xfe raw\r\nFrom: \xe4\r\n\r\nx",
        b"From: " + b"a" * 5000 + b"\r\n\r\nx",
        b"To: " + b", ".join(b"someone%d@example.org" % n for n in range(4000)) + b"\r\nSubject: behind\r\n\r\nx",
    ],
)
def test_a_broken_message_is_a_row_all_the_same(conn: Connection, alice: Person, raw: bytes) -> None:
    alice.append_all([letter("before"), raw, letter("after")])
    page = fetch.page(conn, INBOX)
    assert len(page.rows) == 3
    assert {page.rows[0].subject, page.rows[2].subject} == {"before", "after"}


def test_rows_are_sorted_by_arrival_inside_the_page(conn: Connection, alice: Person) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for days in (5, 1, 9, 9):
        alice.append(letter(f"day {days}"), when=start + timedelta(days=days))
    assert uids(fetch.page(conn, INBOX)) == [4, 3, 2, 1]
    assert [row.ref.uid for row in fetch.page(conn, INBOX).rows] == [4, 3, 1, 2]


# --- walking ----------------------------------------------------------------------------------------------------------


def test_pages_lead_to_the_end_and_back(conn: Connection, alice: Person) -> None:
    everything = fill(alice, 23)[::-1]
    first = fetch.page(conn, INBOX, size=10)
    assert (uids(first), first.first, first.last, first.total, first.newer) == (everything[:10], 1, 10, 23, None)
    second = fetch.page(conn, INBOX, size=10, before=first.older)
    assert (uids(second), second.first, second.last) == (everything[10:20], 11, 20)
    third = fetch.page(conn, INBOX, size=10, before=second.older)
    assert (uids(third), third.first, third.last, third.older) == (everything[20:], 21, 23, None)
    back = fetch.page(conn, INBOX, size=10, after=third.newer)
    assert uids(back) == uids(second)
    top = fetch.page(conn, INBOX, size=10, after=back.newer)
    assert (uids(top), top.newer, top.first) == (uids(first), None, 1)


@pytest.mark.parametrize(("only", "flag", "wanted"), [("unread", SEEN, False), ("starred", FLAGGED, True)])
def test_pages_of_unread_or_starred_mail_only(
    conn: Connection, alice: Person, only: Any, flag: str, wanted: bool
) -> None:
    expected: list[Uid] = []
    for number, uid in enumerate(fill(alice, 20)):
        if number % 3 == 0:
            alice.mark(uid, flag)
        if (number % 3 == 0) is wanted:
            expected.insert(0, uid)
    first = fetch.page(conn, INBOX, size=4, only=only)
    assert (uids(first), first.first, first.last, first.total) == (expected[:4], 1, 4, len(expected))
    assert first.selected.unseen == (len(expected) if only == "unread" else None)
    second = fetch.page(conn, INBOX, size=4, only=only, before=first.older)
    assert uids(second) == expected[4:8]
    assert uids(fetch.page(conn, INBOX, size=4, only=only, after=second.newer)) == expected[:4]


@pytest.mark.parametrize("seed", range(3))
def test_whatever_comes_and_goes_no_row_is_lost_or_repeated(conn: Connection, alice: Person, seed: int) -> None:
    chance = random.Random(seed)
    present = set(fill(alice, 60))
    stay, shown, before = set(present), [], None
    while True:
        page = fetch.page(conn, INBOX, size=7, before=before)
        shown += uids(page)
        if page.older is None:
            break
        before = page.older
        for uid in chance.sample(sorted(present), min(3, len(present))):
            alice.expunge(uid)
            present.discard(uid)
            stay.discard(uid)
        present.add(alice.append(letter("just arrived")))
    assert len(shown) == len(set(shown)), "repeated"
    assert stay <= set(shown), "lost"
    assert shown == sorted(shown, reverse=True)


@pytest.mark.parametrize("seed", range(2))
def test_and_none_on_the_way_back(conn: Connection, alice: Person, seed: int) -> None:
    chance = random.Random(seed)
    everything = fill(alice, 40)
    stay, shown, after = set(everything), [], Uid(1)
    while True:
        page = fetch.page(conn, INBOX, size=7, after=after)
        shown += sorted(uids(page))
        if page.newer is None:
            break
        after = page.newer
        gone = chance.choice(sorted(stay))
        alice.expunge(gone)
        stay.discard(gone)
        if len(shown) < 25:
            stay.add(alice.append(letter("just arrived")))
    assert len(shown) == len(set(shown))
    assert stay - {1} <= set(shown)


def test_the_message_that_the_page_is_counted_from_may_be_gone(conn: Connection, alice: Person) -> None:
    fill(alice, 20)
    page = fetch.page(conn, INBOX, size=5)
    assert page.older == 16
    alice.expunge(16)
    assert uids(fetch.page(conn, INBOX, size=5, before=page.older)) == [15, 14, 13, 12, 11]


def test_beyond_the_oldest_there_is_a_way_back(conn: Connection, alice: Person) -> None:
    fill(alice, 5)
    page = fetch.page(conn, INBOX, before=Uid(1))
    assert (page.rows, page.older) == ((), None)
    assert uids(fetch.page(conn, INBOX, after=page.newer)) == [5, 4, 3, 2, 1]


def test_beyond_the_newest_there_is_a_way_back(conn: Connection, alice: Person) -> None:
    fill(alice, 5)
    page = fetch.page(conn, INBOX, after=Uid(5))
    assert (page.rows, page.newer) == ((), None)
    assert uids(fetch.page(conn, INBOX, before=page.older)) == [5, 4, 3, 2, 1]


def test_new_mail_is_on_the_page_of_a_connection_that_had_the_mailbox_open(conn: Connection, alice: Person) -> None:
    assert fetch.page(conn, INBOX).total == 0
    alice.append(letter("new"))
    assert [row.subject for row in fetch.page(conn, INBOX).rows] == ["new"]


def test_a_rebuilt_mailbox_is_shown_as_it_is_now(conn: Connection, alice: Person, monkeypatch: Any) -> None:
    """Although this connection has the old one open; within a time that a reader can wait."""
    alice.create("Projects")
    projects = MailboxName("Projects")
    old = fetch.page(conn, projects).selected.uidvalidity
    alice.rebuild("Projects")
    alice.append(letter("new"), "Projects")
    monkeypatch.setattr(selection, "_TRUSTED", -1.0)
    assert [row.subject for row in fetch.page(conn, projects).rows] == ["new"]
    with pytest.raises(errors.MailboxRebuilt):
        fetch.page(conn, projects, uidvalidity=old)
    with pytest.raises(errors.MailboxRebuilt):
        fetch.message(conn, MessageRef(projects, old, Uid(1)))


def test_a_link_into_a_mailbox_that_was_rebuilt_under_the_connection(conn: Connection, alice: Person) -> None:
    alice.create("Projects")
    projects = MailboxName("Projects")
    old = fetch.page(conn, projects).selected.uidvalidity
    alice.rebuild("Projects")
    alice.append(letter("another"), "Projects")
    # Dovecot says so at the next SELECT, or hangs up ("session state is inconsistent") and the pool dials anew.
    with pytest.raises((errors.MailboxRebuilt, errors.ConnectionLost)):
        fetch.message(conn, MessageRef(projects, old, Uid(1)))


def test_a_page_costs_the_same_number_of_commands_in_every_mailbox(conn: Connection, alice: Person) -> None:
    counts: list[int] = []
    for size in (30, 300):
        fill(alice, size)
        fetch.select(conn, INBOX)
        for options in ({}, {"before": Uid(25)}, {"after": Uid(3)}, {"only": "unread"}):
            conn.state = State()
            counts.append(asked(conn, lambda options=options: fetch.page(conn, INBOX, size=10, **options)))
            assert asked(conn, lambda options=options: fetch.page(conn, INBOX, size=10, **options)) == 1
    assert counts[:4] == counts[4:]
    assert max(counts) <= 5


def asked(conn: Connection, work: Callable[[], Any]) -> int:
    """How many commands the work takes."""
    real, count = conn.command, 0

    def counting(*args: Any, **options: Any) -> Any:
        nonlocal count
        count += 1
        return real(*args, **options)

    conn.command = counting  # type: ignore[method-assign]
    try:
        work()
    finally:
        conn.command = real  # type: ignore[method-assign]
    return count


# --- servers that misbehave -------------------------------------------------------------------------------------------

SELECTED = """* FLAGS (\\Seen)
* {count} EXISTS
* OK [UIDVALIDITY 7] valid
* OK [UIDNEXT 100] next
{{tag}} OK [READ-WRITE] selected"""


def select_of(count: int) -> str:
    return SELECTED.format(count=count)


def row(sequence: int, uid: int, flags: str = "", subject: str = "x", date: str = "01-Jan-2026 00:00:00 +0000") -> str:
    head = f"Subject: {subject} {uid}\r\n\r\n"
    return (
        f'* {sequence} FETCH (UID {uid} FLAGS ({flags}) INTERNALDATE "{date}" RFC822.SIZE 9'
        f" BODY[HEADER.FIELDS (SUBJECT)]<0> {{{len(head)}}}\r\n{head})\r\n"
    )


def answer(*rows: str) -> bytes:
    return "".join(rows).encode() + b"{tag} OK done\r\n"


def texts(*uid: int) -> bytes:
    return b"".join(b"* %d FETCH (UID %d BODY[TEXT]<0> {2}\r\nhi)\r\n" % (u, u) for u in uid) + b"{tag} OK done\r\n"


@pytest.mark.parametrize(
    "bad",
    [
        row(2, 2, flags='"quoted'),
        row(2, 2, flags="a[b"),
        row(2, 2, date="no date at all"),
        row(2, 2, date="99-Foo-0000 99:99:99 +9999"),
        "* 2 FETCH (UID 2 FLAGS () RFC822.SIZE 5 INTERNALDATE NIL BODY[HEADER.FIELDS (SUBJECT)] {9}\r\nSubject: x)\r\n",
        "* 2 FETCH (UID 2 FLAGS (\r\n",
        "* 2 FETCH (UID 2 FLAGS NIL RFC822.SIZE NIL INTERNALDATE 5 BODY[HEADER.FIELDS (SUBJECT)] NIL)\r\n",
        "* 2 FETCH (UID 2 UID)\r\n",
        "* 2 FETCH " + "(" * 3000 + " UID 2 \r\n",
    ],
)
def test_one_message_that_makes_no_sense_costs_only_itself(
    connect: Any, scripted: Callable[..., Scripted], bad: str
) -> None:
    server = scripted(
        {"SELECT": select_of(3), "FETCH": answer(row(1, 1), bad, row(3, 3)), "UID FETCH": Turns(texts(), texts(1, 3))}
    )
    page = fetch.page(connect(server), INBOX)
    assert {row.ref.uid for row in page.rows} == {1, 2, 3}
    assert {row.subject for row in page.rows if row.ref.uid != 2} == {"x 1", "x 3"}


def test_a_server_that_refuses_one_message_still_shows_the_others(
    connect: Any, scripted: Callable[..., Scripted]
) -> None:
    def fetching(wire: Any, command: Any) -> None:
        low, _, high = command.words[0].partition(":")
        wanted = range(int(low), int(high or low) + 1)
        if 5 in wanted and b"BODY" in command.arguments:
            wire.send(command.tag + b" NO [SERVERBUG] internal error\r\n")
            return
        wire.send("".join(row(n, n) for n in wanted).encode() + command.tag + b" OK done\r\n")

    server = scripted({"SELECT": select_of(10), "FETCH": fetching, "UID FETCH": texts()})
    page = fetch.page(connect(server), INBOX)
    assert {row.ref.uid for row in page.rows} == set(range(1, 11))


def test_a_server_that_refuses_every_row_is_not_shown_as_an_empty_folder(
    connect: Any, scripted: Callable[..., Scripted]
) -> None:
    server = scripted({"SELECT": select_of(3), "FETCH": "{tag} NO [SERVERBUG] no"})
    with pytest.raises(errors.ServerRefused) as refused:
        fetch.page(connect(server), INBOX)
    assert "SERVERBUG" in refused.value.server_text


def test_an_expunge_inside_fetch_starts_the_page_again(connect: Any, scripted: Callable[..., Scripted]) -> None:
    """RFC 9051 7.5.1 forbids it; a server that does it anyway shifts the window under us."""
    server = scripted(
        {
            "SELECT": Turns(select_of(4), select_of(3)),
            "FETCH": Turns(answer(row(3, 3), "* 1 EXPUNGE\r\n", row(4, 4)), answer(row(2, 3), row(3, 4))),
            "UID FETCH": texts(),
        }
    )
    page = fetch.page(connect(server), INBOX, size=2)
    assert [row.ref.uid for row in page.rows] == [4, 3]
    assert (page.total, page.selected.messages) == (3, 3)
    assert [command.words[0] for command in server.asked("FETCH")] == ["3:4", "2:3"]


def test_rows_that_the_page_did_not_ask_for_are_not_shown(connect: Any, scripted: Callable[..., Scripted]) -> None:
    server = scripted(
        {
            "SELECT": select_of(9),
            "SEARCH": "* SEARCH 1 2 3\n{tag} OK done",
            "FETCH": answer(row(3, 3), row(9, 9), "* 2 FETCH (FLAGS (\\Seen))\r\n"),
            "UID FETCH": Turns("{tag} OK done", texts()),
        }
    )
    page = fetch.page(connect(server), INBOX, size=2, before=Uid(4))
    assert [row.ref.uid for row in page.rows] == [3]


def test_expungeissued_beside_rows_is_no_failure(connect: Any, scripted: Callable[..., Scripted]) -> None:
    gone = row(1, 1).encode() + b"{tag} NO [EXPUNGEISSUED] some are gone\r\n"
    server = scripted({"SELECT": select_of(2), "FETCH": gone, "UID FETCH": texts(1)})
    assert [row.ref.uid for row in fetch.page(connect(server), INBOX).rows] == [1]
    assert len(server.asked("FETCH")) == 1


def test_later_news_about_a_row_stands(connect: Any, scripted: Callable[..., Scripted]) -> None:
    rows = answer(row(1, 1), "* 1 FETCH (FLAGS (\\seen \\Recent))\r\n")
    server = scripted({"SELECT": select_of(1), "FETCH": rows, "UID FETCH": texts(1)})
    page = fetch.page(connect(server), INBOX)
    assert page.rows[0].flags == {SEEN}
    assert page.rows[0].subject == "x 1"
    assert page.selected.uidvalidity == UidValidity(7)
