"""Finding a message by its Message-ID."""

from __future__ import annotations

from typing import Any

import pytest

from tests.imap.mailbox_of import INBOX
from tests.servers.people import Person, letter
from webmail import errors
from webmail.imap import fetch, search
from webmail.imap.connection import Connection
from webmail.mail.ids import MailboxName


@pytest.fixture(params=["ESEARCH", ""])
def search_conn(request: Any, connect: Any, alice: Person) -> Connection:
    made: Connection = connect(alice)
    made.capabilities -= {"ESEARCH"} - {request.param}
    return made


def test_a_message_is_found_by_its_message_id(search_conn: Connection, alice: Person) -> None:
    uids = alice.append_all([letter(message_id=f"<{n}@x>") for n in (1, 2, 11, 2)])
    assert search.by_message_id(search_conn, INBOX, "<2@x>") == (uids[1], uids[3])
    assert search.by_message_id(search_conn, INBOX, "<3@x>") == ()
    assert search.by_message_id(search_conn, INBOX, "1@x") == (), "a substring is no match"


@pytest.mark.parametrize("identifier", ['<"q"@x>', "<a\\b@x>", "<{5+}@x>", "<%*@x>", "<ä@x>", "<a)b@x>"])
def test_odd_message_ids_are_found_too(search_conn: Connection, alice: Person, identifier: str) -> None:
    alice.append_all([letter(), letter(message_id=identifier)])
    assert search.by_message_id(search_conn, INBOX, identifier) == (2,)


def test_a_message_stored_a_moment_ago_is_found(search_conn: Connection, alice: Person) -> None:
    fetch.select(search_conn, INBOX)
    alice.append(letter(message_id="<new@x>"))
    assert search.by_message_id(search_conn, INBOX, "<new@x>") == (1,)


def test_searching_a_mailbox_that_is_missing(search_conn: Connection) -> None:
    with pytest.raises(errors.MailboxMissing):
        search.by_message_id(search_conn, MailboxName("Nowhere"), "<1@x>")
