"""Days and ages as people type them into a search: 2026-03-01, 2026-03, 1 March 2026, yesterday; 7d, 2 weeks."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Final

RELATIVE: Final = ("today", "yesterday")

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_FIRST: Final = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})(?:\2(\d{1,2}))?)?")
_DAY_FIRST: Final = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})")
_NAMED: Final = re.compile(r"(?:(\d{1,2})[. -]{1,2})?([a-z]{3})[a-z]{0,7}[ -](\d{4})", re.IGNORECASE)
_AGE: Final = re.compile(r"(\d{1,4}) ?(h|hours?|d|days?|w|weeks?|m|months?|y|years?)", re.IGNORECASE)
_FIRST_YEAR, _LAST_YEAR = 1900, 9998


def spec(text: str) -> str | None:
    """A day, month or year in its one spelling: "2026-03-01", "2026-03", "2026", "today", "yesterday".

    None for what is no date, and for 3/4/2026, which is one day here and another there.
    """
    low = text.strip().lower()
    if low in RELATIVE:
        return low
    if found := _YEAR_FIRST.fullmatch(low):
        return _spelled(found[1], found[3], found[4])
    if found := _DAY_FIRST.fullmatch(low):
        day, sign, month, year = found.groups()
        if sign == "/" and int(month) > 12:
            day, month = month, day
        elif sign == "/" and int(day) <= 12 and day.lstrip("0") != month.lstrip("0"):
            return None
        return _spelled(year, month, day)
    found = _NAMED.fullmatch(low)
    if found is None or found[2] not in _MONTHS:
        return None
    return _spelled(found[3], str(_MONTHS.index(found[2]) + 1), found[1])


def _spelled(year: str, month: str | None, day: str | None) -> str | None:
    try:
        made = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    if not _FIRST_YEAR <= made.year <= _LAST_YEAR:
        return None
    return made.isoformat()[: 10 if day else 7 if month else 4]


def days(spelled: str, today: date) -> tuple[date, date]:
    """The first day of a spec, and the first day after it."""
    if spelled in RELATIVE:
        first = today - timedelta(days=RELATIVE.index(spelled))
        return first, first + timedelta(days=1)
    year, month, day = (int(piece) for piece in (*spelled.split("-"), "0", "0")[:3])
    first = date(year, month or 1, day or 1)
    if day:
        return first, first + timedelta(days=1)
    if month:
        return first, date(year + month // 12, month % 12 + 1, 1)
    return first, date(year + 1, 1, 1)


def midnight(day: date, now: datetime) -> datetime:
    """The moment at which that day begins for whoever it is `now` for."""
    return datetime.combine(day, time(), now.tzinfo)


def age(text: str) -> tuple[int, str] | None:
    """ "7d", "2 weeks" -> how many, and one of "hdwmy"; None for what is none."""
    found = _AGE.fullmatch(text.strip())
    if found is None or not int(found[1]):
        return None
    return int(found[1]), found[2][0].lower()


def before(now: datetime, count: int, unit: str) -> datetime:
    """The moment so long ago; months and years by the calendar, the last of a month where it has fewer days."""
    if unit in "hdw":
        step = timedelta(hours=1) if unit == "h" else timedelta(days=1 if unit == "d" else 7)
        return now - count * step if now.year - count // 52 > _FIRST_YEAR else now.replace(year=_FIRST_YEAR)
    months = now.year * 12 + now.month - 1 - count * (12 if unit == "y" else 1)
    year, month = max(months // 12, _FIRST_YEAR), months % 12 + 1
    for day in range(now.day, 27, -1):
        try:
            return now.replace(year=year, month=month, day=day)
        except ValueError:
            continue
    return now.replace(year=year, month=month)
