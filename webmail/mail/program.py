"""The tree of a search as the keys of IMAP SEARCH (RFC 9051 6.4.4): constants, and texts that have to travel safely."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from webmail.mail import flags, labels, moments
from webmail.mail.conditions import (
    ALL,
    NONE,
    Age,
    And,
    File,
    HasFile,
    Is,
    Label,
    Leaf,
    Node,
    Not,
    Or,
    Size,
    When,
    Words,
)

Part = bytes | str
"""bytes: constants of this file. str: what somebody typed, for imap/wire to quote."""

CLOSE: Final = b")"
"""Stands next to what it closes, also behind a text."""

_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STATES: Final = {
    "unread": (b"UNSEEN",), "read": (b"SEEN",), "starred": (b"FLAGGED",), "unstarred": (b"UNFLAGGED",),
    "answered": (b"ANSWERED",), "unanswered": (b"UNANSWERED",), "draft": (b"DRAFT",),
    "forwarded": (b"KEYWORD", flags.FORWARDED.encode()), "muted": (b"KEYWORD", b"$Muted"),
    "pinned": (b"KEYWORD", b"$Pinned"),
}  # fmt: skip
_ANYWHERE: Final = (b"SUBJECT", b"FROM", b"TO", b"CC", b"BODY")
"""Where a word without a field is looked for. Not TEXT: every message has "transfer" and "version" in its header."""

_MAY_HOLD_FILES: Final = (b"multipart/", b"application/", b"image/", b"audio/", b"video/", b"message/", b"name=")
_LONGEST_SPAN: Final = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class Asker:
    """me: the address that "me" stands for. now: in the reader's zone. within: the server knows OLDER and YOUNGER (RFC
    5032). fuzzy: it knows FUZZY (RFC 6203)."""

    me: str
    now: datetime
    within: bool = False
    fuzzy: bool = False


def program(node: Node, asker: Asker) -> tuple[Part, ...]:
    """The keys. Leaves that IMAP has no key for (is_exact) are asked for by one that finds more."""
    if isinstance(node, And) and node != ALL:
        return tuple(part for each in node.of for part in _key(each, asker))
    return _key(node, asker)


def is_exact(leaf: Leaf) -> bool:
    """Whether its key finds just what it says."""
    return not isinstance(leaf, HasFile | File)


def is_lasting(leaf: Leaf) -> bool:
    """Whether it goes on being true or false of a message: not where flags decide."""
    return not isinstance(leaf, Is | Label)


def _key(node: Node, asker: Asker) -> tuple[Part, ...]:
    """One key, in brackets where it is several."""
    if isinstance(node, And):
        return _bracketed(program(node, asker)) if node.of else (b"ALL",)
    if isinstance(node, Or):
        return _any_of([_key(each, asker) for each in node.of])
    if isinstance(node, Not):
        return (b"NOT", *_key(node.of, asker))
    return _leaf(node, asker)


def _bracketed(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    first = parts[0]
    assert isinstance(first, bytes)
    return (b"(" + first, *parts[1:], CLOSE)


def _any_of(keys: list[tuple[Part, ...]]) -> tuple[Part, ...]:
    """OR takes two, so many of them stand inside each other."""
    if not keys:
        return (b"NOT", b"ALL")
    if len(keys) == 1:
        return keys[0]
    return (b"OR", *keys[0], *_any_of(keys[1:]))


def _leaf(leaf: Leaf, asker: Asker) -> tuple[Part, ...]:
    if isinstance(leaf, Words):
        return _words(leaf, asker)
    if isinstance(leaf, Is):
        return _STATES[leaf.state]
    if isinstance(leaf, Size):
        return (b"LARGER" if leaf.larger else b"SMALLER", b"%d" % leaf.octets)
    if isinstance(leaf, When):
        return _when(leaf, asker)
    if isinstance(leaf, Age):
        moment = moments.before(asker.now, leaf.count, leaf.unit)
        return _until(moment, asker) if leaf.older else _from(moment, asker)
    if isinstance(leaf, Label):
        name = keyword(leaf.name)
        return _any_of([(b"KEYWORD", name)] if name else [])
    if isinstance(leaf, HasFile | File):
        typed = [(b"HEADER", b"CONTENT-TYPE", kind) for kind in _MAY_HOLD_FILES]
        return _any_of([*typed, (b"HEADER", b"CONTENT-DISPOSITION", b"attachment")])
    # In: the folder has decided it, before this is asked.
    return _any_of([])


def _words(leaf: Words, asker: Asker) -> tuple[Part, ...]:
    text = leaf.text
    if not leaf.field:
        if asker.fuzzy and not leaf.exact:
            return (b"FUZZY", b"TEXT", text)
        return _any_of([(field, text) for field in _ANYWHERE])
    if leaf.field == "list":
        return (b"HEADER", b"LIST-ID", text)
    if leaf.field in ("from", "to", "cc", "bcc") and text.lower() == "me":
        text = asker.me
    return (leaf.field.upper().encode("ascii"), text)


def _when(leaf: When, asker: Asker) -> tuple[Part, ...]:
    first, end = moments.days(leaf.day, asker.now.date())
    if leaf.how == "on":
        both = (*_from(moments.midnight(first, asker.now), asker), *_until(moments.midnight(end, asker.now), asker))
        return _bracketed(both)
    moment = moments.midnight(first, asker.now)
    return _until(moment, asker) if leaf.how == "before" else _from(moment, asker)


def _until(moment: datetime, asker: Asker) -> tuple[Part, ...]:
    """What arrived before it. Only WITHIN counts in seconds; BEFORE takes days as the server's clock has them."""
    seconds = _seconds(moment, asker)
    return (b"OLDER", b"%d" % seconds) if seconds else (b"BEFORE", _day(moment.date()))


def _from(moment: datetime, asker: Asker) -> tuple[Part, ...]:
    seconds = _seconds(moment, asker)
    return (b"YOUNGER", b"%d" % seconds) if seconds else (b"SINCE", _day(moment.date()))


def _seconds(moment: datetime, asker: Asker) -> int:
    """How long ago; 0 where that cannot be asked."""
    passed = round(asker.now.timestamp() - moment.timestamp()) if asker.within else 0
    return passed if 0 < passed <= _LONGEST_SPAN else 0


def _day(day: date) -> bytes:
    return f"{day.day}-{_MONTHS[day.month - 1]}-{day.year:04d}".encode("ascii")


def keyword(name: str) -> bytes:
    """The keyword of a label, by its name or as servers spell it; b"" where there is none."""
    if name.lower() in flags.TAGS:
        return name.lower().encode("ascii")
    try:
        return labels.keyword(name).encode("ascii")
    except ValueError:
        return b""


def foreign(leaf: Leaf) -> bool:
    """Whether it needs letters outside ASCII."""
    return isinstance(leaf, Words) and not leaf.text.isascii()


def never(node: Node) -> bool:
    """Whether nothing can meet it."""
    return node == NONE
