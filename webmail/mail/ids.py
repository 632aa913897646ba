"""Names of things on the server. After the door (web/converters) a UID is a Uid; before it, it is text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NewType

Uid = NewType("Uid", int)
"""Unique identifier of a message, 1..2^32-1 (RFC 9051 2.3.1.1). Means nothing without its UidValidity."""

UidValidity = NewType("UidValidity", int)

PartId = NewType("PartId", str)
"""IMAP section number of a MIME part, "1" or "2.1.3" (RFC 9051 6.4.5)."""

WHOLE: Final = PartId("0")
"""The message itself, header and all, where a part is asked for. IMAP has no number for it, and gives no part this."""

TEXT: Final = PartId("TEXT")
"""All that lies behind the header of the message."""

MailboxName = NewType("MailboxName", str)
"""A mailbox name exactly as the server's LIST spelled it, one character an octet (Latin-1), modified UTF-7 undecoded.

Names are kept raw because not every raw name survives decoding and encoding; mail/mailbox.py decodes for display."""


@dataclass(frozen=True, slots=True)
class MessageRef:
    """One message, for as long as the mailbox keeps its UIDVALIDITY."""

    mailbox: MailboxName
    uidvalidity: UidValidity
    uid: Uid
