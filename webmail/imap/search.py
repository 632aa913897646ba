"""SEARCH (RFC 9051 6.4.4), answered by ESEARCH where it is offered: ranges and counts in place of a million numbers."""

from __future__ import annotations

from collections.abc import Sequence

from webmail import errors
from webmail.imap import decode, wire
from webmail.imap.connection import Connection
from webmail.imap.selection import select
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, Uid, UidValidity

_CANDIDATES = 50


def by_message_id(conn: Connection, mailbox: MailboxName, message_id: str) -> tuple[Uid, ...]:
    """UIDs of the messages with exactly this Message-ID, ascending. message_id: with its angle brackets.

    SEARCH HEADER looks for substrings, and some servers for less, so what it finds is looked at.
    Raises UnsafeText, MailboxMissing and the errors of the wire.
    """
    term = wire.text(message_id)
    select(conn, mailbox, read_only=True, fresh=True)
    charset = () if term.isascii() else (b"CHARSET", b"UTF-8")
    reply = conn.command(b"UID SEARCH", *charset, b"HEADER", b"MESSAGE-ID", term)
    found = [Uid(number) for number in decode.numbers(reply.data)][-_CANDIDATES:]
    matching: list[Uid] = []
    for part in wire.uid_sets(found):
        told = conn.command(b"UID FETCH", part, b"(UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])").data.get("FETCH", ())
        for one in decode.fetched(told):
            header = one.section("HEADER")
            if one.uid in found and header is not None and Headers.parse(header).message_id == message_id:
                matching.append(one.uid)
    return tuple(sorted(matching))


def present(conn: Connection, mailbox: MailboxName, uidvalidity: UidValidity, wanted: Sequence[Uid]) -> list[Uid]:
    """Those of the wanted messages that are still there: STORE and MOVE pass over the others without a word.

    Raises MailboxMissing, MailboxRebuilt and the errors of the wire.
    """
    select(conn, mailbox, uidvalidity=uidvalidity, fresh=True)
    there = {uid for part in wire.uid_sets(wanted) for uid in uids(conn, b"UID " + part)}
    return [uid for uid in wanted if uid in there]


def uids(conn: Connection, criteria: bytes) -> list[Uid]:
    """UIDs in the selected mailbox that meet a constant criterion such as b"UNSEEN", ascending."""
    words = (b"RETURN", b"(ALL)") if "ESEARCH" in conn.capabilities else ()
    return [Uid(number) for number in decode.numbers(conn.command(b"UID SEARCH", *words, criteria).data)]


def count(conn: Connection, criteria: bytes) -> int:
    """How many messages of the selected mailbox meet a constant criterion. ESEARCH only. Raises ProtocolBroken."""
    counted = decode.count(conn.command(b"SEARCH", b"RETURN", b"(COUNT)", criteria).data)
    if counted is None:
        raise errors.ProtocolBroken("ESEARCH without COUNT")
    return counted


def count_up_to(conn: Connection, uid: Uid, known: Uid | None = None) -> int:
    """How many messages of the selected mailbox have a UID of at most `uid`: the position of the last of them.

    known: a UID that is likely there, `uid` itself or the next one; without ESEARCH its sequence number tells.
    SEARCH, not UID SEARCH: positions stay true until the next command that may expunge (RFC 9051 7.5.1).
    """
    if uid < 1:
        return 0
    span = b"1:%d" % uid
    if "ESEARCH" in conn.capabilities:
        return count(conn, b"UID " + span)
    landmark = uid if known is None else known
    reply = conn.command(b"UID FETCH", b"%d" % landmark, b"(UID)")
    for one in decode.fetched(reply.data.get("FETCH", ())):
        if one.uid == landmark:
            return one.sequence if landmark == uid else one.sequence - 1
    return len(decode.numbers(conn.command(b"SEARCH", b"UID", span).data))
