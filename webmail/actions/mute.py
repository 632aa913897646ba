"""Muted conversations: what is answered in them leaves the inbox by itself."""

from __future__ import annotations

from typing import Final

from webmail.actions import deeds
from webmail.actions.deeds import Deed, Step
from webmail.imap import mailboxes, search
from webmail.imap.connection import Connection
from webmail.imap.links import names_in
from webmail.imap.selection import select
from webmail.mail.flags import MUTED
from webmail.mail.ids import MailboxName, Uid
from webmail.mail.mailbox import Role

_INBOX: Final = MailboxName("INBOX")
_NEWEST: Final = 50
_REMEMBERED: Final = 500
"""Unread letters that are looked at, and muted ones of a folder whose names are read."""

_AWAY: Final = Deed(add=(MUTED,), to=Role.ARCHIVE)


def put_away(conn: Connection) -> int:
    """Unread letters of the inbox that answer a muted one go to Archive, muted themselves, and stay unread.

    A letter belongs to a conversation by its References alone, as everywhere. Returns how many went. Raises what
    deeds.perform raises; KeywordsNotKept where nothing can be muted.
    """
    inbox = select(conn, _INBOX, fresh=True)
    if not inbox.keywords and MUTED not in inbox.permanent_flags:
        return 0
    unread = search.uids(conn, b"UNSEEN UNKEYWORD " + MUTED.encode())[-_NEWEST:]
    above = {uid: set(names_in(headers)[1:]) for uid, headers in search.threading(conn, unread).items()}
    above = {uid: names for uid, names in above.items() if names}
    if not above:
        return 0
    muted = _names(conn)
    archive = next((one.name for one in mailboxes.list_mailboxes(conn) if one.role is Role.ARCHIVE), None)
    if archive is not None:
        select(conn, archive, read_only=True, fresh=True)
        muted |= _names(conn)
    answers = [Uid(uid) for uid, names in above.items() if names & muted]
    step = Step(_INBOX, inbox.uidvalidity)
    if answers:
        deeds.perform(conn, step, _AWAY, answers)
    return step.count


def _names(conn: Connection) -> set[str]:
    """Message-IDs of what is muted in the open mailbox."""
    found = search.uids(conn, b"KEYWORD " + MUTED.encode())[-_REMEMBERED:]
    return {headers.message_id for headers in search.threading(conn, found).values() if headers.message_id}
