"""Moving and removing, on every kind of server, and never more than was asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.imap.mailbox_of import INBOX, TRASH, WHEN, fill, subjects, validity
from tests.servers.answers import Close
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, Person, letter
from tests.servers.scripted import Scripted
from webmail import errors
from webmail.imap import append, fetch, move
from webmail.imap.connection import Connection
from webmail.mail.flags import DELETED, FLAGGED, FORWARDED
from webmail.mail.ids import MailboxName, Uid, UidValidity

SERVERS = {
    "with MOVE": frozenset[str](),
    "with UIDPLUS only": frozenset({"MOVE"}),
    "with neither": frozenset({"MOVE", "UIDPLUS"}),
}


@pytest.fixture(params=SERVERS)
def any_conn(request: Any, connect: Any, alice: Person) -> Connection:
    made: Connection = connect(alice)
    made.capabilities -= SERVERS[request.param]
    return made


def test_messages_move_with_their_flags_and_nothing_else_does(any_conn: Connection, alice: Person) -> None:
    uids = fill(alice, 4)
    alice.mark(uids[1], FLAGGED)
    alice.mark(uids[2], FORWARDED)
    moved = move.move(any_conn, INBOX, validity(alice), [uids[1], uids[2]], TRASH)
    assert subjects(alice) == ["number 1", "number 4"]
    arrived = alice.messages("Trash")
    assert [message.header("Subject") for message in arrived] == ["number 2", "number 3"]
    assert [message.flags for message in arrived] == [{FLAGGED}, {FORWARDED}]
    assert moved.uidvalidity == validity(alice, "Trash")
    assert moved.mapping == {uids[1]: arrived[0].uid, uids[2]: arrived[1].uid}
    assert not moved.left


def test_a_move_can_be_undone_by_what_it_tells(any_conn: Connection, alice: Person) -> None:
    uids = fill(alice, 3)
    moved = move.move(any_conn, INBOX, validity(alice), uids, TRASH)
    assert moved.mapping is not None
    assert moved.uidvalidity is not None
    move.move(any_conn, TRASH, moved.uidvalidity, list(moved.mapping.values()), INBOX)
    assert subjects(alice) == ["number 1", "number 2", "number 3"]
    assert subjects(alice, "Trash") == []


def test_what_is_gone_does_not_stop_the_rest(any_conn: Connection, alice: Person) -> None:
    uids = fill(alice, 3)
    fetch.select(any_conn, INBOX)
    alice.expunge(uids[0])
    moved = move.move(any_conn, INBOX, validity(alice), [*uids[:2], Uid(4000)], TRASH)
    assert subjects(alice) == ["number 3"]
    assert subjects(alice, "Trash") == ["number 2"]
    assert set(moved.mapping or ()) == {uids[1]}


def test_everything_gone_is_no_error(any_conn: Connection, alice: Person) -> None:
    (uid,) = fill(alice, 1)
    alice.expunge(uid)
    assert move.move(any_conn, INBOX, validity(alice), [uid], TRASH).mapping is None


def test_a_destination_that_is_not_there(any_conn: Connection, alice: Person) -> None:
    uids = fill(alice, 2)
    with pytest.raises(errors.MailboxMissing):
        move.move(any_conn, INBOX, validity(alice), uids, MailboxName("Nowhere"))
    assert [message.flags for message in alice.messages()] == [set(), set()]


def test_moving_to_the_same_place_does_nothing(any_conn: Connection, alice: Person) -> None:
    (uid,) = fill(alice, 1)
    assert move.move(any_conn, INBOX, validity(alice), [uid], INBOX).mapping == {uid: uid}
    assert [message.uid for message in alice.messages()] == [uid]


def test_a_full_mailbox_keeps_the_original(another_dovecot: Callable[..., Dovecot], connect: Any) -> None:
    server = another_dovecot(quota=20_000)
    person = server.person(ALICE)
    (uid,) = (Uid(u) for u in person.append_all([letter(text="x" * 12_000)]))
    conn = connect(person)
    conn.capabilities -= {"MOVE"}
    with pytest.raises(errors.QuotaExceeded):
        move.move(conn, INBOX, validity(person), [uid], TRASH)
    with pytest.raises(errors.QuotaExceeded):
        append.append(conn, INBOX, letter(text="y" * 12_000), [], WHEN)
    assert [message.flags for message in person.messages()] == [set()]


@pytest.mark.parametrize("work", ["move", "expunge"])
def test_without_uidplus_what_another_device_marked_is_not_removed(connect: Any, alice: Person, work: str) -> None:
    uids = fill(alice, 3)
    alice.mark(uids[0], DELETED)
    conn = connect(alice)
    conn.capabilities -= {"MOVE", "UIDPLUS"}
    if work == "move":
        assert not move.move(conn, INBOX, validity(alice), [uids[1]], TRASH).left
    else:
        assert move.expunge(conn, INBOX, validity(alice), [uids[1]])
    assert [(message.uid, message.flags) for message in alice.messages()] == [(uids[0], {DELETED}), (uids[2], set())]


def test_without_uidplus_what_is_marked_in_this_very_moment_is_not_removed_and_ours_stays_marked(
    connect: Any, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between taking the marks of others away and EXPUNGE another device marks one more."""
    uids = fill(alice, 4)
    alice.mark(uids[0], DELETED)
    conn = connect(alice)
    conn.capabilities -= {"MOVE", "UIDPLUS"}
    mark = move._mark

    def and_another(conn: Connection, part: bytes, how: bytes) -> bool:
        if how.startswith(b"-"):
            alice.mark(uids[3], DELETED)
        return mark(conn, part, how)

    monkeypatch.setattr(move, "_mark", and_another)
    assert move.move(conn, INBOX, validity(alice), [uids[1]], TRASH).left
    assert [message.flags for message in alice.messages()] == [{DELETED}, {DELETED}, set(), {DELETED}]


@pytest.mark.parametrize("lacking", [frozenset[str](), frozenset({"UIDPLUS"})])
def test_removing_for_good_removes_only_what_was_asked(connect: Any, alice: Person, lacking: frozenset[str]) -> None:
    uids = fill(alice, 4)
    if not lacking:
        alice.mark(uids[0], DELETED)
    conn = connect(alice)
    conn.capabilities -= lacking
    assert move.expunge(conn, INBOX, validity(alice), [uids[1], uids[3]])
    assert [message.uid for message in alice.messages()] == [uids[0], uids[2]]


def test_a_copy_that_failed_removes_nothing(connect: Any, scripted: Callable[..., Scripted]) -> None:
    opened = "* 1 EXISTS\n* OK [UIDVALIDITY 7] x\n{tag} OK [READ-WRITE] x"
    for answer in ("{tag} NO no", Close()):
        server = scripted({"SELECT": opened, "UID COPY": answer}, capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR UIDPLUS")
        with pytest.raises(errors.MailError):
            move.move(connect(server), INBOX, UidValidity(7), [Uid(1)], TRASH)
        assert [name for name in server.names() if name != "SELECT"][-1] == "UID COPY"


def test_copyuid_is_read_in_the_tagged_and_in_the_untagged_ok(connect: Any, scripted: Callable[..., Scripted]) -> None:
    """RFC 4315 3 puts it into the tagged OK, RFC 6851 4.3 before the EXPUNGEs."""
    opened = "* 9 EXISTS\n* OK [UIDVALIDITY 7] x\n{tag} OK [READ-WRITE] x"
    for answer in (
        "{tag} OK [COPYUID 8 1:2 11:12] done",
        "* OK [COPYUID 8 1:2 11:12] here\n* 1 EXPUNGE\n* 1 EXPUNGE\n{tag} OK done",
    ):
        conn = connect(scripted({"SELECT": opened, "UID MOVE": answer}))
        moved = move.move(conn, INBOX, UidValidity(7), [Uid(1), Uid(2)], TRASH)
        assert (moved.uidvalidity, moved.mapping) == (8, {1: 11, 2: 12})
