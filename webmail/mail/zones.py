"""The time zones of a calendar: names of the tz database, names of Windows, and definitions that came with the file.

The tz database is read like the tables of Unicode: the same name gives the same zone.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from webmail.mail.contentlines import Component
from webmail.mail.recurrence import Rule, rule
from webmail.mail.windowszones import PLACES

MOST_ZONES: Final = 20
MOST_OBSERVANCES: Final = 60
_MOST_DATES: Final = 200

_PLACE: Final = re.compile(r"(?:^|/)((?:[A-Za-z0-9_+-]{1,30}/){0,2}[A-Za-z0-9_+-]{2,30})$")
_OFFSET: Final = re.compile(r"([+-])(\d\d):?(\d\d)(?::?(\d\d))?")
_SAID: Final = re.compile(r"\s*\(?(?:UTC|GMT)\s*(?:([+-])\s*(\d{1,2})(?::?(\d\d))?)?\)?\s*", re.IGNORECASE)
_STAMP: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d))?(Z?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Observance:
    """One STANDARD or DAYLIGHT (RFC 5545 3.6.5): from start on, again by the rule or on dates, the clock is `after` off
    UTC; before, it was `before` off."""

    start: datetime
    before: timedelta
    after: timedelta
    rule: Rule | None
    dates: tuple[datetime, ...]

    def onset(self, local: datetime) -> datetime | None:
        """The last time at or before `local` that this one began."""
        begun = [day for day in (self.start, *self.dates) if day <= local]
        if self.rule is not None and local >= self.start:
            begun += filter(None, (self._yearly(year, local) for year in (local.year, local.year - 1)))
        return max(begun, default=None)

    def _yearly(self, year: int, local: datetime) -> datetime | None:
        """Its day in a year; rules of time zones are yearly, by month and weekday, or by month and day."""
        assert self.rule is not None
        until = self.rule.last_day(None)
        month = self.rule.months[0] if self.rule.months else self.start.month
        day = _day(year, month, self.rule, self.start.day)
        if day is None:
            return None
        found = self.start.replace(year=year, month=month, day=day)
        if found > local or found < self.start or (until is not None and found.date() > until):
            return None
        return found


Definitions = Mapping[str, tuple[Observance, ...]]


def definitions(calendar: Component) -> Definitions:
    """TZID -> what its VTIMEZONE says; those that cannot be read are left out."""
    found: dict[str, tuple[Observance, ...]] = {}
    for zone in islice(calendar.walk("VTIMEZONE"), MOST_ZONES):
        parts = [part for part in zone.children if part.name in ("STANDARD", "DAYLIGHT")][:MOST_OBSERVANCES]
        read = tuple(filter(None, map(_observance, parts)))
        if read:
            found.setdefault(zone.text("TZID"), read)
    return found


def place(name: str) -> str:
    """The tz database's name for a TZID: itself, its end behind a vendor's prefix, or what Windows means; else ""."""
    windows = PLACES.get(name.strip().lower())
    if windows:
        return windows
    found = _PLACE.search(name.strip()[:200])
    while found:
        if _zone(found[1]) is not None:
            return found[1]
        found = _PLACE.search(found[1].partition("/")[2])
    return ""


def zone(name: str) -> tzinfo | None:
    """The zone that place() named, or that says its offset itself ("UTC+11"); None for neither."""
    known = _zone(place(name))
    said = _SAID.fullmatch(name[:40])
    if known is not None or said is None:
        return known
    offset = timedelta(hours=int(said[2] or 0), minutes=int(said[3] or 0))
    return UTC if not offset else _fixed(-offset if said[1] == "-" else offset)


def aware(local: datetime, name: str, defined: Definitions) -> datetime | None:
    """A local time of the zone `name` as a moment. A known name counts more than a definition, which programs copy with
    old rules or none. None when neither tells."""
    known = zone(name)
    if known is not None:
        return local.replace(tzinfo=known)
    observances = defined.get(name)
    offset = _offset_at(observances, local) if observances else None
    fixed = None if offset is None else _fixed(offset)
    return None if fixed is None else local.replace(tzinfo=fixed)


def stamp(value: str) -> tuple[datetime, bool, bool] | None:
    """DATE or DATE-TIME: the local time, whether it is a date alone, whether it is UTC. None for what is neither."""
    found = _STAMP.fullmatch(value.strip())
    if found is None:
        return None
    numbers = [int(number) for number in found.groups()[:6] if number is not None]
    if len(numbers) == 6:
        numbers[5] = min(numbers[5], 59)  # a leap second
    try:
        return datetime(*numbers), len(numbers) == 3, bool(found[7])  # type: ignore[arg-type]
    except ValueError:
        return None


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name and ".." not in name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _fixed(offset: timedelta) -> timezone | None:
    return timezone(offset) if abs(offset) < timedelta(hours=24) else None


def _observance(part: Component) -> Observance | None:
    start = stamp(part.text("DTSTART"))
    before, after = _offset(part.text("TZOFFSETFROM")), _offset(part.text("TZOFFSETTO"))
    if after is None:
        return None
    repeats = part.first("RRULE")
    return Observance(
        start[0] if start else datetime(1, 1, 1),
        after if before is None else before,
        after,
        rule(repeats.value) if repeats else None,
        tuple(_dates(line.value for line in part.all("RDATE"))),
    )


def _dates(values: Iterable[str]) -> list[datetime]:
    words = islice((word for value in values for word in value.split(",", _MOST_DATES)), _MOST_DATES)
    return [found[0] for found in map(stamp, words) if found]


def _offset(value: str) -> timedelta | None:
    found = _OFFSET.fullmatch(value.strip())
    if found is None:
        return None
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    return -offset if found[1] == "-" else offset


def _offset_at(observances: tuple[Observance, ...], local: datetime) -> timedelta | None:
    begun = [(onset, one.after) for one in observances if (onset := one.onset(local)) is not None]
    if begun:
        return max(begun)[1]
    first = min(observances, key=lambda one: one.start)
    return first.before


def _day(year: int, month: int, repeats: Rule, usual: int) -> int | None:
    """The day of the month by "the 2nd Sunday", "the Sunday on or after the 8th", "the 5th", or as it began."""
    if not (1 <= month <= 12 and 1 <= year <= 9999):
        return None
    weekday, length = monthrange(year, month)
    days = [day if day > 0 else length + 1 + day for day in repeats.month_days] or [usual]
    if not repeats.days:
        return days[0] if 1 <= days[0] <= length else None
    nth, wanted = repeats.days[0]
    fitting = [day for day in range(1, length + 1) if (weekday + day - 1) % 7 == wanted]
    if repeats.month_days:
        fitting = [day for day in fitting if day in days]
    at = (nth or 1) - 1 if (nth or 1) > 0 else nth
    return fitting[at] if -len(fitting) <= at < len(fitting) else None
