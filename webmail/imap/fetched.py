"""What FETCH told of one message; and the usual answers, read at a glance.

A page of fifty rows is fifty times the same few items. The library's parser reads letter by letter and takes longer
than the server; so what is plain is read here, and everything else is left to it (decode.py).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from webmail.mail.flags import Flags, normal
from webmail.mail.ids import Uid

Record = Sequence[Any]

_START: Final = re.compile(rb"(\d{1,10}) \(")
_ITEM: Final = re.compile(
    rb'(?:UID (?P<uid>\d{1,10})|FLAGS \((?P<flags>[^()"\r\n]*)\)|MODSEQ \((?P<modseq>\d{1,19})\)'
    rb'|INTERNALDATE "(?P<date>[^"]{0,40})"|RFC822\.SIZE (?P<size>\d{1,15})'
    rb'|PREVIEW (?:"(?P<preview>(?:[^"\\\r\n]|\\["\\])*)"|(?P<nil>NIL)))(?: |(?=\)))',
    re.IGNORECASE,
)
_HEADER: Final = re.compile(rb"BODY\[HEADER(?:\.FIELDS \([^()\[\]]*\))?\](?:<0>)? \{\d+\}", re.IGNORECASE)
_WHEN: Final = re.compile(rb"([ \d]\d)-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_MONTHS: Final = b"JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC"
_ESCAPED: Final = re.compile(rb'\\(["\\])')


@dataclass(frozen=True, slots=True)
class Fetched:
    """What FETCH told of one message; None for what it did not tell. sections: BODY[...] by the text in the brackets.

    preview: None unknown. modseq: 0 unknown (RFC 7162). structure: BODYSTRUCTURE as nested tuples. whole: False when
    parts of it were unreadable.
    """

    sequence: int
    uid: Uid | None = None
    flags: Flags | None = None
    arrived: datetime | None = None
    size: int | None = None
    sections: Mapping[str, bytes] = field(default_factory=dict)
    preview: bytes | None = None
    structure: Any = None
    modseq: int = 0
    whole: bool = True

    def section(self, start: str) -> bytes | None:
        """The first BODY[...] whose section begins so; servers differ in how they repeat the rest."""
        return next((octets for name, octets in self.sections.items() if name.startswith(start)), None)


def records(data: Iterable[Any]) -> Iterator[Record]:
    """imaplib's flat list, cut where each untagged response ends: after its first element that brings no literal."""
    gathered: list[Any] = []
    for element in data:
        gathered.append(element)
        if not isinstance(element, tuple):
            yield gathered
            gathered = []
    if gathered:
        yield gathered


def front(record: Record) -> Fetched:
    """What a FETCH response says at its front, as far as it is a plain list of facts; sequence 0 when it is none.

    Read no further than it is understood: whatever a message brings along stands behind that.
    """
    return _plainly(record[0][0] if isinstance(record[0], tuple) else record[0])[0]


def _plainly(line: Any) -> tuple[Fetched, int]:
    """The facts at the front of a line, and where they end."""
    start = _START.match(line) if isinstance(line, bytes) else None
    if start is None:
        return Fetched(0), 0
    facts: dict[str, Any] = {}
    at = start.end()
    while found := _ITEM.match(line, at):
        kind, octets = found.lastgroup or "", found[found.lastgroup or 0]
        if kind in ("uid", "size", "modseq"):
            facts[kind] = int(octets)
        elif kind == "flags":
            facts["flags"] = _flags(octets)
        elif kind == "date":
            if (when := _when(octets)) is None:
                break
            facts["arrived"] = when
        elif kind == "preview":
            facts["preview"] = _ESCAPED.sub(rb"\1", octets) if b"\\" in octets else octets
        at = found.end()
    return Fetched(int(start[1]), **facts), at


def quickly(record: Record) -> Fetched | None:
    """The answers that make up a list: plain facts, then at most one header. Ten times as fast as a whole parser;
    None for everything else."""
    head, last = (record[0], b")") if len(record) == 1 else (record[0][0], record[1])
    told, at = _plainly(head)
    if not told.sequence or last != b")":
        return None
    if len(record) == 1:
        return told if head[at:] == b")" else None
    if len(record) > 2 or not _HEADER.fullmatch(head, at):
        return None
    return replace(told, sections={"HEADER": bytes(record[0][1])})


def _when(octets: bytes) -> datetime | None:
    """RFC 9051 9, date-time, in UTC."""
    match = _WHEN.fullmatch(octets)
    month = _MONTHS.find(match[2].upper()) if match else -1
    if match is None or month % 3:
        return None
    day, hour, minute, second = map(int, match.group(1, 4, 5, 6))
    try:
        local = datetime(int(match[3]), month // 3 + 1, day, hour, minute, second, tzinfo=UTC)
        away = timedelta(hours=int(match[8]), minutes=int(match[9]))
        return local - away if match[7] == b"+" else local + away
    except (OverflowError, ValueError):
        return None


@functools.lru_cache(maxsize=256)
def _flags(words: bytes) -> Flags:
    return flag_set(words.split())


def flag_set(flags: Iterable[Any]) -> Flags:
    """Flags in our spelling, without \\Recent, which is of this connection and not of the message."""
    spelled = (normal(octets_of(flag).decode("latin-1")) for flag in flags)
    return frozenset(flag for flag in spelled if flag and flag.lower() != "\\recent")


def octets_of(value: Any) -> bytes:
    """A string as the parser left it: octets, a number, or nothing at all."""
    if isinstance(value, bytes):
        return value
    return b"" if value is None else str(value).encode("utf-8", "replace")
