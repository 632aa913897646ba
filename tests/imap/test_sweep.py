"""A search through many mailboxes in two round trips: the same rows as one after the other, and nothing out of step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.imap.conftest import Connect
from tests.imap.mailbox_of import INBOX
from tests.imap.test_find import EXTRAS
from tests.mail.searches import TABLE, letters
from tests.servers.dovecot import Dovecot
from tests.servers.people import CHARLIE, Person, letter
from tests.servers.scripted import Scripted
from webmail import errors
from webmail.imap import find, mailboxes, selection, sweep
from webmail.imap.client import Client
from webmail.imap.connection import Connection
from webmail.mail.conditions import Node
from webmail.mail.ids import MailboxName
from webmail.mail.program import Asker
from webmail.mail.query import parse

WHO = Asker("charlie@example.org", datetime.now(UTC))
BOXES = [MailboxName(name) for name in ("INBOX", "Older", "K&AOQ-se", "Empty")]

PLACES = ("INBOX", "Older", "Käse", "Empty")


def ferry() -> Node:
    return parse("ferry").root


@pytest.fixture
def sorted_letters(dovecot: Dovecot) -> Person:
    """Charlie with sixty letters in three folders, and an empty one."""
    dovecot.wipe(CHARLIE)
    charlie = dovecot.person(CHARLIE)
    with charlie.imap() as client:
        for name in PLACES[1:]:
            client.create_folder(name)
        for number, one in enumerate(letters(datetime.now(UTC))):
            client.append(PLACES[number % 3], one.raw, [flag.encode() for flag in one.flags], one.when)
    return charlie


@pytest.mark.parametrize("lacking", [frozenset(), EXTRAS], ids=["all extensions", "none"])
def test_all_in_a_row_find_what_each_finds_by_itself(
    connect: Connect, sorted_letters: Person, lacking: frozenset[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    conn, other = connect(sorted_letters), connect(sorted_letters)
    for each in (conn, other):
        each.capabilities -= lacking
    sent = writes(monkeypatch)
    together = 0
    for typed in [*TABLE][::3]:
        root = parse(typed).root
        conn.noop()
        before = len(sent)
        found = sweep.in_turn(conn, [(name, root) for name in BOXES], WHO, 4)
        assert len(sent) - before <= 2
        together += len(found) == len(BOXES)
        for name, hits in found.items():
            alone = find.page(other, name, root, WHO, size=4, read_only=True)
            assert [(row.ref, row.flags, row.snippet) for row in hits.rows] == [
                (row.ref, row.flags, row.snippet) for row in alone.rows
            ], (typed, name)
            assert (hits.total, hits.older) == (alone.total, alone.older), (typed, name)
    assert together > 15


def writes(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What goes over the sockets from now on, piece by piece."""
    sent: list[bytes] = []
    run = Client.run_together

    def noted(self: Client, commands: object, seconds: float) -> object:
        sent.append(repr(commands).encode())
        return run(self, commands, seconds)  # type: ignore[arg-type]

    monkeypatch.setattr(Client, "run_together", noted)
    return sent


def test_what_is_gone_or_was_made_anew_does_not_mix_up_the_others(connect: Connect, alice: Person) -> None:
    for name in ("One", "Two"):
        alice.create(name)
        alice.append(letter(f"Ferry {name}"), name)
    conn = connect(alice)
    names = [MailboxName(name) for name in ("One", "Missing", "Two")]
    found = sweep.in_turn(conn, [(name, ferry()) for name in names], WHO, 5)
    assert {name: [row.subject for row in hits.rows] for name, hits in found.items()} == {
        "One": ["Ferry One"], "Two": ["Ferry Two"],
    }  # fmt: skip
    with alice.imap() as client:
        client.delete_folder("One")
        client.create_folder("One")
    alice.append_all([letter("Other"), letter("Ferry anew")], "One")
    found = sweep.in_turn(conn, [(name, ferry()) for name in names], WHO, 5)
    assert names[0] not in found, "what is kept of it is of another folder"
    assert [row.subject for row in find.page(conn, names[0], ferry(), WHO).rows] == ["Ferry anew"]
    assert selection.select(conn, INBOX).name == "INBOX"


def test_what_was_searched_and_did_not_change_is_not_searched_again(
    connect: Connect, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice.create("One")
    alice.append(letter("Ferry"), "One")
    conn = connect(alice)
    pairs = [(INBOX, ferry()), (MailboxName("One"), ferry())]
    sweep.in_turn(conn, pairs, WHO, 5)
    sent = writes(monkeypatch)
    assert sweep.in_turn(conn, pairs, WHO, 5)[pairs[1][0]].total == 1
    assert b"SEARCH" not in b"".join(sent)
    alice.append(letter("Another ferry"), "One")
    # What came since is asked for by itself.
    assert pairs[1][0] not in sweep.in_turn(conn, pairs, WHO, 5)
    assert find.page(conn, pairs[1][0], ferry(), WHO).total == 2
    assert sweep.in_turn(conn, pairs, WHO, 5)[pairs[1][0]].total == 2


def test_looking_into_folders_is_no_reason_to_count_them_again(connect: Connect, alice: Person) -> None:
    for name in ("One", "Two"):
        alice.create(name)
        alice.append(letter("Ferry"), name)
    conn = connect(alice)
    mailboxes.list_mailboxes(conn)
    sweep.in_turn(conn, [(MailboxName(name), ferry()) for name in ("One", "Two")], WHO, 5)
    selection.select(conn, INBOX)
    assert conn.folders is not None
    assert {name: conn.folders[MailboxName(name)].unseen for name in ("One", "Two")} == {"One": 1, "Two": 1}
    alice.append(letter("More"), "One")
    assert {box.name: box.messages for box in mailboxes.list_mailboxes(conn)}["One"] == 2


def test_who_leaves_in_the_middle_leaves_a_connection_that_nobody_uses_again(conn: Connection) -> None:
    for reply in conn.together([(b"NOOP",), (b"NOOP",)]):
        assert reply.status == "OK"
        break
    assert conn.broken
    with pytest.raises(errors.ConnectionLost):
        conn.noop()


def test_nothing_that_changes_mail_or_waits_for_the_server_is_sent_in_one_piece(conn: Connection) -> None:
    """R9: every word passes the guard here, too."""
    from webmail.imap import wire

    for line in (
        (b"UID STORE", b"1", b"+FLAGS", b"(\\Seen)"),
        (b"UID SEARCH", wire.Literal(b"x" * 5000)),
        (b"NOOP", b"x\r\ny"),
        (b"NOOP", wire.Literal(b"\0")),
    ):
        with pytest.raises(errors.UnsafeText):
            next(conn.together([(b"NOOP",), line]))
    conn.noop()


def test_a_server_that_ends_in_the_middle_is_said_to_be_gone(
    connect: Connect, scripted: Callable[..., Scripted]
) -> None:
    server = scripted({"UID SEARCH": "* BYE enough\n"}, capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR ESEARCH")
    conn = connect(server, read_timeout=1)
    with pytest.raises((errors.ConnectionLost, errors.ServerTooSlow)):
        sweep.in_turn(conn, [(INBOX, ferry())], WHO, 5)
    assert conn.broken
