"""Letters to begin others from: messages in the folder "Templates", which other mail programs know by that name too."""

from __future__ import annotations

from webmail import errors
from webmail.actions import drafts
from webmail.imap import append, mailboxes
from webmail.imap.connection import Connection
from webmail.mail import flags
from webmail.mail.build import pieces
from webmail.mail.draft import Draft


def keep(conn: Connection, draft: Draft) -> None:
    """Store this letter as one more template; the folder is made with the first. Files that the server has stay there.

    Raises what drafts.save raises of the folder and the wire; then nothing was stored.
    """
    folder = mailboxes.ensure_templates(conn, mailboxes.list_mailboxes(conn))
    contents = pieces(draft, keep_bcc=True)
    try:
        append.catenate(conn, folder, contents, (flags.SEEN,), draft.date, drafts.LARGEST)
    except errors.MailboxMissing:
        # Deleted on another device since it was listed.
        mailboxes.create(conn, folder)
        append.catenate(conn, folder, contents, (flags.SEEN,), draft.date, drafts.LARGEST)
