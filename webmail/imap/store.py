"""Flags (RFC 9051 6.4.6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from webmail import errors
from webmail.imap import search, wire
from webmail.imap.connection import Connection
from webmail.imap.decode import Selected
from webmail.imap.selection import writing
from webmail.mail.flags import KEYWORDS, SYSTEM
from webmail.mail.ids import MailboxName, Uid, UidValidity


def change_flags(
    conn: Connection,
    mailbox: MailboxName,
    uidvalidity: UidValidity,
    uids: Sequence[Uid],
    add: Iterable[str] = (),
    remove: Iterable[str] = (),
    *,
    silent: bool = False,
) -> None:
    """Add and remove flags of these messages; those that are gone are passed over.

    add, remove: constants of mail/flags.py, or labels. silent: do not let the server repeat the flags of each message,
    where they are too many for any page. Keywords of KEYWORDS that the mailbox does not keep are left out in silence,
    because nothing a person asked for depends on them. Raises UnsafeText for any other flag, KeywordsNotKept,
    MailboxReadOnly (also if a system flag would not stay), MailboxMissing, MailboxRebuilt and the errors of the wire.
    """
    # Not .SILENT as a rule: the answer says what the flags are now, and the pages that show these messages follow it.
    end = b".SILENT" if silent else b""
    changes = [(b"+FLAGS" + end, tuple(add)), (b"-FLAGS" + end, tuple(remove))]
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


def differing(
    conn: Connection, mailbox: MailboxName, uidvalidity: UidValidity, uids: Sequence[Uid], flag: str, put: bool
) -> list[Uid]:
    """Those of these messages that putting (or taking) this flag would change. Empty where the mailbox keeps no such
    keyword and nobody asked for it by name. Raises as change_flags does."""
    with writing(conn, mailbox, uidvalidity) as selected:
        if not _kept(selected, (flag,)):
            return []
        wanted = wire.having(flag, not put)
        return [uid for part in wire.uid_sets(uids) for uid in search.uids(conn, b"UID " + part + b" " + wanted)]


def _kept(selected: Selected, flags: Sequence[str]) -> list[str]:
    there = {flag.lower() for flag in selected.permanent_flags}
    kept = [flag for flag in flags if flag.lower() in there or (flag not in SYSTEM and selected.keywords)]
    for flag in flags:
        if flag not in kept and flag not in KEYWORDS:
            raise errors.MailboxReadOnly if flag in SYSTEM else errors.KeywordsNotKept
    return kept
