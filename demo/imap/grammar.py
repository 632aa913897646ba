"""Reading the arguments of a command: a cursor over the octets, with one method for each word of RFC 3501 section 9."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Final, TypeVar

from demo.imap.wire import Malformed, month

T = TypeVar("T")

_ATOM: Final = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\\]]+')
_ASTRING: Final = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\]+')
_LIST_MAILBOX: Final = re.compile(rb'[^\x00-\x20\x7f-\xff(){"\\]+')
_QUOTED: Final = re.compile(rb'"((?:[^"\\\r\n]|\\["\\])*)"')
_LITERAL: Final = re.compile(rb"\{(\d+)\+?\}\r?\n")
_NUMBER: Final = re.compile(rb"\d{1,10}")
_FLAG: Final = re.compile(rb'\\?[^\x00-\x20\x7f-\xff(){%*"\\\]]+')
_SET: Final = re.compile(rb"(?:\d{1,10}|\*)(?::(?:\d{1,10}|\*))?(?:,(?:\d{1,10}|\*)(?::(?:\d{1,10}|\*))?)*")
_DATE: Final = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{4})")
_DATE_TIME: Final = re.compile(r" ?(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_SYSTEM: Final = {flag.lower(): flag for flag in ("\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft")}

NumberSet = tuple[tuple[int, int], ...]
"""Ranges, both ends meant; 0 stands for "*"."""


class Arguments:
    """What follows the name of a command. Every method takes one thing and raises Malformed when it is not there."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def at_end(self) -> bool:
        return self.at >= len(self.data)

    def end(self) -> None:
        if not self.at_end():
            raise Malformed("Unexpected extra arguments")

    def peek(self, expected: bytes) -> bool:
        return self.data.startswith(expected, self.at)

    def skip(self, expected: bytes) -> bool:
        """True when the octets were there, and now are behind us."""
        if not self.peek(expected):
            return False
        self.at += len(expected)
        return True

    def need(self, expected: bytes) -> None:
        if not self.skip(expected):
            raise Malformed(f"Expected {expected.decode('ascii')!r}")

    def space(self) -> None:
        self.need(b" ")

    def match(self, pattern: re.Pattern[bytes], what: str) -> bytes:
        found = pattern.match(self.data, self.at)
        if not found:
            raise Malformed(f"Expected {what}")
        self.at = found.end()
        return found[0]

    def atom(self) -> str:
        return self.match(_ATOM, "an atom").decode("ascii")

    def word(self) -> str:
        """An atom in upper case: names of commands, items and keys compare without case."""
        return self.atom().upper()

    def number(self) -> int:
        return int(self.match(_NUMBER, "a number"))

    def string(self) -> bytes:
        """A quoted string or a literal, decoded."""
        if quoted := _QUOTED.match(self.data, self.at):
            self.at = quoted.end()
            return re.sub(rb"\\(.)", rb"\1", quoted[1])
        counted = _LITERAL.match(self.data, self.at)
        if not counted:
            raise Malformed("Expected a string")
        start = counted.end()
        self.at = start + int(counted[1])
        if self.at > len(self.data):
            raise Malformed("Literal is too short")
        return self.data[start : self.at]

    def astring(self) -> bytes:
        return self.string() if self.peek(b'"') or self.peek(b"{") else self.match(_ASTRING, "a string")

    def pattern(self) -> str:
        """A mailbox name that may hold the wildcards of LIST."""
        raw = self.string() if self.peek(b'"') or self.peek(b"{") else self.match(_LIST_MAILBOX, "a mailbox pattern")
        return raw.decode("ascii", "replace")

    def mailbox(self) -> str:
        """A name as it stands on the wire; INBOX in any case is INBOX (RFC 3501 5.1)."""
        name = self.astring().decode("ascii", "replace")
        return "INBOX" if name.upper() == "INBOX" else name

    def group(self, one: Callable[[], T]) -> list[T]:
        """A parenthesised list, which may be empty."""
        self.need(b"(")
        found: list[T] = []
        while not self.skip(b")"):
            if found:
                self.space()
            found.append(one())
        return found

    def flag(self) -> str:
        """A flag; system flags in their usual spelling. \\Recent and unknown system flags are no flags to set."""
        flag = self.match(_FLAG, "a flag").decode("ascii")
        if not flag.startswith("\\"):
            return flag
        if flag.lower() not in _SYSTEM:
            raise Malformed(f"Invalid system flag {flag}")
        return _SYSTEM[flag.lower()]

    def number_set(self) -> NumberSet:
        text = self.match(_SET, "a message set").decode("ascii")
        ranges = []
        for piece in text.split(","):
            ends = [0 if end == "*" else int(end) for end in piece.split(":")]
            if any(end == 0 and raw != "*" for end, raw in zip(ends, piece.split(":"), strict=True)):
                raise Malformed("Message numbers begin at 1")
            ranges.append((ends[0], ends[-1]))
        return tuple(ranges)

    def date(self) -> date:
        """A day, as SEARCH writes it: 5-Jul-2026, with or without quotes."""
        found = _DATE.fullmatch(self.astring().decode("ascii", "replace"))
        if not found:
            raise Malformed("Invalid date")
        try:
            return date(int(found[3]), month(found[2]), int(found[1]))
        except ValueError:
            raise Malformed("Invalid date") from None

    def date_time(self) -> datetime:
        """An aware moment, as APPEND writes it."""
        found = _DATE_TIME.fullmatch(self.string().decode("ascii", "replace"))
        if not found:
            raise Malformed("Invalid date-time")
        offset = timedelta(hours=int(found[8]), minutes=int(found[9])) * (-1 if found[7] == "-" else 1)
        clock = (int(found[4]), int(found[5]), int(found[6]))
        try:
            return datetime(int(found[3]), month(found[2]), int(found[1]), *clock, tzinfo=timezone(offset))
        except ValueError:
            raise Malformed("Invalid date-time") from None
