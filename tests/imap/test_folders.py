"""Changing the tree of mailboxes, and the rights on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.servers.dovecot import Dovecot, version
from tests.servers.people import ALICE, BOB, Person, letter
from webmail import errors
from webmail.actions import folders as act
from webmail.imap import about, fetch, folders, mailboxes
from webmail.imap.connection import Connection
from webmail.mail.ids import MailboxName, Uid, UidValidity
from webmail.mail.mailbox import Mailbox, encode_name
from webmail.mail.rights import ALL, Rights


def found(conn: Connection, name: str) -> Mailbox:
    return next(one for one in mailboxes.list_mailboxes(conn) if one.name == name)


def subscriptions(person: Person) -> set[str]:
    with person.imap() as client:
        return {name for _, _, name in client.list_sub_folders()}


def test_a_folder_is_made_renamed_moved_with_all_in_it_and_its_subscription(conn: Connection, alice: Person) -> None:
    name = act.make(conn, "  Choir & \u266a ", None)
    assert name == encode_name("Choir & \u266a")
    inner = act.make(conn, "Alto", found(conn, name))
    alice.append(letter("Song"), "Choir & \u266a.Alto")
    fetch.page(conn, MailboxName("INBOX"))
    renamed = act.rename(conn, found(conn, name), "Singers")
    assert renamed == "Singers"
    assert [one.header("Subject") for one in alice.messages("Singers.Alto")] == ["Song"]
    assert subscriptions(alice) >= {"Singers", "Singers.Alto"}
    assert not {name, inner} & subscriptions(alice)
    act.make(conn, "Club", None)
    assert act.relocate(conn, found(conn, "Singers"), found(conn, "Club")) == "Club.Singers"
    assert alice.messages("Club.Singers.Alto")
    assert act.relocate(conn, found(conn, "Club.Singers.Alto"), None) == "Alto"
    assert "Club.Singers" in alice.mailboxes()


def test_what_was_not_subscribed_to_stays_so(conn: Connection, alice: Person) -> None:
    act.make(conn, "Quiet", None)
    folders.subscribe(conn, MailboxName("Quiet"), False)
    act.rename(conn, found(conn, "Quiet"), "Quieter")
    assert "Quieter" not in subscriptions(alice)
    conn.capabilities -= {"LIST-EXTENDED"}
    act.subscribe(conn, MailboxName("Quieter"), True)
    assert "Quieter" in folders.subscribed(conn), "by LSUB too"


def test_a_folder_that_is_open_is_renamed_and_deleted(conn: Connection, alice: Person) -> None:
    alice.create("Open")
    alice.append(letter(), "Open")
    assert fetch.page(conn, MailboxName("Open")).rows
    act.rename(conn, found(conn, "Open"), "Closed")
    assert fetch.page(conn, MailboxName("Closed")).rows
    act.delete(conn, found(conn, "Closed"))
    assert "Closed" not in alice.mailboxes()
    with pytest.raises(errors.MailboxMissing):
        fetch.page(conn, MailboxName("Closed"))


def test_thrown_away_it_lies_in_trash_and_can_come_back(conn: Connection, alice: Person) -> None:
    for _ in range(2):
        alice.create("Old.Older")
        alice.append(letter(), "Old.Older")
        act.throw_away(conn, found(conn, "Old"))
    assert {"Trash.Old.Older", "Trash.Old 2.Older"} <= set(alice.mailboxes())
    act.relocate(conn, found(conn, "Trash.Old"), None)
    assert alice.messages("Old.Older")
    act.delete(conn, found(conn, "Trash.Old 2"))
    assert not any("Old 2" in name for name in alice.mailboxes())


@pytest.mark.parametrize(
    ("title", "why"),
    [("", "empty"), (" \t", "empty"), ("a.b", "delimiter"), ("x" * 201, "long"), ("\u4f8b" * 80, "long"),
     ("50%", "delimiter"), ("*", "delimiter"), ("a\u202eb", "letters"), ("..", "delimiter")],
)  # fmt: skip
def test_r9_names_that_cannot_be_are_refused_before_the_server_hears_of_them(
    conn: Connection, alice: Person, title: str, why: str
) -> None:
    with pytest.raises(errors.BadFolderName) as refused:
        act.make(conn, title, None)
    assert refused.value.why == why
    assert len(mailboxes.list_mailboxes(conn)) == 6


def test_there_is_one_folder_of_a_name(conn: Connection, alice: Person) -> None:
    alice.create("One")
    alice.create("Two")
    alice.append(letter(), "One")
    with pytest.raises(errors.MailboxExists):
        act.make(conn, "One", None)
    with pytest.raises(errors.MailboxExists):
        act.rename(conn, found(conn, "One"), "Two")
    assert alice.messages("One")
    with pytest.raises(errors.MailboxMissing):
        folders.rename(conn, MailboxName("None"), MailboxName("Some"))


def test_emptying_takes_what_was_there_when_it_was_asked(conn: Connection, alice: Person) -> None:
    alice.append_all([letter(str(number)) for number in range(7)], "Junk")
    asked = about.folder(conn, found(conn, "Junk"))
    assert (asked.messages, asked.unseen) == (7, 7)
    alice.append(letter("later"), "Junk")
    assert act.empty(conn, MailboxName("Junk"), asked.uidvalidity, Uid(asked.last)) == 7
    assert [one.header("Subject") for one in alice.messages("Junk")] == ["later"]
    with pytest.raises(errors.MailboxRebuilt):
        act.empty(conn, MailboxName("Junk"), UidValidity(asked.uidvalidity + 1), Uid(99))


@pytest.mark.parametrize(("layout", "prefix"), [("fs", ""), ("maildir++", "INBOX."), ("fs", "INBOX.")])
def test_names_begin_where_the_server_wants_them(
    another_dovecot: Callable[..., Dovecot], connect: Any, layout: str, prefix: str
) -> None:
    server = another_dovecot(layout=layout, prefix=prefix)
    conn = connect(server.person(ALICE))
    mark = server.separator
    assert act.make(conn, "Work", None) == f"{server.prefix}Work"
    assert act.make(conn, "2026", found(conn, f"{server.prefix}Work")) == f"{server.prefix}Work{mark}2026"
    assert act.rename(conn, found(conn, f"{server.prefix}Work"), "Jobs") == f"{server.prefix}Jobs"
    assert act.relocate(conn, found(conn, f"{server.prefix}Jobs{mark}2026"), None) == f"{server.prefix}2026"
    assert found(conn, f"{server.prefix}2026").subscribed


def test_what_others_grant_is_told_and_no_more_is_offered(
    another_dovecot: Callable[..., Dovecot], connect: Any
) -> None:
    if version() >= (2, 4):
        pytest.skip("the configuration for shared folders is written for Dovecot 2.3")
    server = another_dovecot(layout="fs", acl=True, sharing=True)
    bob = server.person(BOB)
    bob.create("Plans")
    bob.append(letter("Ours"), "Plans")
    with bob.imap() as client:
        client.setacl("Plans", ALICE.login, "lrs")
    conn = connect(server.person(ALICE))
    assert mailboxes.namespaces(conn).others == ("shared/",)
    shared = found(conn, f"shared/{BOB.login}/Plans")
    assert (shared.owner, shared.role) == ("others", None)
    assert found(conn, "INBOX").owner == "self"
    rights = folders.rights(conn, shared.name)
    assert rights == Rights(write=False, insert=False, remove=False, expunge=False, create=False, delete=False)
    assert folders.rights(conn, MailboxName("INBOX")) == ALL
    with pytest.raises(errors.MailboxReadOnly):
        act.rename(conn, shared, "Mine")
