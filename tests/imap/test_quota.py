"""How much room there is, and how large mailboxes are; None where nobody tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.imap.mailbox_of import INBOX
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE, Person, letter
from tests.servers.scripted import Scripted
from webmail.imap import quota
from webmail.imap.connection import Connection
from webmail.imap.quota import Quota
from webmail.mail.ids import MailboxName

WORDS = "IMAP4rev1 AUTH=PLAIN SASL-IR QUOTA LIST-STATUS STATUS=SIZE"


def test_alice_has_used_half_of_her_room(another_dovecot: Callable[..., Dovecot], connect: Any) -> None:
    person = another_dovecot(quota=100 * 1024).person(ALICE)
    person.append(letter(text="x" * 50 * 1024))
    told = quota.quota(connect(person), INBOX)
    assert told is not None
    assert told.limit == 100 * 1024
    assert told.used is not None
    assert 50 * 1024 <= told.used <= 52 * 1024


def test_a_server_without_quota_is_not_asked(connect: Any, scripted: Callable[..., Scripted]) -> None:
    server = scripted(capabilities="IMAP4rev1 AUTH=PLAIN SASL-IR")
    assert quota.quota(connect(server), INBOX) is None
    assert "GETQUOTAROOT" not in server.names()


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('* QUOTA "" (STORAGE 10 512)', Quota(10_240, 524_288)),
        ('* QUOTA "" (STORAGE 10 512 MESSAGE 3 1000)', Quota(10_240, 524_288, 3, 1000)),
        ('* QUOTA "" (message 3 1000)', Quota(None, None, 3, 1000)),
        # The one with the least room counts.
        ('* QUOTA a (STORAGE 10 512)\n* QUOTA "b c" (STORAGE 90 100)', Quota(92_160, 102_400)),
        ('* QUOTA a (MESSAGE 1 2)\n* QUOTA b (STORAGE 90 100)', Quota(92_160, 102_400)),
        ("* QUOTA a (STORAGE 5000000000 9000000000)", Quota(5_120_000_000_000, 9_216_000_000_000)),
        # Courier: a root without limits.
        ('* QUOTA "ROOT"', None),
        ('* QUOTA "" ()', None),
        ("* QUOTA", None),
        ("* QUOTA (((", None),
        ('* QUOTA "" (STORAGE x y)', None),
        ("* OK nothing", None),
    ],
)  # fmt: skip
def test_what_servers_say_of_room(
    connect: Any, scripted: Callable[..., Scripted], said: str, expected: Quota | None
) -> None:
    server = scripted({"GETQUOTAROOT": f'* QUOTAROOT INBOX ""\n{said}\n{{tag}} OK done'}, capabilities=WORDS)
    assert quota.quota(connect(server), INBOX) == expected
    assert server.asked("GETQUOTAROOT")[0].arguments == b'"INBOX"'


def test_a_refusal_is_no_answer(connect: Any, scripted: Callable[..., Scripted]) -> None:
    server = scripted({"GETQUOTAROOT": "{tag} NO [NOPERM] no", "LIST": "{tag} BAD what"}, capabilities=WORDS)
    conn = connect(server)
    assert quota.quota(conn, INBOX) is None
    assert quota.sizes(conn) is None


def test_sizes_of_all_folders_come_in_one_command(conn: Connection, alice: Person) -> None:
    alice.append(letter(text="x" * 5000), "Archive")
    alice.create("Wörk")
    alice.append(letter(), "Wörk")
    told = quota.sizes(conn)
    assert told is not None
    assert told[MailboxName("Archive")] == len(letter(text="x" * 5000))
    assert told[MailboxName("W&APY-rk")] == len(letter())
    assert told[INBOX] == 0


@pytest.mark.parametrize("lacking", ["STATUS=SIZE", "LIST-STATUS"])
def test_sizes_that_would_cost_a_command_each_are_not_asked_for(conn: Connection, lacking: str) -> None:
    conn.capabilities -= {lacking}
    assert quota.sizes(conn) is None
