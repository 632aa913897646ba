"""APPEND (RFC 9051 6.3.12): messages into a mailbox, in place of another one, or made from what is there already."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from webmail import errors
from webmail.imap import decode, faults, gathered, move, wire
from webmail.imap.client import Reply
from webmail.imap.connection import Connection
from webmail.imap.selection import select
from webmail.mail.build import Content
from webmail.mail.draft import Octets, Piece
from webmail.mail.ids import MailboxName, MessageRef

_SLOWEST: Final = 20_000
"""Octets a second that a slow line carries; a message of 25 MB may take twenty minutes on it."""

_LIMIT: Final = re.compile(r"APPENDLIMIT=(\d{1,15})")
_BATCH: Final = 8 << 20
_MOST: Final = 100
_SMALL: Final = 64 << 10
_UNREACHABLE: Final = ("BADURL", "UNKNOWN-CTE")


@dataclass(frozen=True, slots=True)
class Stored:
    """A message to be stored. message: canonical CRLF octets without NUL; what is not bytes is read while it travels.
    flags: constants of mail/flags.py. when: arrival, aware.
    """

    message: bytes | Octets
    flags: Sequence[str]
    when: datetime

    def words(self) -> tuple[wire.Word, ...]:
        """As they stand in the command."""
        return (wire.flag_list(self.flags), wire.date_time(self.when), _literal(self.message))


class Whole:
    """Contents one behind the other. None of them lies on the server."""

    def __init__(self, contents: Iterable[bytes | Octets]) -> None:
        self._contents = tuple(contents)

    @property
    def size(self) -> int:
        """Octets of all."""
        return sum(map(_size, self._contents))

    def chunks(self) -> Iterator[bytes]:
        """All, in order."""
        for content in self._contents:
            yield from (content,) if isinstance(content, bytes) else content.chunks()


def append(
    conn: Connection, mailbox: MailboxName, message: bytes | Octets, flags: Iterable[str], when: datetime
) -> MessageRef | None:
    """Store a message; where it is now, None when the server does not tell (no UIDPLUS).

    message, flags, when: as in Stored. Raises MailboxMissing (TRYCREATE), QuotaExceeded, TooLarge, UnsafeText,
    MailboxReadOnly, the errors of the wire; after ConnectionLost or ServerTooSlow it may have been stored all the same.
    """
    return _append(conn, mailbox, [Stored(message, tuple(flags), when)])[0]


def append_all(conn: Connection, mailbox: MailboxName, messages: Sequence[Stored]) -> list[MessageRef | None]:
    """Store several messages, in order. With MULTIAPPEND (RFC 3502) those of one command are stored all or none.

    One command carries at most a hundred, of 8 MB together. Raises as append does; what earlier commands stored stays.
    """
    step = _batches(messages) if "MULTIAPPEND" in conn.capabilities else ([one] for one in messages)
    return [ref for batch in step for ref in _append(conn, mailbox, batch)]


def replace(
    conn: Connection, ref: MessageRef, message: bytes | Octets, flags: Iterable[str], when: datetime
) -> MessageRef | None:
    """Store a message in place of another one of the same mailbox; where it is now, None when that is not told.

    With REPLACE (RFC 8508) there is one of them at every moment. Without it the new one is stored first: a crash
    between the two leaves both, never none. An old one that is gone, or cannot be removed, is no error: the words are
    safe. Raises as append does; then the old one is untouched.
    """
    words = Stored(message, tuple(flags), when).words()
    if "REPLACE" in conn.capabilities and _opened(conn, ref):
        _check_size(conn, _size(message))
        target = (b"%d" % ref.uid, wire.mailbox(ref.mailbox))
        reply = conn.command(b"UID REPLACE", *target, *words, otherwise=None, seconds=_patience(_size(message)))
        if reply.status == "OK":
            return _refs(reply, ref.mailbox, 1)[0]
        # Refused as a whole. Is it because the old one is gone? APPEND says better what else there is.
    stored = append(conn, ref.mailbox, message, flags, when)
    if stored != ref:
        try:
            move.expunge(conn, ref.mailbox, ref.uidvalidity, (ref.uid,))
        except errors.MailError:
            pass  # It is stored: an old one beside it is better than to be told that it is not.
    return stored


def catenate(
    conn: Connection, mailbox: MailboxName, pieces: Sequence[Content], flags: Iterable[str], when: datetime,
    limit: int,
) -> MessageRef | None:  # fmt: skip
    """Store a message made of new octets and of parts of messages that the server has, which then need not travel.

    With CATENATE (RFC 4469) one command; without it, or where it cannot reach a part, parts are fetched first, at most
    `limit` octets in all. Raises MessageMissing, PartMissing, TooLarge for those, and what append raises.
    """
    if not any(isinstance(piece, Piece) for piece in pieces):
        return append(conn, mailbox, Whole(piece for piece in pieces if not isinstance(piece, Piece)), flags, when)
    if "CATENATE" in conn.capabilities:
        new = sum(_size(piece) for piece in pieces if not isinstance(piece, Piece))
        words = (wire.flag_list(flags), wire.date_time(when), b"CATENATE", *_listed(pieces))
        reply = _sent(conn, mailbox, new, *words)
        if reply.status == "OK":
            return _refs(reply, mailbox, 1)[0]
        if reply.status == "NO" and reply.code not in _UNREACHABLE:
            raise faults.refusal(reply.text)
    with contextlib.closing(gathered.contents(conn, pieces, limit)) as whole:
        return append(conn, mailbox, whole, flags, when)


# --- inside -----------------------------------------------------------------------------------------------------------


def _append(conn: Connection, mailbox: MailboxName, batch: Sequence[Stored]) -> list[MessageRef | None]:
    words = [word for one in batch for word in one.words()]
    for one in batch:
        _check_size(conn, _size(one.message))
    reply = _sent(conn, mailbox, sum(_size(one.message) for one in batch), *words)
    if reply.status != "OK":
        raise faults.refusal(reply.text)
    return _refs(reply, mailbox, len(batch))


def _sent(conn: Connection, mailbox: MailboxName, octets: int, *words: wire.Word) -> Reply:
    target = wire.mailbox(mailbox)
    _settle_down(conn, mailbox)
    return conn.command(b"APPEND", target, *words, otherwise=None, seconds=_patience(octets))


def _patience(octets: int) -> float:
    return 120 + octets / _SLOWEST


def _settle_down(conn: Connection, mailbox: MailboxName) -> None:
    """Leave a mailbox that another device may have deleted: Dovecot refuses APPEND, to any mailbox, while such a one is
    open, or hangs up behind it, and then nobody knows whether the letter is there. INBOX is never deleted."""
    if conn.left_open not in (None, "INBOX"):
        try:
            select(conn, mailbox, anew=True)
        except (errors.MailboxMissing, errors.ServerRefused):
            pass  # What was open is closed all the same (RFC 9051 6.3.2); APPEND says the rest.


def _check_size(conn: Connection, octets: int) -> None:
    limit = append_limit(conn)
    if limit is not None and octets > limit:
        raise errors.TooLarge


def append_limit(conn: Connection) -> int | None:
    """Octets of the largest message the server takes (RFC 7889), None when it does not say."""
    return next((int(found[1]) for found in map(_LIMIT.fullmatch, conn.capabilities) if found), None)


def _refs(reply: Reply, mailbox: MailboxName, count: int) -> list[MessageRef | None]:
    told = decode.appenduid(reply.data)
    if told is None or len(told[1]) != count:
        return [None] * count
    return [MessageRef(mailbox, told[0], uid) for uid in told[1]]


def _batches(messages: Sequence[Stored]) -> Iterator[list[Stored]]:
    batch: list[Stored] = []
    octets = 0
    for one in messages:
        if batch and (len(batch) == _MOST or octets + _size(one.message) > _BATCH):
            yield batch
            batch, octets = [], 0
        batch.append(one)
        octets += _size(one.message)
    if batch:
        yield batch


def _opened(conn: Connection, ref: MessageRef) -> bool:
    """Whether UIDs of this mailbox still mean what they meant, so that one may be replaced: asked of SELECT itself, and
    nothing is opened between this and the command."""
    try:
        return not select(conn, ref.mailbox, uidvalidity=ref.uidvalidity, anew=True).read_only
    except (errors.MailboxMissing, errors.MailboxRebuilt):
        return False


def _listed(pieces: Sequence[Content]) -> Iterator[wire.Word]:
    opening = b"("
    for piece in pieces:
        if isinstance(piece, Piece):
            yield opening + b"URL"
            yield wire.url(piece.ref, piece.part, piece.mime)
        else:
            yield opening + b"TEXT"
            yield _literal(piece)
        opening = b""
    yield wire.CLOSE


def _literal(content: bytes | Octets) -> wire.Word:
    """What is small goes as one piece, for which a server need not be asked first (LITERAL+)."""
    if isinstance(content, bytes):
        return wire.Literal(content)
    small = content.size <= _SMALL
    return wire.Literal(b"".join(content.chunks())) if small else wire.Streamed(content.size, content.chunks)


def _size(content: bytes | Octets) -> int:
    return len(content) if isinstance(content, bytes) else content.size
