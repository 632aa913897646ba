"""What a person's mailbox holds, for tests that change it."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.servers.people import Person, letter
from webmail.mail.ids import MailboxName, Uid, UidValidity

INBOX = MailboxName("INBOX")
TRASH = MailboxName("Trash")
WHEN = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)


def validity(person: Person, mailbox: str = "INBOX") -> UidValidity:
    return UidValidity(person.uidvalidity(mailbox))


def subjects(person: Person, mailbox: str = "INBOX") -> list[str | None]:
    return [message.header("Subject") for message in person.messages(mailbox)]


def fill(person: Person, count: int) -> list[Uid]:
    """So many letters, "number 1" and so on; their UIDs."""
    return [Uid(uid) for uid in person.append_all(letter(f"number {n}") for n in range(1, count + 1))]
