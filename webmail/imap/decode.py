"""What the server answered, as mail values. IMAPClient's parser reads FETCH; lines that it chokes on are salvaged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

from imapclient.exceptions import ProtocolError
from imapclient.response_parser import parse_fetch_response, parse_response

from webmail.errors import ProtocolBroken
from webmail.imap.fetched import Fetched, Record, flag_set, octets_of, quickly, records
from webmail.mail.flags import SYSTEM, Flags
from webmail.mail.ids import MailboxName, Uid, UidValidity
from webmail.mail.mailbox import Mailbox, Namespaces
from webmail.mail.parts import MOST_PARTS

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Arrival of a message whose INTERNALDATE nobody can read."""

# Measured on malformed answers: IMAPClient raises every one of these.
_UNREADABLE: Final = (
    ProtocolError, ValueError, TypeError, LookupError, AttributeError, AssertionError, OverflowError, RecursionError,
    StopIteration,
)  # fmt: skip

_NUMBER: Final = re.compile(rb"\d+")
_UID: Final = re.compile(rb"\bUID (\d{1,10})\b", re.IGNORECASE)
_SIZE: Final = re.compile(rb"\bRFC822\.SIZE (\d{1,15})\b", re.IGNORECASE)
_FLAGS: Final = re.compile(rb"\bFLAGS \(([^)]*)\)", re.IGNORECASE)
_DATE: Final = re.compile(rb'\bINTERNALDATE ("[^"]{1,40}")', re.IGNORECASE)
_SECTION: Final = re.compile(rb"(BODY\[[^\]]*\](?:<\d+>)?) ?\{\d+\}$", re.IGNORECASE)
_FIELD_NAMES: Final = re.compile(rb"(?<=BODY\[HEADER\.FIELDS) \([^()\[\]]*\)(?=\](?:<\d+>)? \{\d+\}$)")
_LEAF: Final = re.compile(rb'\("[^"]{0,80}" "[^"]{0,80}" (?:\(|NIL)', re.IGNORECASE)
_LIST: Final = re.compile(rb'\(([^)]*)\) +(?:NIL|"((?:\\.|[^"\\])*)") +(.+)$', re.IGNORECASE | re.DOTALL)
_QUOTED: Final = re.compile(rb'"((?:\\.|[^"\\])*)"', re.DOTALL)
_STATUS: Final = re.compile(rb"\(([^()]*)\) *$")
_MAILBOX_ID: Final = re.compile(rb"\(([A-Za-z0-9_-]{1,255})\)")
_COUNT: Final = re.compile(rb"\bCOUNT (\d+)", re.IGNORECASE)
_ALL: Final = re.compile(rb"\bALL ([\d:,]+)", re.IGNORECASE)
_COPYUID: Final = re.compile(rb"(\d+) ([\d:,]+) ([\d:,]+)$")
_APPENDUID: Final = re.compile(rb"(\d+) ([\d:,]+)")
_LARGEST_SET: Final = 1 << 21


@dataclass(frozen=True, slots=True)
class Selected:
    """The mailbox that is open, as SELECT told it (RFC 9051 6.3.2).

    messages: as of the last answer. unseen: number of unread messages where a page had to count them, else None.
    uidnext: None when the server does not tell. modseq: HIGHESTMODSEQ (RFC 7162 3.1.2.1), 0 without. keywords: new
    keywords may be made (PERMANENTFLAGS has \\*). permanent_flags: the flags that stay when set. mailbox_id: what a new
    name does not change, None when not told.
    """

    name: MailboxName
    uidvalidity: UidValidity
    messages: int
    unseen: int | None = None
    uidnext: Uid | None = None
    modseq: int = 0
    read_only: bool = False
    keywords: bool = False
    permanent_flags: Flags = frozenset()
    mailbox_id: str | None = None


# --- FETCH ------------------------------------------------------------------------------------------------------------


def fetched(data: Iterable[Any]) -> list[Fetched]:
    """Every message in an answer to FETCH, in order; what came in several responses is put together.

    One response that makes no sense costs that message its unreadable items, never the others theirs.
    """
    known: dict[int, Fetched] = {}
    for record in records(data):
        one = _one_fetched(record)
        if one is not None:
            known[one.sequence] = _merged(known.get(one.sequence), one)
    return list(known.values())


def _one_fetched(record: Record) -> Fetched | None:
    quick = quickly(record)
    if quick is not None:
        return quick
    if _crowded(record):
        return _salvaged(record)
    try:
        parsed = parse_fetch_response(list(map(_shortened, record)), normalise_times=False, uid_is_key=False)
        sequence, items = next(iter(parsed.items()))
        return _from_items(sequence, items)
    except _UNREADABLE:
        return _salvaged(record)


def _crowded(record: Record) -> bool:
    """More parts in a BODYSTRUCTURE than anybody reads (R15): the library would take most of a second over them."""
    lines = (element[0] if isinstance(element, tuple) else element for element in record)
    leaves = (leaf for line in lines if isinstance(line, bytes) for leaf in _LEAF.finditer(line))
    return next(islice(leaves, MOST_PARTS, None), None) is not None


def _shortened(element: Any) -> Any:
    """Without the names of fields that every row repeats: IMAPClient's lexer reads letter by letter."""
    return (_FIELD_NAMES.sub(b"", element[0]), element[1]) if isinstance(element, tuple) else element


def _from_items(sequence: int, items: Mapping[bytes, Any]) -> Fetched:
    flags = items.get(b"FLAGS")
    size = items.get(b"RFC822.SIZE")
    return Fetched(
        sequence,
        uid=Uid(items[b"UID"]) if b"UID" in items else None,
        flags=None if flags is None else flag_set(flags),
        arrived=_aware(items.get(b"INTERNALDATE")),
        size=size if isinstance(size, int) else None,
        sections=dict(_sections(items)),
        preview=_preview(items.get(b"PREVIEW")),
        structure=items.get(b"BODYSTRUCTURE"),
    )


def _sections(items: Mapping[bytes, Any]) -> Iterator[tuple[str, bytes]]:
    for name, value in items.items():
        if name.startswith(b"BODY[") and value is not None:  # NIL: no such part
            yield name[5:].partition(b"]")[0].decode("latin-1"), octets_of(value)


def _salvaged(record: Record) -> Fetched | None:
    """Read what can be read with the eye: numbers, flags and literals survive an atom that the parser chokes on."""
    texts = [element[0] if isinstance(element, tuple) else element for element in record]
    line = b" ".join(text for text in texts if isinstance(text, bytes))
    number = _NUMBER.match(line)
    if number is None:
        return None
    uid, size, flags, date = (pattern.search(line) for pattern in (_UID, _SIZE, _FLAGS, _DATE))
    return Fetched(
        int(number[0]),
        uid=Uid(int(uid[1])) if uid else None,
        flags=flag_set(flags[1].split()) if flags else None,
        arrived=_date(date[1]) if date else None,
        size=int(size[1]) if size else None,
        sections={
            match[1][5:].partition(b"]")[0].decode("latin-1").upper(): bytes(element[1])
            for element in record
            if isinstance(element, tuple) and (match := _SECTION.search(element[0]))
        },
        whole=False,
    )


def _merged(old: Fetched | None, new: Fetched) -> Fetched:
    """The later word stands: an unsolicited FETCH (FLAGS) is news."""
    if old is None:
        return new
    told = {name: getattr(new, name) for name in ("uid", "flags", "arrived", "size", "preview", "structure")}
    return replace(
        old,
        modseq=max(old.modseq, new.modseq),
        sections={**old.sections, **new.sections},
        whole=old.whole and new.whole,
        **{name: value for name, value in told.items() if value is not None},
    )


def _preview(value: Any) -> bytes | None:
    """RFC 8970, and the draft before it, where the text has its algorithm in front: (FUZZY "text")."""
    if isinstance(value, tuple):
        value = value[-1] if value else None
    return None if value is None else octets_of(value)


def _date(quoted: bytes) -> datetime | None:
    try:
        items = parse_fetch_response([b"1 (INTERNALDATE " + quoted + b")"], normalise_times=False)
        return _aware(items[1][b"INTERNALDATE"])
    except _UNREADABLE:
        return None


def _aware(value: Any) -> datetime | None:
    if not isinstance(value, datetime):
        return None
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


# --- SELECT, LIST, STATUS, SEARCH, COPYUID, ID ------------------------------------------------------------------------


def selected(name: MailboxName, messages: int, code: str, data: Mapping[str, Sequence[Any]]) -> Selected:
    """The answer to SELECT. Without PERMANENTFLAGS every flag may be set for good (RFC 9051 7.1)."""
    permanent = data.get("PERMANENTFLAGS")
    flags = flag_set(_last(data, "PERMANENTFLAGS").strip(b"() ").split()) if permanent else frozenset(SYSTEM)
    known = _MAILBOX_ID.fullmatch(_last(data, "MAILBOXID"))
    return Selected(
        name,
        UidValidity(number(_last(data, "UIDVALIDITY"))),
        messages,
        uidnext=Uid(number(_last(data, "UIDNEXT"))) if "UIDNEXT" in data else None,
        modseq=number(_last(data, "HIGHESTMODSEQ")),
        read_only=code == "READ-ONLY",
        keywords="\\*" in flags,
        permanent_flags=flags - {"\\*"},
        mailbox_id=known[1].decode("ascii") if known else None,
    )


def mailboxes(data: Mapping[str, Sequence[Any]]) -> list[Mailbox]:
    """LIST responses in order, each name once, with STATUS where that came along. INBOX in any case is INBOX."""
    counts = status(data)
    found: dict[str, Mailbox] = {}
    for record in records(data.get("LIST", ())):
        one = _list(record)
        if one is not None and one.name not in found:
            told = counts.get(one.name)
            found[one.name] = replace(one, messages=told.get("MESSAGES"), unseen=told.get("UNSEEN")) if told else one
    return list(found.values())


def status(data: Mapping[str, Sequence[Any]]) -> dict[MailboxName, dict[str, int]]:
    """The numbers in STATUS responses by their names in upper case (RFC 9051 7.3.4), for each mailbox."""
    return dict(filter(None, map(_status, records(data.get("STATUS", ())))))


def _list(record: Record) -> Mailbox | None:
    line, literal = _line(record)
    match = _LIST.match(line)
    if match is None:
        return None
    name = _name(match[3], literal)
    delimiter = None if match[2] is None else re.sub(rb"\\(.)", rb"\1", match[2]).decode("latin-1")
    attributes = frozenset(word.decode("latin-1").lower() for word in match[1].split())
    return Mailbox(name, delimiter or None, attributes) if name else None


def _status(record: Record) -> tuple[MailboxName, dict[str, int]] | None:
    line, literal = _line(record)
    match = _STATUS.search(line)
    if match is None:
        return None
    words = match[1].decode("latin-1").upper().split()
    told = {key: int(value) for key, value in zip(words[::2], words[1::2], strict=False) if value.isdecimal()}
    return _name(line[: match.start()].strip(), literal), told


def _line(record: Record) -> tuple[bytes, bytes | None]:
    """The line of a response that holds at most one literal, and that literal."""
    literal = next((element[1] for element in record if isinstance(element, tuple)), None)
    return b"".join(element[0] if isinstance(element, tuple) else element or b"" for element in record), literal


def _name(word: bytes, literal: bytes | None) -> MailboxName:
    quoted = _QUOTED.match(word)
    if literal is not None:
        octets = literal
    elif quoted:
        octets = re.sub(rb"\\(.)", rb"\1", quoted[1], flags=re.DOTALL)
    else:
        # An atom, even with the spaces that some servers forget to quote; RFC 9051 6.3.9.4 data may follow in brackets.
        octets = re.sub(rb" \(.*\)$", b"", word).strip()
    name = octets.decode("latin-1")
    return MailboxName("INBOX" if name.upper() == "INBOX" else name)


def numbers(data: Mapping[str, Sequence[Any]]) -> list[int]:
    """What SEARCH found, ascending: the old answer, or ESEARCH's ALL (RFC 9051 7.3.4)."""
    found: set[int] = set()
    for line in data.get("SEARCH", ()):
        found.update(int(word) for word in (line or b"").split() if word.isdigit())
    for line in data.get("ESEARCH", ()):
        match = _ALL.search(line or b"")
        if match:
            found.update(expanded(match[1]))
    return sorted(found)


def count(data: Mapping[str, Sequence[Any]]) -> int | None:
    """ESEARCH's COUNT; None when it did not come."""
    matches = [_COUNT.search(line or b"") for line in data.get("ESEARCH", ())]
    return next((int(match[1]) for match in matches if match), None)


def expanded(ranges: bytes) -> list[int]:
    """`1:3,7` -> [1, 2, 3, 7], in the order given: COPYUID pairs its two sets by position (RFC 9051 7.1).

    Raises ProtocolBroken.
    """
    found: list[int] = []
    for first, _, last in (piece.partition(b":") for piece in ranges.split(b",")):
        if not first.isdigit() or not (last or b"0").isdigit():
            raise ProtocolBroken("not a set of numbers")
        low, high = int(first), int(last or first)
        if abs(high - low) + len(found) > _LARGEST_SET:
            raise ProtocolBroken("a set over the limit")
        found.extend(range(low, high + 1) if low <= high else range(low, high - 1, -1))
    return found


def copyuid(data: Mapping[str, Sequence[Any]]) -> tuple[UidValidity, dict[Uid, Uid]] | None:
    """Where messages went (RFC 9051 7.1, COPYUID); None when the server did not say or the sets do not match."""
    match = _COPYUID.match(_last(data, "COPYUID"))
    if match is None:
        return None
    source, target = expanded(match[2]), expanded(match[3])
    if len(source) != len(target):
        return None
    return UidValidity(int(match[1])), {Uid(a): Uid(b) for a, b in zip(source, target, strict=True)}


def appenduid(data: Mapping[str, Sequence[Any]]) -> tuple[UidValidity, list[Uid]] | None:
    """Where messages went (RFC 9051 7.1, APPENDUID), in the order they were sent."""
    match = _APPENDUID.fullmatch(_last(data, "APPENDUID").strip())
    return (UidValidity(int(match[1])), [Uid(uid) for uid in expanded(match[2])]) if match else None


def items(record: Record) -> tuple[Any, ...]:
    """One response as nested tuples of octets, numbers and None; () for nonsense."""
    try:
        return tuple(parse_response([element for element in record if element is not None]))
    except _UNREADABLE:
        return ()


def identity(data: Sequence[Any]) -> dict[str, str]:
    """The answer to ID (RFC 2971), lower-case keys; empty when it is NIL or nonsense."""
    told = next(iter(items(data)), None)
    words = [octets_of(item).decode("latin-1") for item in told] if isinstance(told, tuple) else []
    return {key.lower(): value for key, value in zip(words[::2], words[1::2], strict=False)}


def namespaces(data: Mapping[str, Sequence[Any]]) -> Namespaces | None:
    """Where names of the account's own, of other people and of nobody in particular begin (RFC 9051 7.3.3); None when
    there is no personal one."""
    told = tuple(_prefixes(kind) for kind in items(next(iter(records(data.get("NAMESPACE", ()))), [])))
    if not told or not told[0]:
        return None
    prefix, delimiter = told[0][0]
    others, shared = (tuple(name for name, _ in kind if name) for kind in (*told[1:3], (), ())[:2])
    return Namespaces(prefix, delimiter, others, shared)


def _prefixes(kind: Any) -> list[tuple[str, str | None]]:
    listed = kind if isinstance(kind, tuple) else ()
    pairs = (one[:2] for one in listed if isinstance(one, tuple) and len(one) > 1)
    return [(octets_of(prefix).decode("latin-1"), octets_of(mark).decode("latin-1") or None) for prefix, mark in pairs]


def myrights(data: Mapping[str, Sequence[Any]]) -> str | None:
    """The letters in the answer to MYRIGHTS (RFC 4314 3.8); None when there was none."""
    told = [items(record) for record in records(data.get("MYRIGHTS", ()))]
    return octets_of(told[-1][1]).decode("latin-1") if told and len(told[-1]) == 2 else None


def _last(data: Mapping[str, Sequence[Any]], key: str) -> bytes:
    values = data.get(key) or (b"",)
    return octets_of(values[-1])


def number(octets: bytes) -> int:
    """The digits at the start; 0 when there are none."""
    match = _NUMBER.match(octets)
    return int(match[0]) if match else 0
