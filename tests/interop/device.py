"""Somebody's other device: plain IMAP with IMAPClient, and nothing that only some servers offer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.servers.people import Person, Stored


@dataclass(frozen=True)
class Device:
    """The phone of one person. titles: what this server calls the folder of a role, where it is not the usual word."""

    person: Person
    titles: Mapping[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return self.person.address

    def folder(self, title: str) -> str:
        """The whole name of a folder, or of the one with a role, below whatever prefix this server wants."""
        return "INBOX" if title == "INBOX" else self.person.prefix + self.titles.get(title, title)

    def put(self, raw: bytes, title: str = "INBOX", flags: Iterable[str] = ()) -> int:
        """Put a message there and give its UID, also where APPEND does not tell it."""
        return self.put_all([raw], title, flags)[0]

    def put_all(self, raws: Iterable[bytes], title: str = "INBOX", flags: Iterable[str] = ()) -> list[int]:
        """Put many there, in order."""
        chosen = tuple(flag.encode() for flag in flags)
        with self.person.imap() as client:
            client.select_folder(self.folder(title))
            before = set(client.search("ALL"))
            for raw in raws:
                client.append(self.folder(title), raw, chosen)
            client.noop()
            return sorted(set(client.search("ALL")) - before)

    def stored(self, title: str = "INBOX") -> list[Stored]:
        """Everything in that folder, oldest UID first; nothing when there is no such folder."""
        return self.person.messages(self.folder(title)) if self.has(title) else []

    def subjects(self, title: str = "INBOX") -> list[str | None]:
        """Of everything in that folder, oldest first."""
        return [message.header("Subject") for message in self.stored(title)]

    def flags(self, uid: int, title: str = "INBOX") -> frozenset[str]:
        """The flags of one message, without \\Recent; KeyError when it is not there."""
        return self.person.flags(uid, self.folder(title))

    def mark(self, uid: int, *flags: str, remove: bool = False) -> None:
        """Add or remove flags of a message in the inbox."""
        self.person.mark(uid, *flags, remove=remove)

    def remove(self, uid: int) -> None:
        """Remove a message from the inbox for good; nothing else is marked there."""
        with self.person.imap() as client:
            client.select_folder("INBOX")
            client.add_flags([uid], [b"\\Deleted"])
            client.expunge()

    def has(self, title: str) -> bool:
        """Whether there is such a folder."""
        return self.folder(title) in self.person.mailboxes()

    def create(self, title: str) -> None:
        self.person.create(self.folder(title))

    def delete(self, title: str) -> None:
        with self.person.imap() as client:
            client.delete_folder(self.folder(title))

    def pick(self, uid: int, title: str = "INBOX") -> str:
        """A message as our URLs call it: "uidvalidity.uid"."""
        return f"{self.person.uidvalidity(self.folder(title))}.{uid}"

    def keeps_keywords(self) -> bool:
        """Whether words of one's own stay on a message (RFC 9051 7.1, PERMANENTFLAGS)."""
        with self.person.imap() as client:
            return b"\\*" in client.select_folder("INBOX")[b"PERMANENTFLAGS"]
