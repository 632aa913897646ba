"""A message made from new words and from parts that the server has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.imap.mailbox_of import INBOX, WHEN, validity
from tests.servers.people import Person
from tests.servers.scripted import Scripted
from webmail import errors
from webmail.imap import append, wire
from webmail.imap.connection import Connection
from webmail.mail.draft import Piece
from webmail.mail.flags import DRAFT
from webmail.mail.ids import MailboxName, MessageRef, PartId, Uid, UidValidity

HEAD = b'Subject: Draft\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
WORDS = b"--b\r\nContent-Type: text/plain\r\n\r\n%s\r\n--b\r\n"
FILE = b'Content-Type: application/pdf; name="a.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
OCTETS = b"JVBERi0x\r\n" * 3000
END = b"\r\n--b--\r\n"
DRAFTS = MailboxName("Drafts")
LIMIT = 1 << 20


@pytest.fixture(params=["with CATENATE", "without"])
def any_conn(request: Any, connect: Any, alice: Person) -> Connection:
    made: Connection = connect(alice)
    made.capabilities -= {"CATENATE"} if request.param == "without" else set()
    return made


def older(person: Person, mailbox: str = "INBOX") -> MessageRef:
    uid = person.append(HEAD + WORDS % b"old words" + FILE + OCTETS + END, mailbox)
    return MessageRef(MailboxName(mailbox), UidValidity(person.uidvalidity(mailbox)), Uid(uid))


def pieces(ref: MessageRef) -> list[bytes | Piece]:
    there = PartId("2")
    return [HEAD + WORDS % b"new words", Piece(ref, there, mime=True), Piece(ref, there), END]


def test_a_file_of_an_older_message_goes_into_a_new_one(any_conn: Connection, alice: Person) -> None:
    stored = append.catenate(any_conn, DRAFTS, pieces(older(alice)), [DRAFT], WHEN, LIMIT)
    (draft,) = alice.messages("Drafts")
    assert stored == MessageRef(DRAFTS, validity(alice, "Drafts"), Uid(draft.uid))
    assert draft.raw == HEAD + WORDS % b"new words" + FILE + OCTETS + END
    assert draft.flags == {DRAFT}


@pytest.mark.parametrize("name", ["Gr&APwA3w-e", "a;UID=1 b", 'q"uote%2Fx', "100% & more"])
def test_a_mailbox_of_any_name_is_reached(any_conn: Connection, alice: Person, name: str) -> None:
    """R9: a name is escaped as the URL wants it, whatever it holds."""
    raw = MailboxName(name.replace("&", "&-") if "& " in name else name)
    with alice.imap() as client:
        client.folder_encode = False
        client.create_folder(raw.encode())
        uid_told = client.append(raw.encode(), HEAD + WORDS % b"old" + FILE + OCTETS + END)
        uidvalidity = client.folder_status(raw.encode(), ["UIDVALIDITY"])[b"UIDVALIDITY"]
    assert b"APPENDUID" in uid_told
    ref = MessageRef(raw, UidValidity(uidvalidity), Uid(1))
    append.catenate(any_conn, DRAFTS, pieces(ref), [DRAFT], WHEN, LIMIT)
    (draft,) = alice.messages("Drafts")
    assert OCTETS in draft.raw


def test_a_message_that_is_gone_is_told(any_conn: Connection, alice: Person) -> None:
    there = older(alice)
    gone = MessageRef(INBOX, there.uidvalidity, Uid(77))
    with pytest.raises(errors.MessageMissing):
        append.catenate(any_conn, DRAFTS, pieces(gone), [DRAFT], WHEN, LIMIT)
    assert alice.messages("Drafts") == []


def test_uids_of_a_mailbox_made_anew_take_nothing_from_it(any_conn: Connection, alice: Person) -> None:
    there = older(alice)
    stale = MessageRef(INBOX, UidValidity(there.uidvalidity + 1), there.uid)
    with pytest.raises(errors.MailboxRebuilt):
        append.catenate(any_conn, DRAFTS, pieces(stale), [DRAFT], WHEN, LIMIT)
    assert alice.messages("Drafts") == []


def test_a_destination_that_is_missing_is_told(any_conn: Connection, alice: Person) -> None:
    with pytest.raises(errors.MailboxMissing):
        append.catenate(any_conn, MailboxName("Nowhere"), pieces(older(alice)), [DRAFT], WHEN, LIMIT)


def test_r15_parts_that_are_fetched_have_a_limit(connect: Any, alice: Person) -> None:
    conn = connect(alice)
    conn.capabilities -= {"CATENATE"}
    with pytest.raises(errors.TooLarge):
        append.catenate(conn, DRAFTS, pieces(older(alice)), [DRAFT], WHEN, 1000)


def test_the_file_does_not_travel_where_the_server_can(connect: Any, scripted: Callable[..., Scripted]) -> None:
    server = scripted({"APPEND": "{tag} OK [APPENDUID 9 4] done"}, capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR CATENATE")
    ref = MessageRef(MailboxName("Gr&APwA3w-e"), UidValidity(7), Uid(3))
    assert append.catenate(connect(server), DRAFTS, pieces(ref), [DRAFT], WHEN, LIMIT) is not None
    (asked,) = server.asked("APPEND")
    place = b'URL "/Gr%C3%BC%C3%9Fe;UIDVALIDITY=7/;UID=3/;SECTION=2'
    assert place + b'.MIME" ' + place + b'" TEXT {9}\r\n' + END + b")" in asked.arguments.replace(b"{9+}", b"{9}")
    assert "UID FETCH" not in server.names()


@pytest.mark.parametrize("said", ["NO [OVERQUOTA] full", "NO [TOOBIG] x", "NO no"])
def test_what_else_is_refused_is_not_tried_by_hand(connect: Any, scripted: Callable[..., Scripted], said: str) -> None:
    server = scripted({"APPEND": f"{{tag}} {said}"}, capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR CATENATE")
    with pytest.raises((errors.QuotaExceeded, errors.TooLarge, errors.ServerRefused)):
        append.catenate(connect(server), DRAFTS, [b"Subject: x\r\n\r\n"], [DRAFT], WHEN, LIMIT)
    assert server.names().count("APPEND") == 1


@pytest.mark.parametrize("part", ["", "1)", "1 NOOP", "HEADER.FIELDS (X)", "1\r\nX"])
def test_r9_a_section_that_is_none_never_becomes_a_url(part: str) -> None:
    with pytest.raises(errors.PartMissing):
        wire.url(MessageRef(INBOX, UidValidity(7), Uid(3)), PartId(part), mime=False)


@pytest.mark.parametrize("name", ['a"b', "a\r\nX1 NOOP", "a\\b", "\x00", "ä", "&AAA-"])
def test_r9_a_name_in_a_url_cannot_end_the_argument(name: str) -> None:
    made = wire.url(MessageRef(MailboxName(name), UidValidity(7), Uid(3)), PartId("1"), mime=False)
    assert wire.guard(made) == made
    assert made.count(b'"') == 2
    assert b"\\" not in made
    assert made.startswith(b'"/')
