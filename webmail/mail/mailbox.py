"""Mailboxes: the tree, its roles (RFC 6154) and how a raw name is shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from webmail.mail.ids import MailboxName


class Role(StrEnum):
    """Special use of a mailbox; INBOX is one too, because the reader treats it so."""

    INBOX = "inbox"
    DRAFTS = "drafts"
    SENT = "sent"
    ARCHIVE = "archive"
    JUNK = "junk"
    TRASH = "trash"
    ALL = "all"
    FLAGGED = "flagged"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One line of LIST, with STATUS where it was cheap.

    delimiter: None for a flat name. attributes: lower case, with the backslash ("\\\\noselect").
    messages, unseen: None when unknown.
    """

    name: MailboxName
    delimiter: str | None
    attributes: frozenset[str] = frozenset()
    role: Role | None = None
    messages: int | None = None
    unseen: int | None = None

    @property
    def selectable(self) -> bool:
        """False for a \\Noselect or \\NonExistent name that only holds children."""
        return not self.attributes & {"\\noselect", "\\nonexistent"}
