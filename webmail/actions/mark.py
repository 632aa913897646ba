"""Flags a person sets on messages."""

from __future__ import annotations

from collections.abc import Sequence

from webmail.imap import store
from webmail.imap.connection import Connection
from webmail.mail import flags
from webmail.mail.ids import MailboxName, MessageRef, Uid, UidValidity


def read(conn: Connection, mailbox: MailboxName, validity: UidValidity, uids: Sequence[Uid], yes: bool = True) -> None:
    """Read or unread. Raises MailboxRebuilt, MailboxReadOnly, MailboxMissing."""
    _set(conn, mailbox, validity, uids, flags.SEEN, yes)


def star(conn: Connection, mailbox: MailboxName, validity: UidValidity, uids: Sequence[Uid], yes: bool = True) -> None:
    """Starred or not. Raises as read does."""
    _set(conn, mailbox, validity, uids, flags.FLAGGED, yes)


def answered(conn: Connection, ref: MessageRef, *, forwarded: bool) -> None:
    """The letter was answered, or passed on ($Forwarded, where the server keeps keywords). Raises as read does."""
    _set(conn, ref.mailbox, ref.uidvalidity, (ref.uid,), flags.FORWARDED if forwarded else flags.ANSWERED, True)


def _set(
    conn: Connection, mailbox: MailboxName, validity: UidValidity, uids: Sequence[Uid], flag: str, yes: bool
) -> None:
    change = (flag,)
    store.change_flags(conn, mailbox, validity, uids, add=change if yes else (), remove=() if yes else change)
