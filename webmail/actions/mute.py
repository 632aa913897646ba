"""Muted conversations: what is answered in them leaves the inbox by itself."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from webmail import errors
from webmail.actions import deeds
from webmail.actions.deeds import Deed, Step
from webmail.imap import mailboxes, search, store
from webmail.imap.connection import Connection
from webmail.imap.links import names_in
from webmail.imap.selection import select
from webmail.mail.flags import MUTED
from webmail.mail.ids import MailboxName, Uid
from webmail.mail.mailbox import Mailbox, Role

_INBOX: Final = MailboxName("INBOX")
_NEWEST: Final = 500
_UNREAD: Final = 50
_REMEMBERED: Final = 500
"""Messages among which unread ones are looked for, as many of those at most, and muted ones of a folder whose names are
read."""

_AWAY: Final = Deed(to=Role.ARCHIVE)
_BESIDE: Final = (Role.ARCHIVE, Role.SENT)
_REFUSALS: Final = (
    errors.MailboxMissing, errors.MailboxRebuilt, errors.MailboxReadOnly, errors.KeywordsNotKept,
    errors.QuotaExceeded, errors.ServerRefused,
)  # fmt: skip


def watch(conn: Connection, known: Iterable[Mailbox]) -> None:
    """Put away what came, when something came. No reason for anything else to fail. Raises the errors of the wire."""
    count = next((one.messages for one in known if one.role is Role.INBOX), None)
    before, conn.state.inbox = conn.state.inbox, count
    if count is not None and (before is None or count > before):
        with suppress(*_REFUSALS):
            put_away(conn)


def put_away(conn: Connection) -> int:
    """Unread letters of the inbox that answer a muted one go to Archive, muted themselves, and stay unread.

    A letter belongs to a conversation by its References alone, as everywhere. Once for each arrival, and for one
    connection alone: a letter is marked first, and only who marked it moves it. Returns how many went. Raises what
    deeds.perform raises; KeywordsNotKept where nothing can be muted.
    """
    if not conn.state.muting.acquire(blocking=False):
        return 0
    try:
        return _put_away(conn)
    finally:
        conn.state.muting.release()


def _put_away(conn: Connection) -> int:
    inbox = select(conn, _INBOX, fresh=True)
    assert conn.box is not None
    came = (inbox.uidvalidity, conn.box.uidnext) if conn.box.uidnext and not conn.box.grown else None
    if (not inbox.keywords and MUTED not in inbox.permanent_flags) or (came and came == conn.state.quiet_to):
        return 0
    # By position, because a server may have to look at each message for that, and answer with a million numbers.
    newest = b"%d:* UNSEEN UNKEYWORD " % max(1, conn.exists - _NEWEST + 1)
    unread = search.uids(conn, newest + MUTED.encode())[-_UNREAD:] if conn.exists else []
    above = {uid: set(names_in(headers)[1:]) for uid, headers in search.threading(conn, unread).items()}
    above = {uid: names for uid, names in above.items() if names}
    muted = _names(conn) | _beside(conn) if above else set()
    answers = [Uid(uid) for uid, names in above.items() if names & muted]
    step = Step(_INBOX, inbox.uidvalidity)
    if answers:
        deeds.perform(conn, step, _AWAY, store.claimed(conn, _INBOX, inbox.uidvalidity, answers, MUTED))
    conn.state.quiet_to = came
    return step.count


def _beside(conn: Connection) -> set[str]:
    """Message-IDs of what is muted elsewhere: what was archived, and our own letters."""
    found: set[str] = set()
    for one in mailboxes.list_mailboxes(conn):
        if one.role in _BESIDE and one.selectable and one.messages != 0:
            with suppress(errors.MailboxMissing, errors.ServerRefused):
                select(conn, one.name, read_only=True, fresh=True)
                found |= _names(conn)
    return found


def _names(conn: Connection) -> set[str]:
    """Message-IDs of what is muted in the open mailbox."""
    found = search.uids(conn, b"KEYWORD " + MUTED.encode())[-_REMEMBERED:]
    return {headers.message_id for headers in search.threading(conn, found).values() if headers.message_id}
