"""Flags (RFC 9051 6.4.6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from webmail import errors
from webmail.imap import wire
from webmail.imap.connection import Connection
from webmail.imap.decode import Selected
from webmail.imap.selection import writing
from webmail.mail.flags import KEYWORDS
from webmail.mail.ids import MailboxName, Uid, UidValidity


def change_flags(
    conn: Connection,
    mailbox: MailboxName,
    uidvalidity: UidValidity,
    uids: Sequence[Uid],
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
) -> None:
    """Add and remove flags of these messages; those that are gone are passed over.

    add, remove: constants of mail/flags.py. Keywords that the mailbox does not keep are left out in silence, because
    nothing a person asked for depends on them. Raises UnsafeText for any other flag, MailboxReadOnly (also if a system
    flag would not stay), MailboxMissing, MailboxRebuilt and the errors of the wire.
    """
    # Not .SILENT: the answer says what the flags are now, and the pages that show these messages follow it.
    changes = [(b"+FLAGS", tuple(add)), (b"-FLAGS", tuple(remove))]
    for _, flags in changes:
        wire.flag_list(flags)
    if not uids:
        return
    with writing(conn, mailbox, uidvalidity) as selected:
        for how, flags in changes:
            kept = _kept(selected, flags)
            if kept:
                for part in wire.uid_sets(uids):
                    conn.command(b"UID STORE", part, how, wire.flag_list(kept))


def _kept(selected: Selected, flags: Sequence[str]) -> list[str]:
    kept = [flag for flag in flags if flag in selected.permanent_flags or (flag in KEYWORDS and selected.keywords)]
    if any(flag not in kept and flag not in KEYWORDS for flag in flags):
        raise errors.MailboxReadOnly
    return kept
