"""Drafts live in the user's own Drafts folder: saving puts the new one in place of the old one."""

from __future__ import annotations

from webmail import errors
from webmail.imap import append, fetch, mailboxes, move, search
from webmail.imap.connection import Connection
from webmail.mail import flags
from webmail.mail.build import build
from webmail.mail.draft import Draft
from webmail.mail.ids import MessageRef
from webmail.mail.mailbox import Role


def save(conn: Connection, draft: Draft, replaces: MessageRef | None) -> MessageRef | None:
    """Store the draft in place of the one it replaces; a crash on the way may leave two drafts, never none.

    Returns where it is now, None when the server does not tell. Raises UnsafeText, QuotaExceeded, MailboxMissing and
    the errors of the wire; then the old draft is untouched.
    """
    message = build(draft, keep_bcc=True)
    folder = mailboxes.ensure(conn, Role.DRAFTS, mailboxes.list_mailboxes(conn))
    marks = (flags.DRAFT, flags.SEEN)
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
    drafts = [m.name for m in mailboxes.list_mailboxes(conn) if m.role is Role.DRAFTS]
    if ref.mailbox not in drafts:
        return
    try:
        move.expunge(conn, ref.mailbox, ref.uidvalidity, (ref.uid,))
    except (errors.MailboxRebuilt, errors.MailboxMissing, errors.MessageMissing):
        return
