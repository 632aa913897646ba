"""What of a message lies beyond the budgets of R15, so that nobody takes a part of it for the whole."""

from __future__ import annotations

from enum import Enum
from typing import Final

from webmail.mail import address, headers
from webmail.mail.headers import Headers
from webmail.mail.message import Message
from webmail.mail.parts import DEEPEST, MOST_PARTS

_ADDRESSES: Final = ("from", "to", "cc", "bcc", "reply-to")


class Excess(Enum):
    """HEADER: more octets or fields than are read. ADDRESSES: more of them in one kind of field. PARTS: more parts, or
    deeper ones, than are told apart."""

    HEADER = "header"
    ADDRESSES = "addresses"
    PARTS = "parts"


def excess(message: Message, facts: Headers) -> tuple[Excess, ...]:
    """What was left out. facts: the header of this message."""
    found = []
    if len(message.header) >= headers.BUDGET or len(facts.fields) >= headers.MOST_FIELDS:
        found.append(Excess.HEADER)
    if any(len(facts.addresses(name)) >= address.MOST for name in _ADDRESSES):
        found.append(Excess.ADDRESSES)
    if _many(message) or _deep(message):
        found.append(Excess.PARTS)
    return tuple(found)


def _many(message: Message) -> bool:
    return sum(1 for _ in message.root.walk()) >= MOST_PARTS


def _deep(message: Message) -> bool:
    """A multipart that was left closed: our own reading goes no deeper, and a server's structure that does is not
    used."""
    level = [message.root]
    for _ in range(DEEPEST):
        level = [child for part in level for child in part.children]
        if not level:
            return False
    return any(part.type.startswith("multipart/") for part in level)
