"""How an event repeats, in plain English: "Every week on Monday and Wednesday until 3 August 2027"."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from webmail.mail.calendar import Event, Moment
from webmail.mail.recurrence import Rule
from webmail.web import filters

_UNITS: Final = {
    "SECONDLY": "second", "MINUTELY": "minute", "HOURLY": "hour", "DAILY": "day", "WEEKLY": "week",
    "MONTHLY": "month", "YEARLY": "year",
}  # fmt: skip
_ORDER: Final = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last", -2: "second to last"}
_WORKDAYS: Final = {0, 1, 2, 3, 4}
_MOST: Final = 7


def words(event: Event) -> str:
    """One sentence without its full stop; "" for an event that happens once."""
    if not event.ruled and not event.added:
        return ""
    if event.rule is None:
        text = "By a rule that could not be read" if event.ruled else "On several dates"
    else:
        text = _rule(event.rule, event.start)
    if event.added and event.ruled:
        text += f", and on {event.added} more date{'s' if event.added > 1 else ''}"
    if event.removed:
        text += f", except on {event.removed} date{'s' if event.removed > 1 else ''}"
    return text


def by_day(event: Event) -> bool:
    """True when the words name days, which are other ones in another zone."""
    told = event.rule
    return told is not None and bool(told.days or told.month_days or told.frequency in ("WEEKLY", "MONTHLY", "YEARLY"))


def listed(items: list[str]) -> str:
    """a, b and c"""
    shown = items if len(items) <= _MOST else [*items[: _MOST - 1], f"{len(items) - _MOST + 1} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _rule(told: Rule, start: Moment | None) -> str:
    unit = _UNITS[told.frequency]
    text = f"Every {unit}" if told.interval == 1 else f"Every {told.interval} {unit}s"
    if told.frequency == "DAILY" and told.interval == 1 and {day for _, day in told.days} == _WORKDAYS:
        text = "Every weekday, Monday to Friday"
    else:
        text += _on(told, start)
    if told.more:
        text += ", with further conditions"
    last = told.last_day(start.tzinfo if isinstance(start, datetime) else None)
    if last is not None:
        text += f" until {filters.day_text(last)}"
    elif told.count is not None:
        text += ", once" if told.count == 1 else f", {told.count} times"
    return text


def _on(told: Rule, start: Moment | None) -> str:
    days, months = _days(told), [filters.MONTHS[month - 1] for month in told.months]
    if days:
        inside = months or (["the year"] if told.frequency == "YEARLY" and any(nth for nth, _ in told.days) else [])
        return f" on {days}" + (f" of {listed(inside)}" if told.frequency == "YEARLY" and inside else _in(months))
    if told.month_days:
        return _dates(told, months)
    if start is None:
        return _in(months)
    return _as_begun(told.frequency, start, months)


def _as_begun(frequency: str, start: Moment, months: list[str]) -> str:
    """The days that a rule does not name are those of the first time (RFC 5545 3.3.10)."""
    if frequency == "WEEKLY":
        return f" on {filters.DAYS[start.weekday()]}{_in(months)}"
    if frequency == "MONTHLY":
        return f" on day {start.day}{_in(months)}"
    if frequency == "YEARLY":
        return f" on {start.day} {listed(months or [filters.MONTHS[start.month - 1]])}"
    return _in(months)


def _days(told: Rule) -> str:
    if not told.days or told.month_days:
        return ""
    names = [filters.DAYS[day] for _, day in told.days]
    if told.positions:
        which = listed([_ordinal(position) for position in told.positions])
        kinds = {day for _, day in told.days}
        special = {5: "weekday", 7: "day"}.get(len(kinds)) if kinds >= _WORKDAYS else None
        return f"the {which} {special or ' or '.join(names)}"
    if told.frequency in ("MONTHLY", "YEARLY") and any(nth for nth, _ in told.days):
        return listed([f"the {_ordinal(nth)} {filters.DAYS[day]}" if nth else f"every {filters.DAYS[day]}"
                       for nth, day in told.days])  # fmt: skip
    return listed(list(dict.fromkeys(names)))


def _dates(told: Rule, months: list[str]) -> str:
    if told.days:  # a Friday the 13th, and what else a rule can think of
        named = listed([filters.DAYS[day] for _, day in told.days])
        return f" on {named}, if it is {_month_days(told)} of the month{_in(months)}"
    if told.frequency == "YEARLY" and months and all(day > 0 for day in told.month_days):
        return f" on {listed([str(day) for day in told.month_days])} {listed(months)}"
    return f" on {_month_days(told)}{_in(months)}"


def _month_days(told: Rule) -> str:
    named = [str(day) if day > 0 else f"the {_ordinal(day)} day" for day in told.month_days]
    return ("day " if told.month_days[0] > 0 else "") + listed(named)


def _in(months: list[str]) -> str:
    return f" in {listed(months)}" if months else ""


def _ordinal(number: int) -> str:
    if number in _ORDER:
        return _ORDER[number]
    size = abs(number)
    ending = "th" if size % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(size % 10, "th")
    return f"{size}{ending}" + ("" if number > 0 else " to last")
