"""Flags (RFC 9051 6.4.6)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from webmail import errors
from webmail.imap import decode, faults, search, wire
from webmail.imap.connection import Connection
from webmail.imap.decode import Selected
from webmail.imap.selection import writing
from webmail.mail.flags import KEYWORDS, SYSTEM
from webmail.mail.ids import MailboxName, Uid, UidValidity

_MODIFIED: Final = re.compile(rb"\[MODIFIED ([\d:,]+)\]", re.IGNORECASE)


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


def claimed(
    conn: Connection, mailbox: MailboxName, uidvalidity: UidValidity, uids: Sequence[Uid], flag: str
) -> list[Uid]:
    """Put this flag on those of the messages that have it not, and tell on which: of two connections that do the same
    at once each message is told to one alone (UNCHANGEDSINCE, RFC 7162 3.1.3). Without CONDSTORE nobody can tell.

    Raises as change_flags does, KeywordsNotKept too.
    """
    counts = "CONDSTORE" in conn.capabilities
    found: list[Uid] = []
    with writing(conn, mailbox, uidvalidity) as selected:
        word = wire.flag_list(_kept(selected, (flag,)))
        for part in wire.uid_sets(uids):
            reply = conn.command(b"UID FETCH", part, b"(UID FLAGS MODSEQ)" if counts else b"(UID FLAGS)")
            told = [one for one in decode.fetched(reply.data.get("FETCH", ())) if flag not in (one.flags or ())]
            free = [one.uid for one in told if one.uid is not None and one.uid in uids]
            since = max((one.modseq for one in told), default=0)
            found += _unchanged(conn, free, word, (b"(UNCHANGEDSINCE %d)" % since,) if counts and since else ())
    return found


def _unchanged(conn: Connection, uids: Sequence[Uid], word: wire.Word, since: tuple[wire.Word, ...]) -> list[Uid]:
    found = list(uids)
    for part in wire.uid_sets(uids):
        reply = conn.command(b"UID STORE", part, *since, b"+FLAGS", word, otherwise=None)
        late = _MODIFIED.search(reply.text)
        if reply.status != "OK" and late is None:
            raise faults.refusal(reply.text)
        lost = set(decode.expanded(late[1])) if late else set()
        found = [uid for uid in found if uid not in lost]
    return found


def _kept(selected: Selected, flags: Sequence[str]) -> list[str]:
    there = {flag.lower() for flag in selected.permanent_flags}
    kept = [flag for flag in flags if flag.lower() in there or (flag not in SYSTEM and selected.keywords)]
    for flag in flags:
        if flag not in kept and flag not in KEYWORDS:
            raise errors.MailboxReadOnly if flag in SYSTEM else errors.KeywordsNotKept
    return kept
