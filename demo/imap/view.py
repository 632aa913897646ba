"""What one session knows of its selected mailbox: sequence numbers change only when the session has been told so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from demo.imap.grammar import NumberSet
from demo.imap.store import SYSTEM_FLAGS, Mailbox, StoredMessage
from demo.imap.wire import Malformed


@dataclass(slots=True, eq=False)
class Entry:
    """A message as the client knows it. told: the flags it was last told."""

    message: StoredMessage
    told: frozenset[str]


class View:
    """The selected mailbox of one session. wake is called (in the event loop) whenever the mailbox changes."""

    def __init__(self, mailbox: Mailbox, read_only: bool, wake: Callable[[], None]) -> None:
        self.mailbox = mailbox
        self.read_only = read_only
        self.entries = [Entry(message, message.flags) for message in mailbox.messages]
        self._keywords = len(mailbox.keywords)
        self._version = mailbox.version
        self._wake = wake
        mailbox.watchers.add(wake)

    def close(self) -> None:
        self.mailbox.watchers.discard(self._wake)

    def chosen(self, wanted: NumberSet, uid: bool) -> Iterator[tuple[int, Entry]]:
        """(sequence number, entry) in order. "*" is the last one. Raises Malformed for a number that is no message."""
        last = (self.entries[-1].message.uid if self.entries else 0) if uid else len(self.entries)
        ranges = [sorted((first or last, final or last)) for first, final in wanted]
        if not uid and any(low < 1 or high > last for low, high in ranges):
            raise Malformed("Invalid messageset")
        for number, entry in enumerate(list(self.entries), 1):
            key = entry.message.uid if uid else number
            if any(low <= key <= high for low, high in ranges):
                yield number, entry

    def flags_lines(self) -> list[bytes]:
        """FLAGS and PERMANENTFLAGS as they are now."""
        self._keywords = len(self.mailbox.keywords)
        words = " ".join((*SYSTEM_FLAGS, *self.mailbox.keywords))
        if self.read_only:
            return [f"* FLAGS ({words})".encode(), b"* OK [PERMANENTFLAGS ()] Read-only mailbox."]
        return [f"* FLAGS ({words})".encode(), f"* OK [PERMANENTFLAGS ({words} \\*)] Flags permitted.".encode()]

    def changes_of_keywords(self) -> list[bytes]:
        """A keyword is announced before its first use (RFC 3501 7.2.6)."""
        return self.flags_lines() if self._keywords != len(self.mailbox.keywords) else []

    def changes(self, expunges: bool) -> Iterator[bytes]:
        """What the client has to be told. expunges: False while its sequence numbers must hold (RFC 3501 7.4.1)."""
        yield from self.changes_of_keywords()
        if self._version == self.mailbox.version:
            return
        if expunges:
            yield from self._expunges()
        known = {id(entry.message) for entry in self.entries}
        added = [message for message in self.mailbox.messages if id(message) not in known]
        if added:
            self.entries += [Entry(message, message.flags) for message in added]
            yield b"* %d EXISTS" % len(self.entries)
            yield b"* 0 RECENT"
        for number, entry in enumerate(self.entries, 1):
            if entry.told != entry.message.flags:
                yield b"* %d FETCH (UID %d FLAGS %b)" % (number, entry.message.uid, told_flags(entry))
        if expunges:
            self._version = self.mailbox.version

    def _expunges(self) -> Iterator[bytes]:
        there = {id(message) for message in self.mailbox.messages}
        gone = [number for number, entry in enumerate(self.entries, 1) if id(entry.message) not in there]
        for number in reversed(gone):  # from the end, so that the numbers before stay as they are
            del self.entries[number - 1]
            yield b"* %d EXPUNGE" % number


def told_flags(entry: Entry) -> bytes:
    """The flags now, remembered as told."""
    entry.told = entry.message.flags
    return b"(%b)" % " ".join(sorted(entry.told)).encode()
