"""Moving and removing messages, on servers with MOVE (RFC 6851), with UIDPLUS (RFC 4315), and with neither."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from webmail import errors
from webmail.imap import decode, faults, search, wire
from webmail.imap.client import Reply
from webmail.imap.connection import Connection
from webmail.imap.selection import select, writing
from webmail.mail.flags import DELETED
from webmail.mail.ids import MailboxName, Uid, UidValidity


@dataclass(frozen=True, slots=True)
class Moved:
    """Where messages are now. uidvalidity: of the destination. mapping: old UID -> new one; both None when not told.

    left: True when the server can only mark them \\Deleted here, beside messages that somebody else has marked.
    """

    uidvalidity: UidValidity | None = None
    mapping: Mapping[Uid, Uid] | None = None
    left: bool = False


def move(
    conn: Connection, mailbox: MailboxName, uidvalidity: UidValidity, uids: Sequence[Uid], dest: MailboxName
) -> Moved:
    """Move messages; those that are gone are passed over. Nothing is removed here before the server says it is there.

    Raises MailboxMissing (also for dest), MailboxRebuilt, MailboxReadOnly, QuotaExceeded, UnsafeText, the errors of the
    wire. Many UIDs go in several commands: an error in a later one leaves the earlier ones moved.
    """
    target = wire.mailbox(dest)
    if dest == mailbox or not uids:
        return Moved(uidvalidity, {uid: uid for uid in uids})
    with writing(conn, mailbox, uidvalidity):
        if "MOVE" in conn.capabilities:
            return _where(_again(conn, b"UID MOVE", part, target) for part in wire.uid_sets(uids))
        moved = _copied(conn, uids, dest)
        # Where it is told what was copied, nothing else is removed.
        left = _remove(conn, uids if moved.mapping is None else [uid for uid in uids if uid in moved.mapping])
    return Moved(moved.uidvalidity, moved.mapping, left)


def copy(
    conn: Connection, mailbox: MailboxName, uidvalidity: UidValidity, uids: Sequence[Uid], dest: MailboxName
) -> Moved:
    """Copy messages, with their flags; those that are gone are passed over. dest may be the same mailbox.

    Raises as move does, but not MailboxReadOnly. An error in a later command leaves the copies of the earlier ones.
    """
    target = wire.mailbox(dest)
    select(conn, mailbox, read_only=True, uidvalidity=uidvalidity, sure=True)
    return _where(_again(conn, b"UID COPY", part, target) for part in wire.uid_sets(uids))


def place(conn: Connection, dest: MailboxName) -> tuple[UidValidity, Uid] | None:
    """UIDVALIDITY of a mailbox, and the UID that nothing in it has reached yet; None when the server does not tell.

    Raises MailboxMissing and the errors of the wire.
    """
    reply = conn.command(b"STATUS", wire.mailbox(dest), b"(UIDNEXT UIDVALIDITY)", otherwise=errors.MailboxMissing)
    told = decode.status(reply.data).get(dest, {})
    if not {"UIDNEXT", "UIDVALIDITY"} <= told.keys():
        return None
    return UidValidity(told["UIDVALIDITY"]), Uid(told["UIDNEXT"])


def _present(conn: Connection, uids: Sequence[Uid]) -> list[Uid]:
    return [uid for part in wire.uid_sets(uids) for uid in search.uids(conn, b"UID " + part)]


def _copied(conn: Connection, uids: Sequence[Uid], dest: MailboxName) -> Moved:
    """Copy what is about to be removed here, and do not take the server's OK alone for it: COPYUID names each copy
    (RFC 4315 3); without it at least as many UIDs were given out over there. Raises ServerRefused; nothing is removed.
    """
    target = wire.mailbox(dest)
    before = None if "UIDPLUS" in conn.capabilities else place(conn, dest)
    least = 0 if before is None else len(_present(conn, uids))
    moved = _where([_again(conn, b"UID COPY", part, target) for part in wire.uid_sets(uids)])
    if moved.mapping is None and before is not None:
        after = place(conn, dest)
        if after is not None and (after[0] != before[0] or after[1] - before[1] < least):
            raise errors.ServerRefused("fewer copies than messages")
    return moved


def expunge(conn: Connection, mailbox: MailboxName, uidvalidity: UidValidity, uids: Sequence[Uid]) -> bool:
    """Remove these messages for good, and no others. False when they can only be marked (see _spared).

    Raises MailboxMissing, MailboxRebuilt, MailboxReadOnly and the errors of the wire.
    """
    if not uids:
        return True
    with writing(conn, mailbox, uidvalidity):
        return not _remove(conn, uids)


def _again(conn: Connection, name: bytes, uids: bytes, target: bytes) -> Reply:
    """Once more when another device removed some of them in this very moment; nothing was done then (RFC 5530 3)."""
    reply = conn.command(name, uids, target, otherwise=None)
    if reply.code == "EXPUNGEISSUED":
        conn.noop()
    elif reply.status == "OK":
        return reply
    else:
        raise faults.refusal(reply.text, errors.ServerRefused)
    return conn.command(name, uids, target)


def _remove(conn: Connection, uids: Sequence[Uid]) -> bool:
    """Mark and expunge. True when they had to be left marked."""
    for part in wire.uid_sets(uids):
        conn.command(b"UID STORE", part, b"+FLAGS.SILENT", wire.flag_list((DELETED,)))
    if "UIDPLUS" in conn.capabilities:
        for part in wire.uid_sets(uids):
            conn.command(b"UID EXPUNGE", part)
        return False
    # A bare EXPUNGE removes whatever is marked, also what another device marked and may want back.
    others = _others(conn, uids)
    if others:
        return not _spared(conn, uids, others)
    conn.command(b"EXPUNGE")
    return False


def _others(conn: Connection, uids: Sequence[Uid]) -> list[Uid]:
    return sorted(set(search.uids(conn, b"DELETED")) - set(uids))


def _spared(conn: Connection, uids: Sequence[Uid], others: Sequence[Uid]) -> bool:
    """EXPUNGE while the marks of others are taken away. False when nothing was removed: the server keeps those marks,
    or more was marked in this very moment. A connection that is lost in between loses marks, and no message."""
    taken = [part for part in wire.uid_sets(others) if _mark(conn, part, b"-FLAGS.SILENT")]
    try:
        spared = not _others(conn, uids)
        if spared:
            conn.command(b"EXPUNGE")
    finally:
        if not conn.broken:
            for part in taken:
                _mark(conn, part, b"+FLAGS.SILENT")
    return spared


def _mark(conn: Connection, part: bytes, how: bytes) -> bool:
    return conn.command(b"UID STORE", part, how, wire.flag_list((DELETED,)), otherwise=None).status == "OK"


def _where(replies: Iterable[Reply]) -> Moved:
    """COPYUID comes in the tagged OK, or untagged before it for MOVE (RFC 6851 4.3); IMAPClient returns neither."""
    uidvalidity: UidValidity | None = None
    mapping: dict[Uid, Uid] = {}
    for reply in replies:
        told = decode.copyuid(reply.data)
        if told is not None:
            uidvalidity = told[0]
            mapping |= told[1]
    return Moved(uidvalidity, mapping if uidvalidity is not None else None)
