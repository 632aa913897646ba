"""What is done for a reader who is signed in, without being asked: at each look of the watcher."""

from __future__ import annotations

from webmail.actions import mute, snooze
from webmail.imap.connection import Connection
from webmail.mail.mailbox import Mailbox


def watch(conn: Connection, known: tuple[Mailbox, ...]) -> float:
    """Put away what answers muted conversations, bring back what is due; tell after how many seconds to look again.

    Raises the errors of the wire.
    """
    mute.watch(conn, known)
    return snooze.watch(conn, known)
