"""Servers by name: how each is recognised, and what is then known of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.imap.mailbox_of import INBOX
from tests.servers.scripted import Scripted
from webmail.imap import threads
from webmail.imap.connection import Connection
from webmail.imap.links import Links
from webmail.imap.quirks import Quirks, detect
from webmail.imap.selection import select

PLAIN = "IMAP4rev1 AUTH=PLAIN SASL-IR"


def identified(name: str) -> dict[str, str]:
    return {"ID": f'* ID ("name" "{name}" "version" "9")\n{{tag}} OK done'}


def test_dovecot_is_known_and_has_none(conn: Connection) -> None:
    assert conn.quirks == Quirks("dovecot")


@pytest.mark.parametrize(
    ("greeting", "words", "name"),
    [
        ("* OK [CAPABILITY IMAP4rev1 ACL2=UNION] Courier-IMAP ready. See COPYING", f"{PLAIN} IDLE", "courier"),
        ("* OK ready", f"{PLAIN} IDLE ACL ACL2=UNION", "courier"),
        ("* OK Hoodiecrow ready for rumble", f"{PLAIN} ID IDLE", "hoodiecrow"),
        ("* OK IMAP4rev1", f"{PLAIN} ID IDLE", "mailutils"),
    ],
)
def test_servers_that_are_deaf_while_they_idle_are_known_by_what_they_greet_with(
    connect: Any, scripted: Callable[..., Scripted], greeting: str, words: str, name: str
) -> None:
    """None of them says its name in ID: they answer NIL, or do not know the command."""
    server = scripted({"ID": "* ID NIL\n{tag} OK done"}, greeting=greeting, capabilities=words)
    quirks = connect(server).quirks
    assert (quirks.name, quirks.deaf_in_idle) == (name, True)


def test_what_hoodiecrow_offers_and_does_not_keep_is_taken_off(connect: Any, scripted: Callable[..., Scripted]) -> None:
    server = scripted(greeting="* OK Hoodiecrow ready", capabilities=f"{PLAIN} CONDSTORE ENABLE UIDPLUS")
    conn = connect(server)
    assert "CONDSTORE" not in conn.capabilities
    assert "UIDPLUS" in conn.capabilities
    assert conn.quirks.not_kept == {"CONDSTORE"}


@pytest.mark.parametrize(("greeting", "cut"), [("* OK Hoodiecrow ready", b""), ("* OK ready", b"<0.16384>")])
def test_a_server_that_cuts_at_the_wrong_place_is_not_asked_to_cut(
    connect: Any, scripted: Callable[..., Scripted], greeting: str, cut: bytes
) -> None:
    opened = "* 2 EXISTS\n* OK [UIDVALIDITY 7] x\n{tag} OK [READ-WRITE] x"
    server = scripted({"SELECT": opened, "UID FETCH": "{tag} OK x"}, greeting=greeting, capabilities=PLAIN)
    conn = connect(server)
    select(conn, INBOX)
    threads.read(conn, Links(1), b"*")
    assert server.asked("UID FETCH")[0].arguments.endswith(b"IN-REPLY-TO)]" + cut + b")")


@pytest.mark.parametrize(("name", "known"), [("Cyrus IMAPD", "cyrus imapd"), ("Dovecot Pro", "dovecot pro"), ("", "")])
def test_a_name_is_taken_as_it_is_given(connect: Any, scripted: Callable[..., Scripted], name: str, known: str) -> None:
    conn = connect(scripted(identified(name), capabilities=f"{PLAIN} ID"))
    assert conn.quirks.name == known


def test_a_server_that_nobody_knows_has_no_quirks() -> None:
    assert detect({}, frozenset({"IMAP4REV1", "IDLE"}), b"* OK Dovecot is what we are not") == Quirks()
    assert detect({"name": "Something else"}, frozenset(), b"* OK Courier-IMAP") == Quirks("something else")
