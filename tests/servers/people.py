"""Alice owns, bob shares, charlie must be refused. Their logins, and what they can do without the webmail."""

from __future__ import annotations

import contextlib
import datetime
import imaplib
import socket
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from imapclient import IMAPClient


@dataclass(frozen=True)
class Identity:
    """Who someone is: the address is also the login."""

    login: str
    password: str
    name: str

    @property
    def address(self) -> str:
        return self.login


ALICE = Identity("alice@example.org", "correct-horse-7", "Alice Ahlgren")
# Spaces, a quote, a backslash, a colon and letters outside ASCII: whatever quotes a password wrongly fails with bob.
BOB = Identity("bob@example.org", 'bob "pä ß" \\ 5:€', "Bob Brown")
CHARLIE = Identity("charlie@example.org", "charlie%s&x=1+2", "Charlie Cœur")
EVERYBODY = (ALICE, BOB, CHARLIE)


@dataclass(frozen=True)
class Stored:
    """One message as the server has it."""

    uid: int
    flags: frozenset[str]
    raw: bytes
    when: datetime.datetime

    def header(self, name: str) -> str | None:
        """The first header of that name, unfolded and not decoded."""
        wanted = name.lower().encode() + b":"
        head = self.raw.replace(b"\r\n", b"\n").split(b"\n\n", 1)[0]
        for line in head.replace(b"\n ", b" ").replace(b"\n\t", b" ").split(b"\n"):
            if line.lower().startswith(wanted):
                return line[len(wanted) :].strip().decode("utf-8", "replace")
        return None


@dataclass(frozen=True)
class Person:
    """Someone with an account on a test server, who can also look at it directly."""

    identity: Identity
    host: str
    port: int
    context: ssl.SSLContext = field(repr=False)
    prefix: str = ""
    separator: str = "."

    @property
    def login(self) -> str:
        return self.identity.login

    @property
    def password(self) -> str:
        return self.identity.password

    @property
    def address(self) -> str:
        return self.identity.address

    @property
    def name(self) -> str:
        return self.identity.name

    @contextmanager
    def imap(self) -> Iterator[IMAPClient]:
        """A signed-in client of their own, closed at the end whatever happens."""
        client = IMAPClient(self.host, self.port, ssl_context=self.context, timeout=20)
        # IMAPClient writes a command in pieces, and each would wait 40 ms for the other side.
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            # LOGIN cannot carry letters outside ASCII; SASL PLAIN can (RFC 4616).
            client.sasl_login("PLAIN", lambda _: f"\0{self.login}\0{self.password}".encode())
            yield client
        finally:
            # The test may have ended the connection already, or LOGOUT may find it broken: close it all the same.
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                client.logout()
            with contextlib.suppress(OSError):
                client.shutdown()

    def append(
        self,
        raw: bytes,
        mailbox: str = "INBOX",
        flags: Iterable[str] = (),
        when: datetime.datetime | None = None,
    ) -> int:
        """Put a message there and give its UID. Line ends are sent as they are."""
        return self.append_all([raw], mailbox, flags, when)[0]

    def append_all(
        self,
        raws: Iterable[bytes],
        mailbox: str = "INBOX",
        flags: Iterable[str] = (),
        when: datetime.datetime | None = None,
    ) -> list[int]:
        """Put many messages there over one connection, in order, and give their UIDs."""
        chosen = tuple(flag.encode() for flag in flags)
        with self.imap() as client:
            return [_uid_of(client.append(mailbox, raw, chosen, when)) for raw in raws]

    def messages(self, mailbox: str = "INBOX") -> list[Stored]:
        """Everything in that mailbox, oldest UID first, without setting \\Seen."""
        with self.imap() as client:
            client.select_folder(mailbox, readonly=True)
            answer: dict[int, dict[bytes, Any]] = client.fetch(
                client.search("ALL"), ["FLAGS", "INTERNALDATE", "BODY.PEEK[]"]
            )
        return [
            Stored(
                uid,
                frozenset(flag.decode() for flag in data[b"FLAGS"]) - {"\\Recent"},
                data[b"BODY[]"] or b"",  # NIL of one that was moved away meanwhile
                data[b"INTERNALDATE"],
            )
            for uid, data in sorted(answer.items())
        ]

    def flags(self, uid: int, mailbox: str = "INBOX") -> frozenset[str]:
        """The flags of one message, without \\Recent; KeyError when it is not there."""
        return {message.uid: message.flags for message in self.messages(mailbox)}[uid]

    def mark(self, uid: int, *flags: str, mailbox: str = "INBOX", remove: bool = False) -> None:
        """Add (or remove) flags, as another device of theirs would."""
        with self.imap() as client:
            client.select_folder(mailbox)
            change = client.remove_flags if remove else client.add_flags
            change([uid], [flag.encode() for flag in flags], silent=True)

    def expunge(self, uid: int, mailbox: str = "INBOX") -> None:
        """Remove a message for good, as another device of theirs would."""
        with self.imap() as client:
            client.select_folder(mailbox)
            client.add_flags([uid], [b"\\Deleted"], silent=True)
            client.uid_expunge([uid])

    def mailboxes(self) -> list[str]:
        """The names of all their mailboxes, decoded, sorted."""
        with self.imap() as client:
            return sorted(name for _, _, name in client.list_folders())

    def create(self, mailbox: str) -> None:
        with self.imap() as client:
            client.create_folder(mailbox)

    def uidvalidity(self, mailbox: str = "INBOX") -> int:
        with self.imap() as client:
            return int(client.folder_status(mailbox, ["UIDVALIDITY"])[b"UIDVALIDITY"])

    def rebuild(self, mailbox: str) -> None:
        """Delete and create a mailbox again, so that its UIDVALIDITY changes and old UIDs mean nothing (not INBOX)."""
        with self.imap() as client:
            client.delete_folder(mailbox)
            client.create_folder(mailbox)


def letter(
    subject: str = "Hello",
    *,
    sender: str = "Dora Doe <dora@example.net>",
    to: str = "alice@example.org",
    text: str = "Good morning.\r\n",
    message_id: str | None = None,
    date: str = "Tue, 03 Mar 2026 10:00:00 +0100",
    extra: str = "",
) -> bytes:
    """A small plain message for tests that need some message. extra: further header lines, each ended by CRLF."""
    identifier = f"Message-ID: {message_id}\r\n" if message_id else ""
    head = f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: {date}\r\n{identifier}{extra}"
    kind = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
    return (head + kind + "\r\n" + text).encode()


def _uid_of(answer: bytes | str) -> int:
    """The UID in `[APPENDUID validity uid]` (RFC 4315 3); Dovecot always gives it."""
    text = answer.decode() if isinstance(answer, bytes) else answer
    return int(text.split("APPENDUID", 1)[1].split("]", 1)[0].split()[1])
