"""One message in place of another, several at once, on servers that can and on those that cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.imap.mailbox_of import INBOX, WHEN, fill, subjects, validity
from tests.servers.answers import Close, Turns
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, Person, letter
from tests.servers.scripted import Scripted
from webmail import errors
from webmail.imap import append
from webmail.imap.append import Stored
from webmail.imap.connection import Connection
from webmail.imap.selection import select
from webmail.mail.flags import DELETED, DRAFT, SEEN
from webmail.mail.ids import MailboxName, MessageRef, Uid, UidValidity

OPENED = "* 9 EXISTS\n* OK [UIDVALIDITY 7] x\n{tag} OK [READ-WRITE] x"
OLD = MessageRef(INBOX, UidValidity(7), Uid(3))
WORDS = "IMAP4rev1 AUTH=PLAIN SASL-IR UIDPLUS LITERAL+ REPLACE"
NEW = letter("new")


def ref(person: Person, uid: int) -> MessageRef:
    return MessageRef(INBOX, validity(person), Uid(uid))


# --- with REPLACE (RFC 8508) ------------------------------------------------------------------------------------------


def test_one_command_puts_the_new_one_in_place_of_the_old_one(connect: Any, scripted: Callable[..., Scripted]) -> None:
    """RFC 8508 3.4: APPENDUID comes untagged, before the old one goes."""
    answer = "* OK [APPENDUID 7 10] ready\n* 10 EXISTS\n* 3 EXPUNGE\n{tag} OK done"
    server = scripted({"SELECT": OPENED, "UID REPLACE": answer}, capabilities=WORDS)
    conn = connect(server)
    assert append.replace(conn, OLD, NEW, [DRAFT, SEEN], WHEN) == MessageRef(INBOX, UidValidity(7), Uid(10))
    (asked,) = server.asked("UID REPLACE")
    assert asked.arguments.startswith(b'3 "INBOX" (\\Draft \\Seen) "03-Mar-2026 10:00:00 +0000" {')
    assert asked.literals == (NEW,)
    assert {"APPEND", "UID STORE", "UID EXPUNGE"}.isdisjoint(server.names())
    assert conn.exists == 9


@pytest.mark.parametrize("said", ["NO no such message", "NO [NONEXISTENT] gone", "BAD what"])
def test_an_old_one_that_is_gone_does_not_lose_the_new_one(
    connect: Any, scripted: Callable[..., Scripted], said: str
) -> None:
    answers = {"SELECT": OPENED, "UID REPLACE": f"{{tag}} {said}", "APPEND": "{tag} OK [APPENDUID 7 10] done",
               "UID STORE": "{tag} OK x", "UID EXPUNGE": "{tag} OK x"}  # fmt: skip
    server = scripted(answers, capabilities=WORDS)
    stored = append.replace(connect(server), OLD, NEW, [DRAFT], WHEN)
    assert stored == MessageRef(INBOX, UidValidity(7), Uid(10))
    assert server.asked("APPEND")[0].literals == (NEW,)


def test_a_mailbox_made_anew_keeps_what_now_has_that_number(connect: Any, scripted: Callable[..., Scripted]) -> None:
    answers = {"SELECT": OPENED.replace("7", "8"), "APPEND": "{tag} OK [APPENDUID 8 10] done"}
    server = scripted(answers, capabilities=WORDS)
    assert append.replace(connect(server), OLD, NEW, [DRAFT], WHEN) == MessageRef(INBOX, UidValidity(8), Uid(10))
    assert {"UID REPLACE", "UID STORE", "UID EXPUNGE"}.isdisjoint(server.names())


def test_a_mailbox_made_anew_while_it_was_open_keeps_what_now_has_that_number(
    connect: Any, scripted: Callable[..., Scripted]
) -> None:
    answers = {"SELECT": Turns(OPENED, OPENED.replace("7", "8")), "APPEND": "{tag} OK [APPENDUID 8 10] done"}
    server = scripted(answers, capabilities=WORDS)
    conn = connect(server)
    select(conn, INBOX)
    append.replace(conn, OLD, NEW, [DRAFT], WHEN)
    assert {"UID REPLACE", "UID STORE", "UID EXPUNGE"}.isdisjoint(server.names())
    assert len(server.asked("APPEND")) == 1


def test_nothing_is_opened_between_the_look_and_the_command(connect: Any, scripted: Callable[..., Scripted]) -> None:
    """What opened the mailbox told whose numbers these are; opened once more, they could be another's."""
    drafts = MailboxName("Drafts")
    server = scripted({"SELECT": OPENED, "UID REPLACE": "{tag} OK done"}, capabilities=WORDS)
    append.replace(connect(server), MessageRef(drafts, UidValidity(7), Uid(3)), NEW, [DRAFT], WHEN)
    assert server.names()[-2:] == ["SELECT", "UID REPLACE"]
    assert len(server.asked("SELECT")) == 1


@pytest.mark.parametrize(
    ("said", "expected"), [("NO [OVERQUOTA] full", errors.QuotaExceeded), ("NO [TOOBIG] x", errors.TooLarge)]
)
def test_a_refusal_leaves_the_old_one(
    connect: Any, scripted: Callable[..., Scripted], said: str, expected: type[errors.MailError]
) -> None:
    answers = {"SELECT": OPENED, "UID REPLACE": f"{{tag}} {said}", "APPEND": f"{{tag}} {said}"}
    server = scripted(answers, capabilities=WORDS)
    with pytest.raises(expected):
        append.replace(connect(server), OLD, NEW, [DRAFT], WHEN)
    assert {"UID STORE", "UID EXPUNGE"}.isdisjoint(server.names())


def test_a_connection_lost_on_the_way_is_no_reason_to_store_it_again(
    connect: Any, scripted: Callable[..., Scripted]
) -> None:
    server = scripted({"SELECT": OPENED, "UID REPLACE": Close()}, capabilities=WORDS)
    with pytest.raises(errors.ConnectionLost):
        append.replace(connect(server), OLD, NEW, [DRAFT], WHEN)
    assert "APPEND" not in server.names()


# --- without ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lacking", [frozenset[str](), frozenset({"UIDPLUS"})])
def test_without_replace_the_new_one_is_stored_and_the_old_one_removed(
    connect: Any, alice: Person, lacking: frozenset[str]
) -> None:
    uids = fill(alice, 3)
    conn = connect(alice)
    conn.capabilities -= lacking
    stored = append.replace(conn, ref(alice, uids[1]), NEW, [DRAFT, SEEN], WHEN)
    assert subjects(alice) == ["number 1", "number 3", "new"]
    assert stored == ref(alice, 4)
    assert alice.flags(4) == {DRAFT, SEEN}


def test_without_uidplus_the_old_one_goes_and_what_another_device_has_marked_stays(connect: Any, alice: Person) -> None:
    uids = fill(alice, 2)
    alice.mark(uids[0], DELETED)
    conn = connect(alice)
    conn.capabilities -= {"UIDPLUS"}
    append.replace(conn, ref(alice, uids[1]), NEW, [DRAFT], WHEN)
    assert subjects(alice) == ["number 1", "new"]
    assert alice.flags(uids[0]) == {DELETED}


def test_an_old_one_of_a_mailbox_that_was_made_anew_takes_no_other_with_it(conn: Connection, alice: Person) -> None:
    fill(alice, 2)
    stale = MessageRef(INBOX, UidValidity(validity(alice) + 1), Uid(1))
    assert append.replace(conn, stale, NEW, [DRAFT], WHEN) == ref(alice, 3)
    assert subjects(alice) == ["number 1", "number 2", "new"]


def test_a_full_mailbox_keeps_the_old_one(another_dovecot: Callable[..., Dovecot], connect: Any) -> None:
    person = another_dovecot(quota=20_000).person(ALICE)
    person.append(letter("old"))
    with pytest.raises(errors.QuotaExceeded):
        append.replace(connect(person), ref(person, 1), letter(text="x" * 30_000), [DRAFT], WHEN)
    assert subjects(person) == ["old"]
    assert person.flags(1) == set()


# --- several at once (MULTIAPPEND, RFC 3502) --------------------------------------------------------------------------


def many(count: int, size: int = 10) -> list[Stored]:
    return [Stored(letter(f"number {n}", text="x" * size), (SEEN,), WHEN) for n in range(1, count + 1)]


@pytest.mark.parametrize("lacking", [frozenset[str](), frozenset({"MULTIAPPEND"}), frozenset({"LITERAL+"})])
def test_several_messages_are_stored_in_order(connect: Any, alice: Person, lacking: frozenset[str]) -> None:
    conn = connect(alice)
    conn.capabilities -= lacking
    assert append.append_all(conn, INBOX, many(120)) == [ref(alice, uid) for uid in range(1, 121)]
    assert subjects(alice) == [f"number {n}" for n in range(1, 121)]
    assert {message.flags for message in alice.messages()} == {frozenset({SEEN})}


def test_several_messages_are_one_command_where_the_server_can(connect: Any, scripted: Callable[..., Scripted]) -> None:
    server = scripted(
        {"APPEND": Turns("{tag} OK [APPENDUID 7 1:100] done", "{tag} OK [APPENDUID 7 101:120] done")},
        capabilities=f"{WORDS} MULTIAPPEND",
    )
    stored = append.append_all(connect(server), INBOX, many(120))
    assert [one.uid for one in stored if one] == list(range(1, 121))
    assert [len(command.literals) for command in server.asked("APPEND")] == [100, 20]


def test_large_messages_do_not_wait_for_each_other_in_memory(connect: Any, scripted: Callable[..., Scripted]) -> None:
    server = scripted({"APPEND": "{tag} OK done"}, capabilities=f"{WORDS} MULTIAPPEND")
    assert append.append_all(connect(server), INBOX, many(3, 5 << 20)) == [None, None, None]
    assert [len(command.literals) for command in server.asked("APPEND")] == [1, 1, 1]


def test_a_set_that_does_not_match_what_was_sent_names_nothing(connect: Any, scripted: Callable[..., Scripted]) -> None:
    server = scripted({"APPEND": "{tag} OK [APPENDUID 7 1:5] done"}, capabilities=f"{WORDS} MULTIAPPEND")
    assert append.append_all(connect(server), INBOX, many(3)) == [None, None, None]


def test_one_that_is_too_large_stops_its_batch_before_anything_is_sent(
    connect: Any, scripted: Callable[..., Scripted]
) -> None:
    server = scripted(capabilities=f"{WORDS} MULTIAPPEND APPENDLIMIT=1000")
    with pytest.raises(errors.TooLarge):
        append.append_all(connect(server), INBOX, [*many(2), *many(1, 2000)])
    assert "APPEND" not in server.names()


def test_a_mailbox_that_is_missing_gets_none_of_them(conn: Connection) -> None:
    with pytest.raises(errors.MailboxMissing):
        append.append_all(conn, MailboxName("Nowhere"), many(3))
    conn.noop()
    assert append.append_all(conn, INBOX, []) == []
