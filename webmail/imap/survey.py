"""Counting what lies in a folder, and finding exactly the letters of one pile again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from webmail.imap import decode, search, wire
from webmail.imap.connection import Connection
from webmail.imap.selection import select
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, Uid, UidValidity
from webmail.mail.piles import Kind, Letter, letter

COUNTED: Final = 10_000
"""Letters whose headers are read for the piles of senders and lists: the newest of the folder."""

_FOUND: Final = 100_000
"""Letters of one pile that are looked at."""

_AT_ONCE: Final = 1000
_ITEMS: Final = b"(UID RFC822.SIZE " + wire.fields(b"FROM LIST-ID", 4096) + b")"
_MONTHS: Final = b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


@dataclass(frozen=True, slots=True)
class Survey:
    """letters: ascending; without size and names where only their number was asked for. up_to: the last UID in the
    folder at that moment; total: letters in it."""

    uidvalidity: UidValidity
    up_to: Uid
    total: int
    letters: tuple[Letter, ...]


def newest(conn: Connection, mailbox: MailboxName) -> Survey:
    """The newest letters with sender and list. Raises MailboxMissing and the errors of the wire."""
    selected = select(conn, mailbox, read_only=True, fresh=True)
    there = search.uids(conn, b"UNDELETED")
    return Survey(selected.uidvalidity, _last(there), len(there), tuple(_read(conn, there[-COUNTED:])))


def pile(
    conn: Connection, mailbox: MailboxName, kind: Kind, key: str, validity: UidValidity | None = None,
    up_to: Uid | None = None,
) -> Survey:  # fmt: skip
    """All letters of one pile in the whole folder. key: an address, the name of a list, octets, or a day (ISO 8601).

    Servers look for parts of words, so what they find by sender or list is looked at. Raises ValueError for a key that
    is none, UnsafeText, MailboxMissing, MailboxRebuilt and the errors of the wire.
    """
    criteria = _criteria(kind, key)
    selected = select(conn, mailbox, uidvalidity=validity, read_only=True, fresh=True)
    there = search.uids(conn, b"UNDELETED")
    last = up_to or _last(there)
    found = [uid for uid in search.uids(conn, *criteria) if uid <= last][-_FOUND:]
    if kind in ("sender", "list"):
        letters = [one for one in _read(conn, found) if one.key(kind) == key]
    else:
        letters = [Letter(uid, 0) for uid in found]
    return Survey(selected.uidvalidity, last, len(there), tuple(letters))


def _last(uids: Sequence[Uid]) -> Uid:
    return uids[-1] if uids else Uid(1)


def _criteria(kind: Kind, key: str) -> tuple[wire.Word, ...]:
    if kind == "size":
        if not (key.isascii() and key.isdigit() and len(key) < 10):
            raise ValueError("no size")
        return (b"UNDELETED", b"LARGER", b"%d" % int(key))
    if kind == "age":
        day = date.fromisoformat(key)
        return (b"UNDELETED", b"BEFORE", b"%d-%b-%04d" % (day.day, _MONTHS[day.month - 1], day.year))
    if not key:
        raise ValueError("no name")
    term = wire.text(key)
    charset: tuple[wire.Word, ...] = () if term.isascii() else (b"CHARSET", b"UTF-8")
    where: tuple[wire.Word, ...] = (b"FROM",) if kind == "sender" else (b"HEADER", b"LIST-ID")
    return (*charset, b"UNDELETED", *where, term)


def _read(conn: Connection, uids: Sequence[Uid]) -> list[Letter]:
    letters: dict[Uid, Letter] = {}
    read: dict[bytes, Letter] = {}  # people write more than once, and reading a header costs more than fetching it
    for start in range(0, len(uids), _AT_ONCE):
        for part in wire.uid_sets(uids[start : start + _AT_ONCE]):
            for one in decode.fetched(conn.command(b"UID FETCH", part, _ITEMS).data.get("FETCH", ())):
                if one.uid is None:
                    continue
                header = one.section("HEADER") or b""
                if header not in read:
                    read[header] = letter(one.uid, 0, Headers.parse(header))
                letters[one.uid] = replace(read[header], uid=one.uid, size=one.size or 0)
    return [letters[uid] for uid in uids if uid in letters]
