"""R9, the wire gate: one call is one tagged command, or nothing at all. What was written is read off the wire."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.servers.scripted import Scripted
from webmail import errors
from webmail.imap import append, fetch, mailboxes, move, search, store, wire
from webmail.imap.connection import Connection
from webmail.mail.flags import SEEN
from webmail.mail.ids import MailboxName, MessageRef, PartId, Uid, UidValidity
from webmail.mail.mailbox import Mailbox
from webmail.mail.message import Part

WHEN = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
VALIDITY = UidValidity(7)
INBOX = MailboxName("INBOX")

ENDING = ["a\r\nX1 DELETE INBOX", "a\nX1 NOOP", "a\rb", "a\0b", "\r\n", "\n", "\0"]
"""What could end a command early, or the string in the eyes of a careless server."""

ODD = [
    'a"b',
    "a\\b",
    'a\\"b\\',
    "{5+}",
    "{5}",
    "a {5+}",
    "a b",
    "*",
    "%",
    "(a)",
    "NIL",
    "ä€ö",
    "a\x7fb\x01c",
    '" X1 NOOP "',
    "a]b",
]

HEALTHY = {
    "LIST": '* LIST () "/" INBOX\n{tag} OK done',
    "SEARCH": "* ESEARCH COUNT 0\n{tag} OK done",
    "FETCH": "{tag} OK done",
    "UID SEARCH": "* SEARCH\n{tag} OK done",
    "UID STORE": "{tag} OK done",
    "UID COPY": "{tag} OK done",
    "UID MOVE": "{tag} OK done",
    "UID EXPUNGE": "{tag} OK done",
    "CREATE": "{tag} OK done",
    "SUBSCRIBE": "{tag} OK done",
    "APPEND": "{tag} OK [APPENDUID 7 1] done",
    "STATUS": "{tag} OK done",
}

Call = Callable[[Connection, str], Any]


def raw(text: str) -> MailboxName:
    """A name as LIST gives it: one character an octet."""
    return MailboxName(text.encode().decode("latin-1"))


CALLS: dict[str, tuple[Call, str]] = {
    "select": (lambda c, text: fetch.select(c, raw(text)), "SELECT"),
    "examine": (lambda c, text: fetch.select(c, raw(text), read_only=True), "EXAMINE"),
    "page": (lambda c, text: fetch.page(c, raw(text)), "SELECT"),
    "create": (lambda c, text: mailboxes.create(c, raw(text)), "CREATE"),
    "move to": (lambda c, text: move.move(c, INBOX, VALIDITY, [Uid(1)], raw(text)), "UID MOVE"),
    "append to": (lambda c, text: append.append(c, raw(text), b"Subject: x\r\n\r\n", [], WHEN), "APPEND"),
    "message-id": (lambda c, text: search.by_message_id(c, INBOX, text), "UID SEARCH"),
    "status": (lambda c, text: mailboxes._counted(c, Mailbox(raw(text), "/")), "STATUS"),
}


@pytest.fixture
def server(scripted: Callable[..., Scripted]) -> Scripted:
    return scripted(HEALTHY)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("text", ENDING)
def test_r9_text_that_could_end_a_command_is_refused_and_nothing_is_written(
    connect: Any, server: Scripted, call: str, text: str
) -> None:
    work, name = CALLS[call]
    conn = connect(server)
    before = len(server.received)
    with pytest.raises(errors.UnsafeText):
        work(conn, text)
    conn.noop()
    assert name not in server.names()
    assert b"X1" not in server.received[before:]
    assert not conn.broken


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("text", ODD)
def test_r9_odd_text_stays_inside_one_command(connect: Any, server: Scripted, call: str, text: str) -> None:
    work, name = CALLS[call]
    conn = connect(server)
    work(conn, text)
    conn.noop()
    sent = server.asked(name)
    assert len(sent) == 1
    assert set(server.names()) <= {"AUTHENTICATE", "CAPABILITY", "ID", "SELECT", "EXAMINE", "NOOP", "SUBSCRIBE", name}
    assert said(sent[0]) == text.encode()


def said(command: Any) -> bytes:
    """The one text argument, as a server reads it: a literal, or a quoted string unquoted."""
    if command.name != "APPEND" and command.literals:
        return bytes(command.literals[0])
    if len(command.literals) > 1:
        return bytes(command.literals[0])
    quoted = command.arguments.split(b" ", 1)[1] if command.name == "UID MOVE" else command.arguments
    assert quoted.startswith(b'"')
    octets, at = bytearray(), 1
    while quoted[at : at + 1] != b'"':
        at += quoted[at : at + 1] == b"\\"
        octets += quoted[at : at + 1]
        at += 1
    return bytes(octets)


@pytest.mark.parametrize("text", ENDING)
@pytest.mark.parametrize("field", ["login", "password"])
def test_r9_a_login_or_password_with_a_line_end_opens_no_connection(
    connect: Any, server: Scripted, field: str, text: str
) -> None:
    with pytest.raises(errors.UnsafeText):
        connect(server, **{field: text})
    assert server.connections == 0


@pytest.mark.parametrize("text", ODD)
def test_r9_login_and_password_travel_as_sasl_plain(connect: Any, server: Scripted, text: str) -> None:
    connect(server, login=text, password=text)
    sent = server.asked("AUTHENTICATE")
    assert len(sent) == 1
    assert base64.b64decode(sent[0].words[1]) == b"\0" + text.encode() + b"\0" + text.encode()


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("literals", ["LITERAL+", ""])
def test_r9_where_only_login_is_offered_it_gets_two_literals(
    connect: Any, scripted: Callable[..., Scripted], text: str, literals: str
) -> None:
    server = scripted(capabilities=f"IMAP4rev1 {literals}".strip())
    connect(server, login=text, password=text)
    sent = server.asked("LOGIN")
    assert len(sent) == 1
    assert sent[0].literals == (text.encode(), text.encode())
    assert sent[0].synchronizing == (True, True), "capabilities from before the login are not relied on"


@pytest.mark.parametrize("flag", [*ENDING, "\\Seen) X", "\\Recent", "$label", "Seen", "", "(", "\\*"])
def test_r9_flags_are_constants(connect: Any, server: Scripted, flag: str) -> None:
    conn = connect(server)
    for work in (
        lambda: store.change_flags(conn, INBOX, VALIDITY, [Uid(1)], add=[SEEN, flag]),
        lambda: store.change_flags(conn, INBOX, VALIDITY, [Uid(1)], remove=[flag]),
        lambda: append.append(conn, INBOX, b"Subject: x\r\n\r\n", [flag], WHEN),
    ):
        with pytest.raises(errors.UnsafeText):
            work()
    conn.noop()
    assert not {"UID STORE", "APPEND", "SELECT"} & set(server.names())


def test_r9_a_message_is_a_literal_whatever_it_says(connect: Any, server: Scripted) -> None:
    conn = connect(server)
    message = b"Subject: {5+}\r\n\r\nX1 DELETE INBOX\r\n"
    append.append(conn, INBOX, message, [SEEN], WHEN)
    conn.noop()
    sent = server.asked("APPEND")
    assert [command.literals for command in sent] == [(message,)]
    assert sent[0].arguments.startswith(b'"INBOX" (\\Seen) "03-Mar-2026 10:00:00 +0000" {')
    assert "DELETE" not in server.names()


def test_r9_a_message_with_nul_is_refused(connect: Any, server: Scripted) -> None:
    with pytest.raises(errors.UnsafeText):
        append.append(connect(server), INBOX, b"Subject: a\0b\r\n\r\n", [], WHEN)
    assert "APPEND" not in server.names()


@pytest.mark.parametrize("section", ["1] X", "1\r\nX1 NOOP", "1\0", "", "TEXT]", "1.MIME ä"])
def test_r9_a_part_number_is_a_number(connect: Any, server: Scripted, section: str) -> None:
    conn = connect(server)
    part = Part(PartId(section), "text/plain")
    with pytest.raises((errors.UnsafeText, errors.PartMissing)):
        fetch.part(conn, MessageRef(INBOX, VALIDITY, Uid(1)), part, 100)
    assert "UID FETCH" not in server.names()


@pytest.mark.parametrize("uid", [0, -1, 1 << 32])
def test_r9_uids_are_in_range(uid: int) -> None:
    with pytest.raises(errors.UnsafeText):
        list(wire.uid_sets([uid]))


def test_uids_are_told_as_ranges_in_lines_that_servers_take() -> None:
    assert list(wire.uid_sets([3, 1, 2, 9, 7, 7])) == [b"1:3,7,9"]
    sets = list(wire.uid_sets(range(1, 20001, 2)))
    assert max(map(len, sets)) <= wire.LONGEST_SET
    assert sum(each.count(b",") + 1 for each in sets) == 10000


def test_a_naive_arrival_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        wire.date_time(datetime(2026, 3, 3))
