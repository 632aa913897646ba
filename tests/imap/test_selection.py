"""Opening mailboxes, and those that cannot be opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.imap.mailbox_of import INBOX
from tests.servers.answers import Turns
from tests.servers.people import Person
from tests.servers.scripted import Scripted
from webmail import errors
from webmail.imap import fetch
from webmail.imap.pool import Pool
from webmail.mail.ids import MailboxName


def test_a_mailbox_is_opened_once(connect: Any, scripted: Callable[..., Scripted]) -> None:
    server = scripted()
    conn = connect(server)
    for _ in range(3):
        fetch.select(conn, INBOX)
    fetch.select(conn, MailboxName("Other"))
    assert len(server.asked("SELECT")) == 2


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("NO no such mailbox", errors.MailboxMissing),
        ("NO [NONEXISTENT] gone", errors.MailboxMissing),
        ("NO [NOPERM] not yours", errors.MailboxMissing),
        ("NO [INUSE] locked", errors.ServerBusy),
        ("NO [UNAVAILABLE] disk", errors.ServerBusy),
    ],
)
def test_a_mailbox_that_cannot_be_opened(
    connect: Any, scripted: Callable[..., Scripted], said: str, expected: type[errors.MailError]
) -> None:
    server = scripted({"SELECT": Turns("* 3 EXISTS\n{tag} OK [READ-WRITE] x", f"{{tag}} {said}")})
    conn = connect(server)
    fetch.select(conn, INBOX)
    with pytest.raises(errors.MailError) as refused:
        fetch.select(conn, MailboxName("Other"))
    assert type(refused.value) is expected
    assert conn.box is None, "after a failed SELECT nothing is open (RFC 9051 6.3.2)"


def test_a_mailbox_without_uidvalidity_is_opened_all_the_same(connect: Any, scripted: Callable[..., Scripted]) -> None:
    opened = fetch.select(connect(scripted({"SELECT": "* 0 EXISTS\n{tag} OK selected"})), INBOX)
    assert (opened.uidvalidity, opened.uidnext, opened.read_only) == (0, None, False)


def test_a_mailbox_deleted_elsewhere_while_it_was_open(
    alice: Person, account_of: Any, pools: Callable[..., Pool]
) -> None:
    """Dovecot says BYE then; the next connection says that it is missing."""
    alice.create("Projects")
    mine, books = account_of(alice), pools()
    books.run(mine, lambda conn: fetch.select(conn, MailboxName("Projects")))
    with alice.imap() as client:
        client.delete_folder("Projects")
    with pytest.raises(errors.MailboxMissing):
        books.run(mine, lambda conn: fetch.page(conn, MailboxName("Projects")))
