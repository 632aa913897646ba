"""A folder that another device renamed is found by what never changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.imap.mailbox_of import INBOX
from tests.servers.scripted import Scripted
from webmail.imap import objectid
from webmail.imap.connection import Connection
from webmail.imap.selection import select

WORDS = "IMAP4rev1 AUTH=PLAIN SASL-IR OBJECTID"
OPENED = "* 9 EXISTS\n* OK [UIDVALIDITY 7] x\n* OK [MAILBOXID (F2212ea87-6097)] x\n{tag} OK [READ-WRITE] x"
LISTED = '* LIST () "/" INBOX\n* LIST (\\Noselect) "/" a\n* LIST () "/" "a/new name"\n'
IDS = '* STATUS inbox (MAILBOXID (F1))\n* STATUS "a/new name" (MAILBOXID (F2212ea87-6097))\n'


def test_opening_a_mailbox_tells_its_id(connect: Any, scripted: Callable[..., Scripted]) -> None:
    assert select(connect(scripted({"SELECT": OPENED})), INBOX).mailbox_id == "F2212ea87-6097"
    assert select(connect(scripted()), INBOX).mailbox_id is None


def test_it_is_found_under_its_new_name_in_one_command(connect: Any, scripted: Callable[..., Scripted]) -> None:
    """Asked for alone: beside a count Cyrus 3.6 answers with octets that are no id."""
    server = scripted({"LIST": LISTED + IDS + "{tag} OK done"}, capabilities=f"{WORDS} LIST-STATUS")
    conn = connect(server)
    assert objectid.find(conn, "F2212ea87-6097") == "a/new name"
    assert objectid.find(conn, "F1") == INBOX
    assert objectid.find(conn, "F3") is None
    assert {command.arguments for command in server.asked("LIST")} == {b'"" "*" RETURN (STATUS (MAILBOXID))'}
    assert "STATUS" not in server.names()


@pytest.mark.parametrize("lists", ["", " LIST-STATUS"])
def test_without_list_status_each_is_asked(connect: Any, scripted: Callable[..., Scripted], lists: str) -> None:
    def status(wire: Any, command: Any) -> None:
        line = next(line for line in IDS.splitlines() if (b"INBOX" in command.arguments) == ("inbox" in line))
        wire.send(line.encode() + b"\r\n" + command.tag + b" OK done\r\n")

    def listed(wire: Any, command: Any) -> None:
        refused = b"RETURN" in command.arguments
        wire.send(b"" if refused else LISTED.replace("\n", "\r\n").encode())
        wire.send(command.tag + (b" BAD what\r\n" if refused else b" OK done\r\n"))

    server = scripted({"LIST": listed, "STATUS": status}, capabilities=WORDS + lists)
    assert objectid.find(connect(server), "F2212ea87-6097") == "a/new name"
    assert [command.arguments for command in server.asked("STATUS")] == [
        b'"INBOX" (MAILBOXID)', b'"a/new name" (MAILBOXID)',
    ]  # fmt: skip


@pytest.mark.parametrize(
    "said", ["* STATUS INBOX (MAILBOXID (\\377\\001))", "* STATUS INBOX (", "* STATUS", "* STATUS x y"]
)
def test_nonsense_is_no_id(connect: Any, scripted: Callable[..., Scripted], said: str) -> None:
    server = scripted({"LIST": f"{LISTED}{said}\n{{tag}} OK done"}, capabilities=f"{WORDS} LIST-STATUS")
    assert objectid.find(connect(server), "F2212ea87-6097") is None


def test_a_server_without_ids_is_not_asked(conn: Connection) -> None:
    assert "OBJECTID" not in conn.capabilities
    assert objectid.find(conn, "F1") is None
