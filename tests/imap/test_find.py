"""Searches on a real server, against a matcher that looks at octets: with all that Dovecot offers, and with little."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.imap.conftest import Connect
from tests.imap.mailbox_of import INBOX
from tests.mail.searches import TABLE, Letter, letters, matches
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, CHARLIE, Person, letter
from tests.servers.scripted import Scripted
from webmail.imap import connection, everything, find, sweep
from webmail.imap.connection import Connection
from webmail.mail.ids import MailboxName, Uid
from webmail.mail.program import Asker
from webmail.mail.query import parse

EXTRAS = frozenset({
    "ESEARCH", "SORT", "ESORT", "THREAD=REFS", "THREAD=REFERENCES", "MOVE", "UIDPLUS", "WITHIN", "CONTEXT=SEARCH",
    "CONDSTORE", "QRESYNC", "NOTIFY", "PREVIEW", "LIST-STATUS", "LITERAL+", "SEARCHRES",
})  # fmt: skip


@pytest.fixture(scope="module")
def sixty(dovecot: Dovecot) -> tuple[Person, dict[int, Letter]]:
    """Charlie with sixty letters, by UID. Nothing here changes them."""
    dovecot.wipe(CHARLIE)
    charlie, now = dovecot.person(CHARLIE), datetime.now(UTC)
    with charlie.imap() as client:
        for one in letters(now):
            client.append("INBOX", one.raw, [flag.encode() for flag in one.flags], one.when)
    return charlie, dict(enumerate(letters(now), 1))


def found(conn: Connection, typed: str, **more: Any) -> list[int]:
    asker = Asker(ALICE.address, datetime.now(UTC))
    return [row.ref.uid for row in find.page(conn, INBOX, parse(typed).root, asker, **({"size": 100} | more)).rows]


@pytest.mark.parametrize("lacking", [frozenset(), EXTRAS], ids=["all extensions", "none"])
def test_every_search_of_the_table_finds_what_the_matcher_finds(
    connect: Connect, sixty: tuple[Person, dict[int, Letter]], lacking: frozenset[str]
) -> None:
    charlie, stored = sixty
    conn = connect(charlie)
    conn.capabilities -= lacking
    if lacking:
        conn._client.may_push_literals = False
    now, some, wrong = datetime.now(UTC), 0, []
    more = ("is:unread OR filename:pdf", "-filename:käse has:attachment", "has:attachment -from:bob", "grüße", "JOSÉ",
            "(has:attachment is:starred) OR (-has:attachment from:dora)", "ferry -subject:ferry", "newer_than:2d",
            "older_than:100d", "newer_than:4h", "filename:.PNG OR subject:käse")  # fmt: skip
    for typed in (*TABLE, *more):
        root = parse(typed).root
        wanted = {uid for uid, one in stored.items() if matches(root, one, now)}
        got = found(conn, typed)
        some += bool(wanted) and len(wanted) < len(stored)
        if set(got) != wanted or len(got) != len(wanted):
            wrong.append((typed, sorted(set(got) ^ wanted)))
    assert wrong == []
    assert some > 60, "most of them find some and not all"


def test_pages_go_from_the_newest_to_the_oldest_and_ask_once(
    conn: Connection, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    uids = alice.append_all([letter(f"Report {n}") for n in range(23)] + [letter("Other")])
    asked = counted(monkeypatch)
    page = partial(find.page, conn, INBOX, parse("subject:report").root, Asker("", datetime.now(UTC)), size=10)
    first = page()
    assert (first.total, first.first, first.newer) == (23, 1, None)
    second = page(before=first.older)
    assert (second.total, second.first) == (23, 11)
    third = page(before=second.older)
    assert third.older is None
    assert [row.ref.uid for one in (first, second, third) for row in one.rows] == uids[22::-1]
    assert page(after=third.newer).rows == second.rows
    assert asked.count(b"UID SEARCH") == 1


def test_mail_that_comes_and_goes_between_two_pages_repeats_and_loses_no_row(conn: Connection, alice: Person) -> None:
    uids = alice.append_all([letter(f"Report {n}") for n in range(30)])
    page = partial(find.page, conn, INBOX, parse("subject:report").root, Asker("", datetime.now(UTC)), size=10)
    first = page()
    alice.append(letter("Report new"))
    for uid in (uids[25], uids[12]):
        alice.expunge(uid)
    second = page(before=first.older)
    assert second.total == 29
    third = page(before=second.older)
    seen = [row.ref.uid for one in (first, second, third) for row in one.rows]
    assert sorted(seen) == sorted(set(uids) - {uids[12]})
    assert len(page(after=first.rows[0].ref.uid).rows) == 1


def test_a_message_that_was_read_meanwhile_is_no_reason_to_search_every_text_again(
    conn: Connection, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    uids = alice.append_all([letter(text=f"island {n}\r\n") for n in range(5)])
    page = partial(find.page, conn, INBOX, parse("island").root, Asker("", datetime.now(UTC)))
    assert page().total == 5
    alice.mark(uids[0], "\\Seen")
    sent = spoken(monkeypatch)
    assert page().total == 5
    assert all(b"UID" in words[1:] or any(b"UID " in bytes(word) for word in words) for words in sent), sent
    alice.mark(uids[1], "\\Seen")
    by_flag = partial(find.page, conn, INBOX, parse("is:unread").root, Asker("", datetime.now(UTC)))
    assert by_flag().total == 3
    alice.mark(uids[2], "\\Seen")
    assert by_flag().total == 2, "where flags decide, they are asked for again"


def test_more_than_is_kept_is_found_behind_it(conn: Connection, alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "WINDOW", 8)
    alice.append_all([letter(f"Report {n}") for n in range(30)])
    for lacking in (frozenset[str](), EXTRAS):
        conn.capabilities -= lacking
        conn.state.finds.forget(INBOX)
        page = partial(find.page, conn, INBOX, parse("subject:report").root, Asker("", datetime.now(UTC)), size=4)
        seen, before = [], None
        while True:
            hits = page(before=before)
            assert hits.total == 30
            seen += [row.ref.uid for row in hits.rows]
            before = hits.older
            if before is None:
                break
        assert seen == list(range(30, 0, -1))


def test_what_has_to_be_looked_at_is_looked_at_so_often_and_goes_on_from_there(
    conn: Connection, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find, "LOOKED_AT", 16)
    monkeypatch.setattr(find, "_CHUNK", 8)
    with_file = next(one.raw for one in letters(datetime.now(UTC)) if b"report.pdf" in one.raw)
    plain = letter(extra="X-Test: multipart/mixed\r\n").replace(b"text/plain;", b"multipart/alternative; boundary=x;")
    alice.append_all([with_file, *[plain] * 30, with_file])
    page = partial(find.page, conn, INBOX, parse("has:attachment").root, Asker("", datetime.now(UTC)), size=5)
    hits = page()
    assert hits.loose
    assert [row.ref.uid for row in hits.rows] == [32]
    assert hits.looked == 16
    assert hits.older is not None
    hits = page(before=hits.older)
    assert [row.ref.uid for row in hits.rows] == [1]
    assert hits.older is None
    assert hits.newer is not None


def test_a_day_is_the_readers_day(conn: Connection, alice: Person) -> None:
    zone = ZoneInfo("Pacific/Auckland")
    midnight = datetime(2026, 3, 5, 0, 0, tzinfo=zone)
    for minutes in (-1, 1, 24 * 60 - 1, 24 * 60 + 1):
        alice.append(letter(), when=midnight + timedelta(minutes=minutes))
    asker = Asker("", datetime.now(zone))
    hits = find.page(conn, INBOX, parse("on:2026-03-05").root, asker)
    assert sorted(row.ref.uid for row in hits.rows) == [2, 3]


# --- letters outside ASCII --------------------------------------------------------------------------------------------


def deafen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server does not search in UTF-8: it gets a charset that it really refuses, with the code of RFC 9051 7.1."""
    command, together = connection.Connection.command, connection.Connection.together

    def wrong(words: Iterable[Any]) -> tuple[Any, ...]:
        return tuple(b"KLINGON" if word == b"UTF-8" else word for word in words)

    monkeypatch.setattr(
        connection.Connection, "command", lambda self, *words, **more: command(self, *wrong(words), **more)
    )
    monkeypatch.setattr(connection.Connection, "together", lambda self, lines: together(self, [*map(wrong, lines)]))


def test_a_server_that_refuses_the_charset_gets_a_wider_search_and_the_letters_are_compared_here(
    connect: Connect, sixty: tuple[Person, dict[int, Letter]], monkeypatch: pytest.MonkeyPatch
) -> None:
    charlie, stored = sixty
    conn = connect(charlie)
    deafen(monkeypatch)
    now = datetime.now(UTC)
    for typed in (
        "käse",
        "subject:käse -is:starred",
        "from:JOSÉ",
        "grüße OR subject:report",
        "-grüße",
        "日本",
        "to:käse",
    ):
        root = parse(typed).root
        wanted = {uid for uid, one in stored.items() if matches(root, one, now)}
        hits = find.page(conn, INBOX, root, Asker("", now), size=100)
        assert {row.ref.uid for row in hits.rows} == wanted, typed
        assert hits.reads
        every = everything.everything(conn, INBOX, hits.selected.uidvalidity, root, Asker("", now), Uid(4_000_000))
        assert set(every) == wanted, typed
    conn.state.finds.forget("charset")
    root, validity = parse("日本").root, hits.selected.uidvalidity
    assert everything.everything(conn, INBOX, validity, root, Asker("", now), Uid(60)), "it asks once more"
    assert not find.page(conn, INBOX, parse("ferry").root, Asker("", now)).reads


# --- many -------------------------------------------------------------------------------------------------------------


def test_ranges_are_counted_and_only_the_newest_are_written_out() -> None:
    assert find.newest(b"") == ([], 0)
    assert find.newest(b"7") == ([7], 1)
    assert find.newest(b"9,1:3") == ([1, 2, 3, 9], 4)
    uids, total = find.newest(b"1:4000000000")
    assert total == 4_000_000_000
    assert uids == list(range(4_000_000_000 - find.WINDOW + 1, 4_000_000_001))


def counted(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The names of the commands from now on."""
    return _listen(monkeypatch, lambda name, _: name)


def spoken(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The searches from now on."""
    heard: list[Any] = []
    _listen(monkeypatch, lambda name, args: heard.append((name, *args)) if name == b"UID SEARCH" else None)
    return heard


def _listen(monkeypatch: pytest.MonkeyPatch, take: Callable[[bytes, Any], Any]) -> list[Any]:
    taken: list[Any] = []
    command = connection.Connection.command

    def listening(self: Connection, name: bytes, *args: Any, **more: Any) -> Any:
        taken.append(take(name, args))
        return command(self, name, *args, **more)

    monkeypatch.setattr(connection.Connection, "command", listening)
    return taken


def test_two_searches_are_not_mixed_up(conn: Connection, alice: Person) -> None:
    alice.append_all([letter("One"), letter("Two")])
    asker = Asker("", datetime.now(UTC))
    assert [row.subject for row in find.page(conn, INBOX, parse("subject:one").root, asker).rows] == ["One"]
    assert [row.subject for row in find.page(conn, INBOX, parse("subject:two").root, asker).rows] == ["Two"]
    assert find.page(conn, INBOX, parse("subject:two").root, asker, before=Uid(2)).rows == ()


# --- many mailboxes at once -------------------------------------------------------------------------------------------

MANY = "IMAP4rev1 AUTH=PLAIN SASL-IR LITERAL+ ESEARCH MULTISEARCH"


def test_one_command_asks_many_mailboxes(connect: Connect, scripted: Callable[..., Scripted]) -> None:
    """RFC 7377; none of the servers here offers it."""
    said = (
        '* ESEARCH (TAG "{tag}" MAILBOX "Box \\"1\\"" UIDVALIDITY 7) UID ALL 4,9:11\n'
        '* ESEARCH (TAG "{tag}" MAILBOX inbox UIDVALIDITY 8) UID ALL 1:4000000000\n'
        '* ESEARCH (TAG "{tag}" MAILBOX {{6}}\nSp\u00e4t UIDVALIDITY 9) UID\n'
        '* ESEARCH (TAG "{tag}" MAILBOX Unasked UIDVALIDITY 9) UID ALL 1\n{tag} OK done'
    ).replace("{{6}}", "{5}")
    server = scripted({"ESEARCH": said}, capabilities=MANY)
    conn = connect(server)
    names = [MailboxName(name) for name in ('Box "1"', "INBOX", "Empty")]
    found = sweep.sweep(conn, names, parse("subject:käse is:unread").root, Asker("", datetime.now(UTC)))
    assert {name: (one.uidvalidity, one.total) for name, one in found.items()} == {
        'Box "1"': (7, 4), "INBOX": (8, 4_000_000_000), "Empty": (0, 0),
    }  # fmt: skip
    assert found[names[0]].uids == [4, 9, 10, 11]
    [asked] = server.asked("ESEARCH")
    assert asked.arguments.replace(b"\r\n", b"") == (
        b'IN (mailboxes ("Box \\"1\\"" "INBOX" "Empty")) RETURN (ALL) CHARSET UTF-8 SUBJECT {5+}'
        + "käse".encode()
        + b" UNSEEN"
    )
    assert not conn.changed


@pytest.mark.parametrize("said", ["{tag} NO not now", "{tag} BAD what"])
def test_where_that_is_refused_each_mailbox_is_asked_by_itself(
    connect: Connect, scripted: Callable[..., Scripted], said: str
) -> None:
    conn = connect(scripted({"ESEARCH": said}, capabilities=MANY))
    assert sweep.sweep(conn, [INBOX], parse("ferry").root, Asker("", datetime.now(UTC))) == {}


def test_what_has_to_be_looked_at_is_not_asked_so_and_nothing_is_where_it_is_not_offered(conn: Connection) -> None:
    asker = Asker("", datetime.now(UTC))
    assert sweep.sweep(conn, [INBOX], parse("ferry").root, asker) == {}
    conn.capabilities |= {"MULTISEARCH"}
    assert sweep.sweep(conn, [INBOX], parse("has:attachment").root, asker) == {}


def test_with_partial_only_the_newest_travel(connect: Connect, scripted: Callable[..., Scripted]) -> None:
    """RFC 9394; neither Dovecot 2.3 nor Cyrus 3.6 has it."""
    said = '* ESEARCH (TAG "{tag}") UID PARTIAL (-1:-2000 5,7:8) COUNT 100000\n{tag} OK done'
    server = scripted({"UID SEARCH": said}, capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR ESEARCH PARTIAL")
    hits = find.page(connect(server), INBOX, parse("is:unread").root, Asker("", datetime.now(UTC)), size=2)
    assert hits.total == 100_000
    assert hits.older == 7
    assert b"RETURN (COUNT PARTIAL -1:-2000) UNSEEN" in server.asked("UID SEARCH")[0].arguments
