"""Drafts live in the user's own Drafts folder: saving puts the new one in place of the old one."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from webmail import errors
from webmail.imap import append, fetch, mailboxes, move, search, store, waiting
from webmail.imap.connection import Connection
from webmail.mail import flags, outgoing
from webmail.mail.build import build
from webmail.mail.draft import Draft
from webmail.mail.ids import MailboxName, MessageRef
from webmail.mail.mailbox import Role

_GONE = (errors.MailboxRebuilt, errors.MailboxMissing, errors.MessageMissing)


def save(conn: Connection, draft: Draft, replaces: MessageRef | None) -> MessageRef | None:
    """Store the draft in place of the one it replaces; a crash on the way may leave two drafts, never none.

    Returns where it is now, None when the server does not tell. Raises UnsafeText, QuotaExceeded, MailboxMissing and
    the errors of the wire; then the old draft is untouched.
    """
    return keep(conn, build(draft, keep_bcc=True), draft, replaces)


def keep(
    conn: Connection, message: bytes, draft: Draft, replaces: MessageRef | None, *, pending: bool = False
) -> MessageRef | None:
    """The same with octets that are built already. pending: it is about to be sent (keyword of RFC 5550)."""
    folder = mailboxes.ensure(conn, Role.DRAFTS, mailboxes.list_mailboxes(conn))
    marks: tuple[str, ...] = (flags.DRAFT, flags.SEEN)
    if pending and _keywords(conn, folder):
        marks = (*marks, flags.SUBMIT_PENDING)
    if replaces is not None and replaces.mailbox == folder:
        saved = append.replace(conn, replaces, message, marks, draft.date)
    else:
        saved = append.append(conn, folder, message, marks, draft.date)
    if saved is None:
        # No APPENDUID (RFC 4315): the newest message with our Message-ID is the one just stored.
        found = search.by_message_id(conn, folder, draft.message_id)
        saved = MessageRef(folder, fetch.select(conn, folder).uidvalidity, found[-1]) if found else None
    return saved


def remove(conn: Connection, ref: MessageRef) -> None:
    """Remove a draft for good, if it is one and still there. Only ever touches the Drafts folder."""
    if ref.mailbox not in _folders(conn):
        return
    with suppress(*_GONE):
        move.expunge(conn, ref.mailbox, ref.uidvalidity, (ref.uid,))


def copies(conn: Connection, keys: Collection[str]) -> list[waiting.Copy]:
    """Letters in Drafts that wait to be sent, and those that the journal names (keys)."""
    found = []
    for folder in _folders(conn):
        with suppress(*_GONE):
            found += waiting.copies(conn, folder, outgoing.MARK, keys)
    return found


def in_doubt(conn: Connection, message_id: str) -> bool:
    """A copy of this letter waits in Drafts, whatever the journal knows."""
    return any(copy.header.message_id == message_id for copy in copies(conn, ()))


def release(conn: Connection, ref: MessageRef) -> None:
    """An ordinary draft again. One that is gone, or may not be changed, stays as it is."""
    with suppress(errors.MailboxReadOnly, *_GONE):
        store.change_flags(
            conn, ref.mailbox, ref.uidvalidity, (ref.uid,), remove=(flags.SUBMIT_PENDING, flags.SUBMITTED)
        )


def _folders(conn: Connection) -> list[MailboxName]:
    return [m.name for m in mailboxes.list_mailboxes(conn) if m.role is Role.DRAFTS]


def _keywords(conn: Connection, folder: MailboxName) -> bool:
    """Whether the mailbox keeps keywords; one that was not opened yet is, for that."""
    with suppress(errors.MailError):
        return waiting.keeps(fetch.select(conn, folder))
    return False
