"""For the tests of what people do: a connection to their server, a lease as the pages give it, and how to submit."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.servers.authority import Authority
from tests.servers.people import Person
from tests.servers.submission import Submission as Server
from webmail.actions.means import Means, Submission
from webmail.config import Endpoint, MailServer
from webmail.imap.connection import Connection, dial, tls_context
from webmail.imap.pool import Account, Pool
from webmail.journal import FileJournal
from webmail.mail.address import Address
from webmail.mail.draft import Draft


@dataclass(frozen=True)
class Desk:
    """One person at work. lend: as session.lender gives it; how: the submission server; journal: of all desks."""

    person: Person
    conn: Connection
    lend: Callable[[], AbstractContextManager[Connection]]
    how: Submission
    journal: FileJournal

    @property
    def means(self) -> Means:
        """What sending takes."""
        return Means(self.journal, self.lend, self.how)

    def elsewhere(self, directory: Path) -> Desk:
        """The same desk in a process that knows nothing of this one's journal."""
        return replace(self, journal=FileJournal(directory))


@pytest.fixture
def journal(tmp_path: Path) -> FileJournal:
    """An empty one."""
    return FileJournal(tmp_path / "sends")


@pytest.fixture
def desk_of(authority: Authority, submission: Server, journal: FileJournal) -> Iterator[Callable[..., Desk]]:
    """desk_of(alice), desk_of(alice, port=proxy.port, sent_copy=False)."""
    made: list[tuple[Connection, Pool]] = []

    def start(person: Person, *, port: int | None = None, smtp_port: int | None = None, sent_copy: bool = True) -> Desk:
        imap = Endpoint("localhost", port or person.port, "implicit", authority.ca_file)
        smtp = Endpoint("localhost", smtp_port or submission.port, "implicit", authority.ca_file)
        context = tls_context(authority.ca_file)
        conn = dial(imap, person.login, person.password, context=context, connect_timeout=5, read_timeout=5)
        pool = Pool(connect_timeout=5, read_timeout=5)
        made.append((conn, pool))
        how = Submission(MailServer(imap, smtp, sent_copy=sent_copy), person.login, person.password, context, 5, 5)
        return Desk(person, conn, lambda: pool.lease(Account(imap, person.login, person.password)), how, journal)

    yield start
    for conn, pool in made:
        conn.close()
        pool.close()


def draft(**given: Any) -> Draft:
    """A letter of Alice's to Bob, with a Message-ID of its own."""
    usual: dict[str, Any] = {
        "sender": Address("", "alice@example.org"), "to": (Address("", "bob@example.org"),), "cc": (), "bcc": (),
        "subject": "Hello", "text": "Words\n", "in_reply_to": None, "references": (),
        "message_id": f"<{secrets.token_hex(16)}@example.org>", "date": datetime.now(UTC), "attachments": (),
    }  # fmt: skip
    return Draft(**(usual | given))
