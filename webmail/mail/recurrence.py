"""How an event repeats (RFC 5545 3.3.10), read and never played: no rule, however wild, costs more than its letters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Final

DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES: Final = ("SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
LONGEST: Final = 2000
"""Characters of a rule; longer ones are not read (R20)."""

_MOST: Final = 31
_DAY: Final = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?", re.ASCII)
_READ: Final = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"}


@dataclass(frozen=True, slots=True)
class Rule:
    """frequency: one of FREQUENCIES. interval: 1 or more. until: the last day, or the last moment.

    days: (which, weekday), Monday is 0, which is 0 for every one and negative from the end. month_days: negative from
    the end. months: 1..12. positions: which of the matching days. more: it has conditions that are not here.
    """

    frequency: str
    interval: int = 1
    count: int | None = None
    until: date | datetime | None = None
    days: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    more: bool = False

    def last_day(self, zone: tzinfo | None) -> date | None:
        """until as a day in the zone of the event: programs write midnight there in UTC."""
        if not isinstance(self.until, datetime):
            return self.until
        try:
            return self.until.astimezone(zone or UTC).date()
        except (OverflowError, ValueError):
            return self.until.date()


def rule(value: str) -> Rule | None:
    """A RECUR value; None when it is none, or too long."""
    if len(value) > LONGEST:
        return None
    parts: dict[str, str] = {}
    for piece in value.upper().split(";"):
        name, equals, words = piece.strip().partition("=")
        if equals and words:
            parts.setdefault(name, words.strip())
    if parts.get("FREQ") not in FREQUENCIES:
        return None
    days, wrong = _days(parts.get("BYDAY", ""))
    return Rule(
        parts["FREQ"],
        max(1, _number(parts.get("INTERVAL", ""), 4) or 1),
        _number(parts.get("COUNT", ""), 5),
        _until(parts.get("UNTIL", "")),
        days,
        _numbers(parts.get("BYMONTHDAY", ""), 31),
        tuple(month for month in _numbers(parts.get("BYMONTH", ""), 12) if month > 0),
        _numbers(parts.get("BYSETPOS", ""), 366),
        wrong or any(name.startswith("BY") and name not in _READ for name in parts),
    )


def _days(words: str) -> tuple[tuple[tuple[int, int], ...], bool]:
    """The weekdays, each once, and whether something else was among them."""
    found: dict[tuple[int, int], None] = {}
    wrong = False
    for word in filter(None, words.split(",")):
        match = _DAY.fullmatch(word.strip())
        if match is None:
            wrong = True
        elif len(found) < _MOST:
            found[int(match[1] or 0), DAYS.index(match[2])] = None
    return tuple(found), wrong


def _numbers(words: str, most: int) -> tuple[int, ...]:
    found = [int(word) for word in words.split(",") if re.fullmatch(r"\s*[+-]?\d{1,3}\s*", word, re.ASCII)]
    return tuple(dict.fromkeys(number for number in found if 1 <= abs(number) <= most))[:_MOST]


def _number(word: str, digits: int) -> int | None:
    return int(word) if word.isascii() and word.isdigit() and len(word) <= digits else None


def _until(word: str) -> date | datetime | None:
    found = _UNTIL.fullmatch(word)
    if found is None:
        return None
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
        if not found[7]:
            return day
        return datetime(day.year, day.month, day.day, int(found[4]), int(found[5]), min(int(found[6]), 59), tzinfo=UTC)
    except ValueError:
        return None
