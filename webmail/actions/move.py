"""Taking messages to another folder: by name, or to the folder with a role."""

from __future__ import annotations

from collections.abc import Sequence

from webmail.imap import mailboxes, store
from webmail.imap import move as wire
from webmail.imap.connection import Connection
from webmail.mail import flags
from webmail.mail.ids import MailboxName, Uid, UidValidity
from webmail.mail.mailbox import Role


def to_mailbox(
    conn: Connection, mailbox: MailboxName, validity: UidValidity, uids: Sequence[Uid], destination: MailboxName
) -> None:
    """Move by name. Raises MailboxMissing, MailboxRebuilt, MailboxReadOnly, QuotaExceeded; then nothing moved."""
    if destination != mailbox:
        wire.move(conn, mailbox, validity, uids, destination)


def to_role(conn: Connection, mailbox: MailboxName, validity: UidValidity, uids: Sequence[Uid], role: Role) -> None:
    """Move to Archive, Junk, Trash or back to INBOX; the folder is made when it is missing. Raises as to_mailbox.

    Junk gets $Junk, leaving it gets $NotJunk, before the move, so that the server's filter sees it learn.
    """
    known = mailboxes.list_mailboxes(conn)
    destination = mailboxes.ensure(conn, role, known)
    here = next((m.role for m in known if m.name == mailbox), None)
    if role is Role.JUNK or (here is Role.JUNK and role is Role.INBOX):
        junk = role is Role.JUNK
        add, remove = (flags.JUNK, flags.NOT_JUNK) if junk else (flags.NOT_JUNK, flags.JUNK)
        store.change_flags(conn, mailbox, validity, uids, add=(add,), remove=(remove,))
    to_mailbox(conn, mailbox, validity, uids, destination)
