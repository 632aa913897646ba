"""Letters to begin others from: messages in the folder "Templates", which other mail programs know by that name too."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from webmail import errors
from webmail.actions import drafts
from webmail.imap import append, fetch, mailboxes, move, search
from webmail.imap.connection import Connection
from webmail.mail import flags
from webmail.mail.build import pieces
from webmail.mail.draft import Draft
from webmail.mail.ids import MailboxName, Uid
from webmail.mail.mailbox import Role


def keep(conn: Connection, draft: Draft) -> bool:
    """Store this letter as a template; the folder is made with the first. Files that the server has stay there.

    A template of the same Message-ID is the one that it began from: it goes to Trash, and True says so.

    Raises what drafts.save raises of the folder and the wire; then nothing was stored.
    """
    folder = mailboxes.ensure_templates(conn, mailboxes.list_mailboxes(conn))
    contents = pieces(draft, keep_bcc=True)
    try:
        known = search.by_message_id(conn, folder, draft.message_id, deleted=False)
        append.catenate(conn, folder, contents, (flags.SEEN,), draft.date, drafts.LARGEST)
    except errors.MailboxMissing:
        # Deleted on another device since it was listed.
        mailboxes.create(conn, folder)
        append.catenate(conn, folder, contents, (flags.SEEN,), draft.date, drafts.LARGEST)
        return False
    return bool(known) and _put_away(conn, folder, known)


def _put_away(conn: Connection, folder: MailboxName, uids: Sequence[Uid]) -> bool:
    """The new one is stored: an old one beside it is better than to be told that it is not."""
    with suppress(errors.MailError):
        trash = mailboxes.ensure(conn, Role.TRASH, mailboxes.list_mailboxes(conn))
        move.move(conn, folder, fetch.select(conn, folder).uidvalidity, tuple(uids), trash)
        return True
    return False
