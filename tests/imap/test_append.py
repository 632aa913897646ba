"""Storing a message: whole or not at all, and what the server has against it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from tests.imap.mailbox_of import INBOX, WHEN, validity
from tests.servers.answers import Turns
from tests.servers.people import Person, letter
from tests.servers.scripted import Scripted
from webmail import errors
from webmail.imap import append
from webmail.imap.connection import Connection
from webmail.mail.flags import DRAFT, SEEN
from webmail.mail.ids import MailboxName, MessageRef, Uid


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
