"""SEARCH (RFC 9051 6.4.4), answered by ESEARCH where it is offered: ranges and counts in place of a million numbers."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from webmail import errors
from webmail.imap import decode, wire
from webmail.imap.connection import Connection
from webmail.imap.selection import select
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, Uid, UidValidity

Words = tuple[wire.Word, ...]

_CANDIDATES = 50
_ATTEMPTS: Final = 3
_LARGE: Final = 5000
"""Messages from which a window is worth a second command: at 50 000, half of them found, 11 ms in place of 24."""

_LAST_UID: Final = (1 << 32) - 1
_PARTIAL: Final = re.compile(rb"\bPARTIAL \(-?\d+:-?\d+ ([\d:,]+)\)", re.IGNORECASE)


def by_message_id(conn: Connection, mailbox: MailboxName, message_id: str, *, deleted: bool = True) -> tuple[Uid, ...]:
    """UIDs of the messages with exactly this Message-ID, ascending. message_id: with its angle brackets.
    deleted: count those that are only marked so, too.

    SEARCH HEADER looks for substrings, and some servers for less, so what it finds is looked at.
    Raises UnsafeText, MailboxMissing and the errors of the wire.
    """
    return _named(conn, mailbox, message_id, message_id.__eq__, deleted)


def by_random(conn: Connection, mailbox: MailboxName, random: str) -> tuple[Uid, ...]:
    """UIDs of what has this part of a Message-ID before its "@" and is not marked deleted, ascending.

    Raises as by_message_id does.
    """
    start = f"<{random}@"
    return _named(conn, mailbox, start, lambda there: there.startswith(start), False)


def _named(
    conn: Connection, mailbox: MailboxName, words: str, fits: Callable[[str], bool], deleted: bool
) -> tuple[Uid, ...]:
    term = wire.text(words)
    select(conn, mailbox, read_only=True, fresh=True)
    charset = () if term.isascii() else (b"CHARSET", b"UTF-8")
    there = () if deleted else (b"UNDELETED",)
    reply = conn.command(b"UID SEARCH", *charset, *there, b"HEADER", b"MESSAGE-ID", term)
    found = [Uid(number) for number in decode.numbers(reply.data)][-_CANDIDATES:]
    names = _names(conn, list(wire.uid_sets(found)))
    return tuple(sorted(uid for uid, name in names.items() if uid in found and name and fits(name)))


def present(conn: Connection, mailbox: MailboxName, uidvalidity: UidValidity, wanted: Sequence[Uid]) -> list[Uid]:
    """Those of the wanted messages that are still there: STORE and MOVE pass over the others without a word.

    Raises MailboxMissing, MailboxRebuilt and the errors of the wire.
    """
    select(conn, mailbox, uidvalidity=uidvalidity, sure=True)
    there = {uid for part in wire.uid_sets(wanted) for uid in uids(conn, b"UID " + part)}
    return [uid for uid in wanted if uid in there]


def message_ids(
    conn: Connection, mailbox: MailboxName, uidvalidity: UidValidity, wanted: Sequence[Uid]
) -> tuple[str, ...]:
    """Message-IDs of these messages, in their order, "" where there is none. Raises as present does."""
    select(conn, mailbox, uidvalidity=uidvalidity, fresh=True)
    told = _names(conn, list(wire.uid_sets(wanted)))
    return tuple(told.get(uid, "") for uid in wanted)


def names_since(conn: Connection, mailbox: MailboxName, uidvalidity: UidValidity, since: Uid) -> dict[str, Uid]:
    """Message-ID -> UID of what has this UID or a higher one, as far as no two share it. Raises as present does."""
    select(conn, mailbox, uidvalidity=uidvalidity, sure=True)
    # "*" is the newest message, which may be older than `since`, and then the range runs backwards (RFC 9051 9).
    told = {uid: name for uid, name in _names(conn, [b"%d:*" % since]).items() if uid >= since and name}
    often = Counter(told.values())
    return {name: uid for uid, name in told.items() if often[name] == 1}


def _names(conn: Connection, parts: Sequence[bytes]) -> dict[Uid, str]:
    found: dict[Uid, str] = {}
    for part in parts:
        told = conn.command(b"UID FETCH", part, b"(UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])").data.get("FETCH", ())
        for one in decode.fetched(told):
            header = one.section("HEADER")
            if one.uid is not None and header is not None:
                found[one.uid] = Headers.parse(header).message_id or ""
    return found


def threading(conn: Connection, uids: Sequence[Uid]) -> dict[Uid, Headers]:
    """Message-ID, References and In-Reply-To of messages of the open mailbox. Raises the errors of the wire."""
    items = b"(UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID REFERENCES IN-REPLY-TO)]<0.65536>)"
    found: dict[Uid, Headers] = {}
    for part in wire.uid_sets(uids):
        for one in decode.fetched(conn.command(b"UID FETCH", part, items).data.get("FETCH", ())):
            if one.uid is not None:
                found[one.uid] = Headers.parse(one.section("HEADER") or b"")
    return found


def matching(
    conn: Connection, mailbox: MailboxName, uidvalidity: UidValidity, criteria: Sequence[wire.Word], up_to: Uid
) -> list[Uid]:
    """UIDs of at most up_to that meet criteria as for uids, ascending. Raises as present does."""
    select(conn, mailbox, uidvalidity=uidvalidity, sure=True)
    return uids(conn, b"UID", b"1:%d" % up_to, *criteria)


def uids(conn: Connection, *criteria: wire.Word) -> list[Uid]:
    """UIDs in the selected mailbox that meet criteria such as b"UNSEEN", ascending. criteria: constants, or made by
    wire.py."""
    words = (b"RETURN", b"(ALL)") if "ESEARCH" in conn.capabilities else ()
    return [Uid(number) for number in decode.numbers(conn.command(b"UID SEARCH", *words, *criteria).data)]


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


@dataclass(frozen=True, slots=True)
class Found:
    """One window on what a search finds. uids: ascending. below: matches older than the first of them.

    total: all matches in the mailbox; when uids is empty, below is where they would begin.
    """

    uids: tuple[Uid, ...]
    below: int
    total: int


def window(
    conn: Connection,
    criteria: bytes | Sequence[wire.Word],
    size: int,
    before: Uid | None = None,
    after: Uid | None = None,
) -> Found:
    """Of the matches in the selected mailbox the newest; or the newest below UID `before`; or the oldest above `after`.

    criteria: such as b"UNSEEN", or several words. With PARTIAL (RFC 9394) the answer is one window, however much there
    is: one command, two when before or after is given. In large mailboxes CONTEXT=SEARCH (RFC 5267) does that for one
    command more. With ESEARCH it is ranges, without it every number: one command. Raises the errors of the wire.
    """
    words = (criteria,) if isinstance(criteria, bytes) else tuple(criteria)
    if "PARTIAL" in conn.capabilities or ("CONTEXT=SEARCH" in conn.capabilities and conn.exists > _LARGE):
        return _partial(conn, words, size, before, after)
    found = uids(conn, *words)
    high = len(found) if before is None else bisect_left(found, before)
    low = max(0, high - size) if after is None else bisect_right(found, after)
    return Found(tuple(found[low : min(high, low + size)]), low, len(found))


def _partial(conn: Connection, criteria: Words, size: int, before: Uid | None, after: Uid | None) -> Found:
    if after is None:
        among = criteria if before is None else (b"UID", b"1:%d" % (before - 1), *criteria)
        chosen, count = _newest(conn, among, size) if before != 1 else ([], 0)
        total = count if before is None else _asked(conn, b"(COUNT)", criteria)[1]
        return Found(tuple(chosen), count - len(chosen), max(total, count))
    # Not "UID n:*": "*" is the newest message, which may be older than n, and then the range runs backwards.
    chosen, count = _asked(conn, b"(PARTIAL 1:%d COUNT)" % size, (b"UID", b"%d:%d" % (after + 1, _LAST_UID), *criteria))
    total = _asked(conn, b"(COUNT)", criteria)[1]
    return Found(tuple(chosen), max(0, total - count), max(total, count))


def _newest(conn: Connection, criteria: Words, size: int) -> tuple[list[Uid], int]:
    """The last matches and how many there are. Only RFC 9394 counts from the end (3.1): -1 is the newest."""
    if "PARTIAL" in conn.capabilities:
        return _asked(conn, b"(PARTIAL -1:-%d COUNT)" % size, criteria)
    chosen: list[Uid] = []
    count = _asked(conn, b"(COUNT)", criteria)[1]
    for _ in range(_ATTEMPTS if count else 0):
        before, span = count, (max(1, count - size + 1), max(1, count))
        chosen, count = _asked(conn, b"(PARTIAL %d:%d COUNT)" % span, criteria)
        # Something may have come or gone in between: then these are not the last.
        if count == before:
            break
    return chosen, count


def _asked(conn: Connection, returning: bytes, criteria: Words) -> tuple[list[Uid], int]:
    reply = conn.command(b"UID SEARCH", b"RETURN", returning, *criteria)
    count = decode.count(reply.data)
    if count is None:
        raise errors.ProtocolBroken("ESEARCH without COUNT")
    return [Uid(number) for number in sorted(partial(reply.data))], count


def partial(data: Mapping[str, Sequence[Any]]) -> list[int]:
    """The numbers in ESEARCH's PARTIAL, in the order given, which for SORT is the order asked for (RFC 5267 4.4)."""
    matches = [_PARTIAL.search(line or b"") for line in data.get("ESEARCH", ())]
    return next((decode.expanded(match[1]) for match in matches if match), [])
