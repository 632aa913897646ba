"""What changes mail: flags, moving, removing, appending; on every kind of server, and never more than was asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.servers.answers import Close, Turns
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, Person, letter
from tests.servers.scripted import Scripted
from webmail import errors
from webmail.imap import append, fetch, move, search, store
from webmail.imap.connection import Connection
from webmail.mail.flags import ANSWERED, DELETED, DRAFT, FLAGGED, FORWARDED, SEEN
from webmail.mail.ids import MailboxName, MessageRef, Uid, UidValidity

INBOX = MailboxName("INBOX")
TRASH = MailboxName("Trash")
WHEN = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)

SERVERS = {
    "with MOVE": frozenset[str](),
    "with UIDPLUS only": frozenset({"MOVE"}),
    "with neither": frozenset({"MOVE", "UIDPLUS"}),
}


@pytest.fixture
def conn(connect: Any, alice: Person) -> Connection:
    made: Connection = connect(alice)
    return made


@pytest.fixture(params=SERVERS)
def any_conn(request: Any, connect: Any, alice: Person) -> Connection:
    made: Connection = connect(alice)
    made.capabilities -= SERVERS[request.param]
    return made


def validity(person: Person, mailbox: str = "INBOX") -> UidValidity:
    return UidValidity(person.uidvalidity(mailbox))


def subjects(person: Person, mailbox: str = "INBOX") -> list[str | None]:
    return [message.header("Subject") for message in person.messages(mailbox)]


def fill(person: Person, count: int) -> list[Uid]:
    return [Uid(uid) for uid in person.append_all(letter(f"number {n}") for n in range(1, count + 1))]


# --- flags ------------------------------------------------------------------------------------------------------------


def test_flags_are_added_and_removed(conn: Connection, alice: Person) -> None:
    one, _, three = fill(alice, 3)
    alice.mark(one, FLAGGED)
    store.change_flags(conn, INBOX, validity(alice), [one, three], add=[SEEN, FORWARDED], remove=[FLAGGED])
    assert [message.flags for message in alice.messages()] == [{SEEN, FORWARDED}, set(), {SEEN, FORWARDED}]


def test_a_message_that_is_gone_is_passed_over(conn: Connection, alice: Person) -> None:
    one, two = fill(alice, 2)
    fetch.select(conn, INBOX)
    alice.expunge(one)
    store.change_flags(conn, INBOX, validity(alice), [one, two, Uid(999)], add=[SEEN])
    assert [message.flags for message in alice.messages()] == [{SEEN}]


def test_a_message_that_came_after_the_mailbox_was_opened_is_marked_too(conn: Connection, alice: Person) -> None:
    fetch.select(conn, INBOX)
    (uid,) = fill(alice, 1)
    store.change_flags(conn, INBOX, validity(alice), [uid], add=[SEEN])
    assert alice.flags(uid) == {SEEN}


def test_no_other_message_takes_the_place_of_a_uid(conn: Connection, alice: Person) -> None:
    """Sequence numbers shift when somebody else removes a message; UIDs do not."""
    uids = fill(alice, 5)
    fetch.page(conn, INBOX)
    alice.expunge(uids[0])
    alice.expunge(uids[1])
    store.change_flags(conn, INBOX, validity(alice), [uids[3]], add=[SEEN])
    assert [message.uid for message in alice.messages() if SEEN in message.flags] == [uids[3]]


def test_nothing_is_done_in_a_mailbox_that_was_rebuilt(conn: Connection, alice: Person) -> None:
    (uid,) = fill(alice, 1)
    old = UidValidity(validity(alice) - 1)
    for work in (
        lambda: store.change_flags(conn, INBOX, old, [uid], add=[SEEN]),
        lambda: move.move(conn, INBOX, old, [uid], TRASH),
        lambda: move.expunge(conn, INBOX, old, [uid]),
    ):
        with pytest.raises(errors.MailboxRebuilt):
            work()
    assert alice.flags(uid) == set()


def test_many_messages_are_marked_at_once(conn: Connection, alice: Person) -> None:
    uids = fill(alice, 60)[::2]
    store.change_flags(conn, INBOX, validity(alice), uids, add=[SEEN])
    assert [message.uid for message in alice.messages() if SEEN in message.flags] == uids


def test_keywords_that_the_mailbox_does_not_keep_are_left_out(connect: Any, scripted: Callable[..., Scripted]) -> None:
    """imap4d answers BAD to the whole STORE, pymap drops them in silence."""
    opened = "* 1 EXISTS\n* OK [PERMANENTFLAGS (\\Seen \\Answered)] x\n* OK [UIDVALIDITY 7] x\n{tag} OK [READ-WRITE] x"
    server = scripted({"SELECT": opened, "UID STORE": "{tag} OK done"})
    conn = connect(server)
    store.change_flags(conn, INBOX, UidValidity(7), [Uid(1)], add=[ANSWERED, FORWARDED])
    store.change_flags(conn, INBOX, UidValidity(7), [Uid(1)], add=[FORWARDED])
    assert [command.arguments for command in server.asked("UID STORE")] == [b"1 +FLAGS.SILENT (\\Answered)"]
    with pytest.raises(errors.MailboxReadOnly):
        store.change_flags(conn, INBOX, UidValidity(7), [Uid(1)], add=[FLAGGED])


@pytest.mark.parametrize(
    "opened",
    [
        "* OK [UIDVALIDITY 7] x\n{tag} OK [READ-ONLY] x",
        "* OK [UIDVALIDITY 7] x\n* OK [PERMANENTFLAGS ()] x\n{tag} OK [READ-WRITE] x",
    ],
)
def test_a_read_only_mailbox_is_told_before_anything_is_tried(
    connect: Any, scripted: Callable[..., Scripted], opened: str
) -> None:
    server = scripted({"SELECT": opened})
    with pytest.raises(errors.MailboxReadOnly):
        store.change_flags(connect(server), INBOX, UidValidity(7), [Uid(1)], add=[SEEN])
    assert server.names()[-1] == "SELECT"


def test_a_mailbox_opened_to_read_is_opened_again_to_write(conn: Connection, alice: Person) -> None:
    (uid,) = fill(alice, 1)
    assert fetch.select(conn, INBOX, read_only=True).read_only
    store.change_flags(conn, INBOX, validity(alice), [uid], add=[SEEN])
    assert alice.flags(uid) == {SEEN}
    assert not fetch.select(conn, INBOX, read_only=True).read_only, "and stays open"


def test_no_messages_no_command(connect: Any, scripted: Callable[..., Scripted]) -> None:
    server = scripted()
    conn = connect(server)
    store.change_flags(conn, INBOX, UidValidity(7), [], add=[SEEN])
    move.move(conn, INBOX, UidValidity(7), [], TRASH)
    move.expunge(conn, INBOX, UidValidity(7), [])
    assert "SELECT" not in server.names()


# --- moving -----------------------------------------------------------------------------------------------------------


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
        assert move.move(conn, INBOX, validity(alice), [uids[1]], TRASH).left
    else:
        assert not move.expunge(conn, INBOX, validity(alice), [uids[1]])
    assert [message.flags for message in alice.messages()] == [{DELETED}, {DELETED}, set()]


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
        assert server.names()[-1] == "UID COPY"


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


# --- appending --------------------------------------------------------------------------------------------------------


def test_a_message_is_stored_with_flags_and_time(conn: Connection, alice: Person) -> None:
    when = datetime(2026, 3, 3, 23, 30, 1, tzinfo=timezone(-timedelta(hours=9, minutes=30)))
    message = letter("kept", text="ä" * 5000 + "\r\n")
    ref = append.append(conn, MailboxName("Drafts"), message, [DRAFT, SEEN], when)
    (stored,) = alice.messages("Drafts")
    assert ref == MessageRef(MailboxName("Drafts"), validity(alice, "Drafts"), Uid(stored.uid))
    assert stored.raw == message
    assert stored.flags == {DRAFT, SEEN}
    assert stored.when.astimezone(UTC) == when


def test_a_mailbox_that_is_missing_is_told(conn: Connection) -> None:
    with pytest.raises(errors.MailboxMissing):
        append.append(conn, MailboxName("Nowhere"), letter(), [], WHEN)
    conn.noop()


def test_a_server_that_does_not_tell_where(connect: Any, scripted: Callable[..., Scripted]) -> None:
    server = scripted({"APPEND": "{tag} OK done"})
    assert append.append(connect(server), INBOX, letter(), [], WHEN) is None


def test_a_message_over_the_servers_limit_is_not_sent_at_all(connect: Any, scripted: Callable[..., Scripted]) -> None:
    """RFC 7889."""
    server = scripted(capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR APPENDLIMIT=100")
    with pytest.raises(errors.TooLarge):
        append.append(connect(server), INBOX, letter(text="x" * 200), [], WHEN)
    assert "APPEND" not in server.names()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("NO [OVERQUOTA] full", errors.QuotaExceeded),
        ("NO [TRYCREATE] make it", errors.MailboxMissing),
        ("NO [TOOBIG] too big", errors.TooLarge),
        ("NO Message contains invalid header", errors.ServerRefused),
        ("BAD what", errors.ServerRefused),
    ],
)
@pytest.mark.parametrize("size", [10, 10_000])
def test_a_refusal_says_why(
    connect: Any, scripted: Callable[..., Scripted], said: str, expected: type[errors.MailError], size: int
) -> None:
    conn = connect(scripted({"APPEND": Turns(f"{{tag}} {said}")}))
    with pytest.raises(errors.MailError) as refused:
        append.append(conn, INBOX, letter(text="x" * size), [], WHEN)
    assert type(refused.value) is expected
    conn.noop()


def test_small_literals_are_pushed_and_large_ones_wait(connect: Any, scripted: Callable[..., Scripted]) -> None:
    """RFC 7888: LITERAL- allows 4096; a large message waits, so that a full mailbox refuses it first."""
    done = {"APPEND": "{tag} OK done"}
    for words, expected in (("LITERAL+", (False, True)), ("LITERAL-", (False, True)), ("", (True, True))):
        server = scripted(done, capabilities=f"IMAP4rev1 AUTH=PLAIN SASL-IR {words}".strip())
        conn = connect(server)
        for size in (100, 5000):
            append.append(conn, INBOX, letter(text="x" * size), [], WHEN)
        assert tuple(command.synchronizing[0] for command in server.asked("APPEND")) == expected


# --- finding by Message-ID --------------------------------------------------------------------------------------------


@pytest.fixture(params=["ESEARCH", ""])
def search_conn(request: Any, connect: Any, alice: Person) -> Connection:
    made: Connection = connect(alice)
    made.capabilities -= {"ESEARCH"} - {request.param}
    return made


def test_a_message_is_found_by_its_message_id(search_conn: Connection, alice: Person) -> None:
    uids = alice.append_all([letter(message_id=f"<{n}@x>") for n in (1, 2, 11, 2)])
    assert search.by_message_id(search_conn, INBOX, "<2@x>") == (uids[1], uids[3])
    assert search.by_message_id(search_conn, INBOX, "<3@x>") == ()
    assert search.by_message_id(search_conn, INBOX, "1@x") == (), "a substring is no match"


@pytest.mark.parametrize("identifier", ['<"q"@x>', "<a\\b@x>", "<{5+}@x>", "<%*@x>", "<ä@x>", "<a)b@x>"])
def test_odd_message_ids_are_found_too(search_conn: Connection, alice: Person, identifier: str) -> None:
    alice.append_all([letter(), letter(message_id=identifier)])
    assert search.by_message_id(search_conn, INBOX, identifier) == (2,)


def test_a_message_stored_a_moment_ago_is_found(search_conn: Connection, alice: Person) -> None:
    fetch.select(search_conn, INBOX)
    alice.append(letter(message_id="<new@x>"))
    assert search.by_message_id(search_conn, INBOX, "<new@x>") == (1,)


def test_searching_a_mailbox_that_is_missing(search_conn: Connection) -> None:
    with pytest.raises(errors.MailboxMissing):
        search.by_message_id(search_conn, MailboxName("Nowhere"), "<1@x>")


# --- opening ----------------------------------------------------------------------------------------------------------


def test_a_mailbox_is_opened_once(connect: Any, scripted: Callable[..., Scripted]) -> None:
    server = scripted()
    conn = connect(server)
    for _ in range(3):
        fetch.select(conn, INBOX)
    fetch.select(conn, MailboxName("Other"))
    assert len(server.asked("SELECT")) == 2


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("NO no such mailbox", errors.MailboxMissing),
        ("NO [NONEXISTENT] gone", errors.MailboxMissing),
        ("NO [NOPERM] not yours", errors.MailboxMissing),
        ("NO [INUSE] locked", errors.ServerBusy),
        ("NO [UNAVAILABLE] disk", errors.ServerBusy),
    ],
)
def test_a_mailbox_that_cannot_be_opened(
    connect: Any, scripted: Callable[..., Scripted], said: str, expected: type[errors.MailError]
) -> None:
    server = scripted({"SELECT": Turns("* 3 EXISTS\n{tag} OK [READ-WRITE] x", f"{{tag}} {said}")})
    conn = connect(server)
    fetch.select(conn, INBOX)
    with pytest.raises(errors.MailError) as refused:
        fetch.select(conn, MailboxName("Other"))
    assert type(refused.value) is expected
    assert conn.selected is None, "after a failed SELECT nothing is open (RFC 9051 6.3.2)"


def test_a_mailbox_without_uidvalidity_is_opened_all_the_same(connect: Any, scripted: Callable[..., Scripted]) -> None:
    opened = fetch.select(connect(scripted({"SELECT": "* 0 EXISTS\n{tag} OK selected"})), INBOX)
    assert (opened.uidvalidity, opened.uidnext, opened.read_only) == (0, None, False)


def test_a_mailbox_deleted_elsewhere_while_it_was_open(conn: Connection, alice: Person) -> None:
    alice.create("Projects")
    fetch.select(conn, MailboxName("Projects"))
    with alice.imap() as client:
        client.delete_folder("Projects")
    with pytest.raises(errors.MailboxMissing):
        fetch.page(conn, MailboxName("Projects"))
