"""Letters that come back at a moment: put away by MOVE, and back in the inbox, unread, by whoever looks when it is due.

Their octets are never touched. Nothing is kept but the name of the folder that they lie in (mail/snoozed.py).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from webmail import errors
from webmail.actions import deeds
from webmail.actions.deeds import SET, Deed, Step
from webmail.imap import folders, mailboxes, search
from webmail.imap.connection import Connection
from webmail.imap.selection import select
from webmail.mail import flags, snoozed
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Mailbox, Role
from webmail.mail.mailboxes import Mailboxes

log = logging.getLogger("pennypost")

BACK: Final = Deed(add=(flags.WOKEN,), remove=(flags.SEEN,), to=Role.INBOX)
"""What waking does, and "Bring back now": unread, and first in the inbox, as if it had come at this moment."""

_AGAIN: Final = 60.0
"""Seconds after which to look again at what could not be moved. Clocks jump: nobody sleeps longer than that."""


def place(conn: Connection, when: datetime) -> MailboxName:
    """The folder of this moment, made if there is none. when: in the zone of who reads its name.

    Raises what mailboxes.create raises, but not MailboxExists.
    """
    known = mailboxes.list_mailboxes(conn)
    for at, mailbox in snoozed.dated(known):
        if at == when.astimezone(UTC):  # an hour that comes twice equals no other by itself
            return mailbox.name
    root, delimiter = _root(conn, known)
    refused: errors.MailError = errors.MailboxMissing()
    for mark in (delimiter, None) if delimiter else (None,):
        name = snoozed.place(root, mark, when)
        try:
            _make(conn, name)
        except errors.ServerRefused as error:
            refused = error
        else:
            return name
    raise refused


def _root(conn: Connection, known: tuple[Mailbox, ...]) -> tuple[str, str | None]:
    """Raw name of "Snoozed", and what stands between it and the moments; None where nothing can lie in it."""
    there = next((one for one in known if snoozed.is_root(one)), None)
    if there is not None:
        return there.name, None if "\\noinferiors" in there.attributes else there.delimiter
    spaces = mailboxes.namespaces(conn)
    mark = spaces.delimiter or next((one.delimiter for one in known if one.delimiter), None)
    return spaces.prefix + snoozed.SNOOZED, mark


def _make(conn: Connection, name: MailboxName) -> None:
    """Another device may have made it in this very moment."""
    with suppress(errors.MailboxExists):
        mailboxes.create(conn, name)


# --- waking -----------------------------------------------------------------------------------------------------------


def wake(conn: Connection, now: datetime | None = None) -> int:
    """Bring back all that is due. Returns how many letters came back.

    A folder that cannot be emptied now is left for the next time. Raises the errors of the wire.
    """
    at = now or datetime.now(UTC)
    found = snoozed.due(mailboxes.list_mailboxes(conn), at)
    return sum(_emptied(conn, mailbox, snoozed.claimed(mailbox, at)) for mailbox in found)


def watch(conn: Connection, known: tuple[Mailbox, ...]) -> float:
    """Bring back what is due, and tell after how many seconds to look again. Raises as wake does."""
    if is_due(known):
        wake(conn)
    now = datetime.now(UTC)
    waiting = [(when - now).total_seconds() for when, _ in snoozed.dated(Mailboxes.of(known).asleep)]
    # What is still there although it was due could not be moved, and is not tried every second.
    return min((max(seconds, 1.0) if seconds > 0 else _AGAIN for seconds in waiting), default=_AGAIN)


def is_due(known: Sequence[Mailbox]) -> bool:
    """Whether wake has something to do: names alone tell."""
    return bool(snoozed.due(Mailboxes.of(known).asleep, datetime.now(UTC)))


def _emptied(conn: Connection, mailbox: Mailbox, name: MailboxName) -> int:
    """Move all of one folder to the inbox and delete it, unless another device is at it.

    Two that MOVE the same messages at once may both succeed, and then there are two of each (seen on Dovecot). RENAME
    can succeed for one of them only.
    """
    count = 0
    try:
        folders.rename(conn, mailbox.name, name)
    except (errors.MailboxMissing, errors.ServerRefused, errors.MailboxReadOnly):
        return 0
    with suppress(errors.ServerRefused):
        folders.subscribe(conn, mailbox.name, False)
    try:
        selected = select(conn, name, sure=True)
        uids = search.uids(conn, b"UNDELETED")
        for start in range(0, len(uids), SET):
            step = Step(name, selected.uidvalidity)
            try:
                deeds.perform(conn, step, BACK, uids[start : start + SET])
            finally:
                count += step.count
        _delete(conn, name)
    except (errors.MailboxMissing, errors.MailboxRebuilt):
        pass
    except (errors.ServerRefused, errors.QuotaExceeded, errors.MailboxReadOnly) as error:
        # The place and the class, never the values (R17).
        log.warning("a snoozed folder stays: %s", type(error).__name__)
    return count


def _delete(conn: Connection, name: MailboxName) -> None:
    """Only when it is empty. Nothing comes into it between looking and deleting: nobody else knows its new name."""
    select(conn, name, sure=True)
    if conn.exists == 0:
        folders.delete(conn, name)
