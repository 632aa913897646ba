"""Deeds that move: to the folder with the role, whatever it is called and even when it has to be made; never half."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.actions.conftest import Desk
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person, letter
from webmail import errors
from webmail.actions import deeds
from webmail.actions.deeds import DEEDS, Deed, Step
from webmail.imap.connection import Connection
from webmail.mail.ids import MailboxName, Uid, UidValidity
from webmail.mail.mailbox import Role

DeskOf = Callable[..., Desk]
INBOX = MailboxName("INBOX")
ROLES = [(Role.ARCHIVE, "Archive"), (Role.TRASH, "Trash"), (Role.JUNK, "Junk")]


def given(person: Person, count: int = 3) -> tuple[UidValidity, list[Uid]]:
    uids = person.append_all([letter(f"Number {n}") for n in range(count)])
    return UidValidity(person.uidvalidity()), [Uid(uid) for uid in uids]


def do(conn: Connection, mailbox: MailboxName, validity: UidValidity, uids: list[Uid], deed: Deed) -> Step:
    step = Step(mailbox, validity)
    deeds.perform(conn, step, deed, uids)
    return step


def subjects(person: Person, mailbox: str = "INBOX") -> list[str | None]:
    return [message.header("Subject") for message in person.messages(mailbox)]


@pytest.mark.parametrize(("role", "name"), ROLES)
def test_to_the_folder_with_the_role(desk_of: DeskOf, alice: Person, role: Role, name: str) -> None:
    validity, uids = given(alice)
    do(desk_of(alice).conn, INBOX, validity, uids[:2], Deed(to=role))
    assert subjects(alice) == ["Number 2"]
    assert sorted(map(str, subjects(alice, name))) == ["Number 0", "Number 1"]


@pytest.mark.parametrize(("role", "name"), ROLES)
def test_a_missing_folder_is_made_where_the_server_tells_no_roles(
    desk_of: DeskOf, another_dovecot: Callable[..., Dovecot], role: Role, name: str
) -> None:
    server = another_dovecot(special_use=False, prefix="INBOX.")
    alice = server.person(next(iter(server.people.values())))
    with alice.imap() as client:
        if client.folder_exists(f"INBOX.{name}"):
            client.delete_folder(f"INBOX.{name}")
    validity, uids = given(alice)
    desk = desk_of(alice)
    do(desk.conn, INBOX, validity, uids[:1], Deed(to=role))
    do(desk.conn, INBOX, validity, uids[1:], Deed(to=role))
    assert subjects(alice) == []
    assert len(subjects(alice, f"INBOX.{name}")) == 3
    assert sum(name in box for box in alice.mailboxes()) == 1


def test_a_missing_archive_is_made(desk_of: DeskOf, alice: Person) -> None:
    with alice.imap() as client:
        if client.folder_exists("Archive"):
            client.delete_folder("Archive")
    validity, uids = given(alice)
    do(desk_of(alice).conn, INBOX, validity, uids, Deed(to=Role.ARCHIVE))
    assert len(subjects(alice, "Archive")) == 3


def test_junk_learns_on_the_way_there_and_back(desk_of: DeskOf, alice: Person) -> None:
    validity, uids = given(alice, 1)
    desk = desk_of(alice)
    do(desk.conn, INBOX, validity, uids, DEEDS["junk"])
    [there] = alice.messages("Junk")
    assert there.flags & {"$Junk", "$NotJunk"} == {"$Junk"}
    junk = MailboxName("Junk")
    do(desk.conn, junk, UidValidity(alice.uidvalidity("Junk")), [Uid(there.uid)], DEEDS["notjunk"])
    assert alice.messages()[0].flags & {"$Junk", "$NotJunk"} == {"$NotJunk"}


def test_by_name_and_to_itself(desk_of: DeskOf, alice: Person) -> None:
    alice.create("Work")
    validity, uids = given(alice)
    desk = desk_of(alice)
    do(desk.conn, INBOX, validity, uids, Deed(to=INBOX))
    assert len(subjects(alice)) == 3
    do(desk.conn, INBOX, validity, uids[:1], Deed(to=MailboxName("Work")))
    assert subjects(alice, "Work") == ["Number 0"]


def test_to_a_folder_that_is_not_there_moves_nothing(desk_of: DeskOf, alice: Person) -> None:
    validity, uids = given(alice)
    with pytest.raises(errors.MailboxMissing):
        do(desk_of(alice).conn, INBOX, validity, uids, Deed(to=MailboxName("Nowhere")))
    assert len(subjects(alice)) == 3
    assert "Nowhere" not in alice.mailboxes()


@pytest.mark.parametrize(("role", "name"), ROLES)
def test_a_rebuilt_folder_is_left_alone(desk_of: DeskOf, alice: Person, role: Role, name: str) -> None:
    validity, uids = given(alice)
    with pytest.raises(errors.MailboxRebuilt):
        do(desk_of(alice).conn, INBOX, UidValidity(validity + 1), uids, Deed(to=role))
    assert len(subjects(alice)) == 3
    assert subjects(alice, name) == []


def test_messages_that_are_gone_stop_nobody(desk_of: DeskOf, alice: Person) -> None:
    validity, uids = given(alice)
    alice.expunge(uids[0])
    do(desk_of(alice).conn, INBOX, validity, uids, Deed(to=Role.TRASH))
    assert subjects(alice, "Trash") == ["Number 1", "Number 2"]
