"""A letter's conversation: what hangs together in its mailbox and in Sent, asked for once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.imap.mailbox_of import INBOX, validity
from tests.imap.test_listing import asked
from tests.servers.people import Person, letter
from webmail.imap import fetch, mailboxes
from webmail.imap.connection import Connection
from webmail.imap.conversation import conversation
from webmail.mail.headers import Headers
from webmail.mail.ids import MessageRef, Uid
from webmail.mail.mailbox import Mailbox, Role
from webmail.mail.message import Summary

POOR = {"by THREAD": frozenset[str](), "by headers": frozenset({"THREAD=REFS"})}


@pytest.fixture(params=POOR)
def any_conn(request: Any, connect: Any, alice: Person) -> Connection:
    made: Connection = connect(alice)
    made.capabilities -= POOR[request.param]
    return made


@pytest.fixture
def talk(alice: Person) -> Person:
    """1 is answered by Alice (in Sent), that by 3, that by Alice again; 2 has the subject and nothing else of it."""
    alice.append_all([
        letter("Lunch", message_id="<1@x>"),
        letter("Lunch", message_id="<2@x>"),
        letter("Re: Lunch", message_id="<3@x>", extra="References: <1@x> <s1@x>\r\n"),
    ])  # fmt: skip
    alice.append_all([
        letter("Re: Lunch", message_id="<s1@x>", extra="In-Reply-To: <1@x>\r\n"),
        letter("Other", message_id="<s2@x>"),
        letter("Re: Lunch", message_id="<s3@x>", extra="References: <1@x> <s1@x> <3@x>\r\n"),
    ], "Sent")  # fmt: skip
    return alice


def told(conn: Connection, person: Person, uid: int, name: str = "INBOX", beside: Role = Role.SENT) -> list[Summary]:
    ref = MessageRef(INBOX if name == "INBOX" else mailbox(conn, Role.SENT).name, validity(person, name), Uid(uid))
    headers = Headers.parse(fetch.message(conn, ref).header)
    return list(conversation(conn, ref, headers, [mailbox(conn, beside)], {}))


def mailbox(conn: Connection, role: Role) -> Mailbox:
    return next(one for one in mailboxes.list_mailboxes(conn) if one.role is role)


def ids(rows: list[Summary]) -> list[str | None]:
    return [row.message_id for row in rows]


@pytest.mark.parametrize("uid", [1, 3])
def test_our_own_answers_stand_in_their_place(any_conn: Connection, talk: Person, uid: int) -> None:
    assert set(ids(told(any_conn, talk, uid))) == {"<1@x>", "<s1@x>", "<3@x>", "<s3@x>"}


def test_a_subject_proves_nothing(any_conn: Connection, talk: Person) -> None:
    assert ids(told(any_conn, talk, 2)) == ["<2@x>"]


def test_from_sent_the_letters_that_were_answered_are_found_in_the_inbox(any_conn: Connection, talk: Person) -> None:
    assert set(ids(told(any_conn, talk, 1, "Sent", Role.INBOX))) == {"<1@x>", "<s1@x>", "<3@x>", "<s3@x>"}


def test_one_letter_in_two_folders_appears_once(any_conn: Connection, talk: Person) -> None:
    copy = letter("Re: Lunch", message_id="<s1@x>", extra="In-Reply-To: <1@x>\r\n")
    uid = talk.append(copy)
    rows = told(any_conn, talk, 3)
    assert sorted(ids(rows), key=str) == ["<1@x>", "<3@x>", "<s1@x>", "<s3@x>"]
    assert next(row.ref for row in rows if row.message_id == "<s1@x>").mailbox == INBOX
    assert next(row.ref.uid for row in rows if row.message_id == "<s1@x>") == uid


def test_a_letter_that_comes_later_is_found(any_conn: Connection, talk: Person) -> None:
    told(any_conn, talk, 1)
    talk.append(letter("Re: Lunch", message_id="<9@x>", extra="References: <1@x>\r\n"))
    talk.append(letter("Re: Lunch", message_id="<s9@x>", extra="References: <9@x>\r\n"), "Sent")
    assert {"<9@x>", "<s9@x>"} <= set(ids(told(any_conn, talk, 1)))


def test_a_letter_that_is_gone_is_not_shown(any_conn: Connection, talk: Person) -> None:
    told(any_conn, talk, 1)
    talk.expunge(talk.messages("Sent")[0].uid, "Sent")
    talk.expunge(3)
    assert set(ids(told(any_conn, talk, 1))) == {"<1@x>", "<s3@x>"}


def test_the_same_again_asks_nothing(any_conn: Connection, talk: Person) -> None:
    rows = told(any_conn, talk, 1)
    ref = rows[0].ref
    sent, known = mailbox(any_conn, Role.SENT), {row.ref.uid: row for row in rows if row.ref.mailbox == INBOX}
    headers = Headers.parse(fetch.message(any_conn, ref).header)
    assert asked(any_conn, lambda: conversation(any_conn, ref, headers, [sent], known)) == 0
    assert any_conn.box is not None
    assert any_conn.box.name == INBOX
