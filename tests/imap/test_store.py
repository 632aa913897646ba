"""Flags: those that were asked for, on those messages, and never on the one that took their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.imap.mailbox_of import INBOX, TRASH, fill, validity
from tests.servers.people import Person
from tests.servers.scripted import Scripted
from webmail import errors
from webmail.imap import fetch, move, store
from webmail.imap.connection import Connection
from webmail.mail.flags import ANSWERED, FLAGGED, FORWARDED, SEEN
from webmail.mail.ids import Uid, UidValidity


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
    assert [command.arguments for command in server.asked("UID STORE")] == [b"1 +FLAGS (\\Answered)"]
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
