"""Where the mail is: accounts, their mailboxes, their messages. All in memory; gone when the demo ends."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final

from demo.imap.structure import Node, parse
from demo.imap.wire import Refused

DELIMITER: Final = "/"
SYSTEM_FLAGS: Final = ("\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft")
_BARE_LF: Final = re.compile(rb"(?<!\r)\n")
_NAME: Final = re.compile(r"(?:[ !#-$'-)+-\[\]-~]|&[A-Za-z0-9+,]*-)+")  # modified UTF-7 without % * " \


class StoredMessage:
    """One message in one mailbox. Flags change; nothing else does."""

    def __init__(self, uid: int, source: bytes, flags: Iterable[str], arrived: datetime) -> None:
        self.uid = uid
        # Lines end with CRLF on the wire, and a literal holds no NUL (RFC 3501 9): Dovecot does the same.
        self.source = _BARE_LF.sub(b"\r\n", source).replace(b"\0", b"\x80")
        self.flags = frozenset(flags)
        self.arrived = arrived

    @cached_property
    def structure(self) -> Node:
        return parse(self.source)


@dataclass(eq=False)
class Mailbox:
    """Messages in ascending UID order, and who wants to hear of changes. version grows with every change."""

    uidvalidity: int
    role: str = ""
    subscribed: bool = True
    uidnext: int = 1
    version: int = 0
    messages: list[StoredMessage] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    watchers: set[Callable[[], None]] = field(default_factory=set)

    def changed(self) -> None:
        self.version += 1
        for tell in tuple(self.watchers):
            tell()

    def spelled(self, flags: Iterable[str]) -> frozenset[str]:
        """Keywords in the spelling that came first: they compare without case (RFC 3501 2.3.2)."""
        known = {word.lower(): word for word in self.keywords}
        for flag in flags:
            if not flag.startswith("\\") and flag.lower() not in known:
                known[flag.lower()] = flag
                self.keywords.append(flag)
        return frozenset(known.get(flag.lower(), flag) for flag in flags)

    def append(self, source: bytes, flags: Iterable[str], arrived: datetime) -> StoredMessage:
        message = StoredMessage(self.uidnext, source, self.spelled(flags), arrived)
        self.uidnext += 1
        self.messages.append(message)
        self.changed()
        return message

    def copy(self, message: StoredMessage) -> StoredMessage:
        return self.append(message.source, message.flags, message.arrived)

    def set_flags(self, message: StoredMessage, flags: frozenset[str]) -> None:
        if flags != message.flags:
            message.flags = flags
            self.changed()

    def expunge(self, gone: Iterable[StoredMessage]) -> None:
        ids = {id(message) for message in gone}
        if ids:
            self.messages = [message for message in self.messages if id(message) not in ids]
            self.changed()

    @property
    def unseen(self) -> int:
        return sum("\\Seen" not in message.flags for message in self.messages)


class Account:
    """One person's mailboxes by raw name. A name that only holds children is not kept: it follows from theirs."""

    def __init__(self, address: str, password: str, uidvalidity: int) -> None:
        self.address = address
        self._password = password
        self._uidvalidity = uidvalidity
        self.mailboxes: dict[str, Mailbox] = {}
        self.create("INBOX")

    def admits(self, password: str) -> bool:
        return hmac.compare_digest(password.encode(), self._password.encode())

    def find(self, name: str, code: str = "") -> Mailbox:
        """Raises Refused, with the code given ("[TRYCREATE] " for COPY, MOVE and APPEND)."""
        try:
            return self.mailboxes[name]
        except KeyError:
            raise Refused(f"{code}Mailbox doesn't exist: {printable(name)}") from None

    def create(self, name: str, role: str = "") -> Mailbox:
        name = name.removesuffix(DELIMITER)
        if name in self.mailboxes:
            raise Refused("[ALREADYEXISTS] Mailbox already exists")
        check_name(name)
        self._uidvalidity += 1
        self.mailboxes[name] = Mailbox(self._uidvalidity, role)
        return self.mailboxes[name]

    def delete(self, name: str) -> None:
        if name == "INBOX":
            raise Refused("INBOX can't be deleted")
        mailbox = self.find(name, "[NONEXISTENT] ")
        del self.mailboxes[name]
        mailbox.expunge(list(mailbox.messages))

    def rename(self, old: str, new: str) -> None:
        """Children go along (RFC 3501 6.3.5)."""
        if old == "INBOX":
            raise Refused("[CANNOT] This demo does not rename INBOX")
        check_name(new)
        moving = [name for name in self.mailboxes if name == old or name.startswith(old + DELIMITER)]
        if not moving:
            raise Refused(f"[NONEXISTENT] Mailbox doesn't exist: {printable(old)}")
        if new in self.mailboxes or new.startswith(old + DELIMITER):
            raise Refused("[ALREADYEXISTS] Target mailbox already exists")
        for name in moving:
            self.mailboxes[new + name[len(old) :]] = self.mailboxes.pop(name)

    def names(self) -> dict[str, Mailbox | None]:
        """Every name LIST shows; None for a parent that was never created."""
        shown: dict[str, Mailbox | None] = {}
        for name, mailbox in self.mailboxes.items():
            parts = name.split(DELIMITER)
            for depth in range(1, len(parts)):
                shown.setdefault(DELIMITER.join(parts[:depth]), None)
            shown[name] = mailbox
        return shown


def printable(name: str) -> str:
    """A name as part of an answer's text: one line, ASCII."""
    return re.sub(r"[^ -~]", "?", name)[:100]


def check_name(name: str) -> None:
    """Raises Refused for a name that is not modified UTF-7 or that leaves a level empty."""
    if not _NAME.fullmatch(name) or "" in name.split(DELIMITER) or len(name) > 200:
        raise Refused("[CANNOT] Invalid mailbox name")
