"""How an event repeats, in words: "Every week on Monday and Wednesday until 3 August 2027".

A sentence is made from the inside out: each step is a whole one with the earlier one in it, so a language may put its
parts in another order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from webmail.languages import N_
from webmail.mail.calendar import Event, Moment
from webmail.mail.recurrence import Rule
from webmail.web import filters
from webmail.web import words as said
from webmail.web.words import _, ngettext, pgettext

_EVERY: Final = {
    # Translators: how often an event repeats; more may follow: "Every week on Monday until 3 August 2027".
    "SECONDLY": N_("Every second"),
    "MINUTELY": N_("Every minute"),
    "HOURLY": N_("Every hour"),
    "DAILY": N_("Every day"),
    "WEEKLY": N_("Every week"),
    "MONTHLY": N_("Every month"),
    "YEARLY": N_("Every year"),
}
_EVERY_FEW: Final[Mapping[str, Callable[[int], str]]] = {
    "SECONDLY": lambda n: ngettext("Every %(count)s second", "Every %(count)s seconds", n),
    "MINUTELY": lambda n: ngettext("Every %(count)s minute", "Every %(count)s minutes", n),
    "HOURLY": lambda n: ngettext("Every %(count)s hour", "Every %(count)s hours", n),
    "DAILY": lambda n: ngettext("Every %(count)s day", "Every %(count)s days", n),
    "WEEKLY": lambda n: ngettext("Every %(count)s week", "Every %(count)s weeks", n),
    "MONTHLY": lambda n: ngettext("Every %(count)s month", "Every %(count)s months", n),
    "YEARLY": lambda n: ngettext("Every %(count)s year", "Every %(count)s years", n),
}
_NTH: Final = {
    # Translators: day: a weekday ("the first Monday"), or "day", or "weekday"; as in "Every month on the first Monday".
    1: N_("the first %(day)s"),
    2: N_("the second %(day)s"),
    3: N_("the third %(day)s"),
    4: N_("the fourth %(day)s"),
    5: N_("the fifth %(day)s"),
    -1: N_("the last %(day)s"),
    -2: N_("the second to last %(day)s"),
}
_ORDER: Final = {
    # Translators: in a list of several: "the first and last Monday". Digits ("1.") go with every day.
    1: N_("first"),
    2: N_("second"),
    3: N_("third"),
    4: N_("fourth"),
    5: N_("fifth"),
    -1: N_("last"),
    -2: N_("second to last"),
}
_WORKDAYS: Final = {0, 1, 2, 3, 4}
_MOST: Final = 7


def words(event: Event) -> str:
    """One sentence without its full stop; "" for an event that happens once."""
    if not event.ruled and not event.added:
        return ""
    if event.rule is None:
        text = _("By a rule that could not be read") if event.ruled else _("On several dates")
    else:
        text = _rule(event.rule, event.start)
    if event.added and event.ruled:
        # Translators: rule: "Every week on Monday".
        text = ngettext("%(rule)s, and on %(count)s more date", "%(rule)s, and on %(count)s more dates", event.added,
                        rule=text)  # fmt: skip
    if event.removed:
        text = ngettext("%(rule)s, except on %(count)s date", "%(rule)s, except on %(count)s dates", event.removed,
                        rule=text)  # fmt: skip
    return text


def by_day(event: Event) -> bool:
    """True when the words name days, which are other ones in another zone."""
    told = event.rule
    return told is not None and bool(told.days or told.month_days or told.frequency in ("WEEKLY", "MONTHLY", "YEARLY"))


def listed(items: list[str]) -> str:
    """a, b and c"""
    left = len(items) - _MOST + 1
    return said.listed(
        items if left <= 1 else [*items[: _MOST - 1], ngettext("%(count)s more", "%(count)s more", left)]
    )


def _rule(told: Rule, start: Moment | None) -> str:
    text = _(_EVERY[told.frequency]) if told.interval == 1 else _EVERY_FEW[told.frequency](told.interval)
    if told.frequency == "DAILY" and told.interval == 1 and {day for __, day in told.days} == _WORKDAYS:
        text = _("Every weekday, Monday to Friday")
    else:
        text = _on(text, told, start)
    if told.more:
        text = _("%(rule)s, with further conditions", rule=text)
    last = told.last_day(start.tzinfo if isinstance(start, datetime) else None)
    if last is not None:
        # Translators: rule: "Every week on Monday". day: the last one.
        return _("%(rule)s until %(day)s", rule=text, day=filters.day_text(last))
    if told.count is None:
        return text
    if told.count == 1:
        return _("%(rule)s, once", rule=text)
    return ngettext("%(rule)s, %(count)s time", "%(rule)s, %(count)s times", told.count, rule=text)


def _on(text: str, told: Rule, start: Moment | None) -> str:
    if told.month_days:
        return _dates(text, told)
    if told.days:
        return _days(text, told)
    if start is None:
        return _in(text, told.months)
    return _as_begun(text, told, start)


def _as_begun(text: str, told: Rule, start: Moment) -> str:
    """The days that a rule does not name are those of the first time (RFC 5545 3.3.10)."""
    if told.frequency == "WEEKLY":
        return _in(_on_days(text, _on_day(start.weekday())), told.months)
    if told.frequency == "MONTHLY":
        return _in(_on_days(text, _("day %(days)s", days=start.day)), told.months)
    if told.frequency == "YEARLY":
        return _on_dates(text, (start.day,), told.months or (start.month,))
    return _in(text, told.months)


def _on_days(text: str, days: str) -> str:
    # Translators: rule: "Every week". days: "Monday and Friday", "the last Friday", "day 1 and 15", "3 August".
    return _("%(rule)s on %(days)s", rule=text, days=days)


def _in(text: str, months: tuple[int, ...]) -> str:
    if not months:
        return text
    # Translators: rule: "Every week on Monday". months: "July and August".
    return _("%(rule)s in %(months)s", rule=text, months=listed([_in_month(month) for month in months]))


def _on_dates(text: str, days: tuple[int, ...], months: tuple[int, ...]) -> str:
    if len(days) == len(months) == 1:
        return _on_days(text, filters.day_of_year(months[0], days[0]))
    named = listed([filters.month_of(month) for month in months])
    # Translators: rule: "Every year". days: "1 and 15". months: "March and June".
    return _("%(rule)s on %(days)s %(months)s", rule=text, days=listed([str(day) for day in days]), months=named)


def _days(text: str, told: Rule) -> str:
    numbered = any(nth for nth, __ in told.days)
    days = _named(told, numbered)
    if told.frequency == "YEARLY" and told.months:
        months = listed([filters.month_of(month) for month in told.months])
        # Translators: rule: "Every year". days: "the last Sunday". months: "March and October".
        return _("%(rule)s on %(days)s of %(months)s", rule=text, days=days, months=months)
    if told.frequency == "YEARLY" and numbered:
        # Translators: rule: "Every year". days: "the 20th Monday".
        return _("%(rule)s on %(days)s of the year", rule=text, days=days)
    return _in(_on_days(text, days), told.months)


def _named(told: Rule, numbered: bool) -> str:
    if told.positions:
        return _chosen(told)
    if numbered and told.frequency in ("MONTHLY", "YEARLY"):
        return listed([_nth(nth, filters.day_name(day)) if nth else _every(day) for nth, day in told.days])
    return listed(list(dict.fromkeys(_on_day(day) for __, day in told.days)))


def _every(day: int) -> str:
    # Translators: day: a weekday, in a list: "the first Monday and every Friday".
    return _("every %(day)s", day=filters.day_name(day))


def _chosen(told: Rule) -> str:
    """Some of the days of a month or year: the first weekday, the last Monday or Tuesday."""
    kinds = {day for __, day in told.days}
    if len(kinds) in (5, 7) and kinds >= _WORKDAYS:
        day = _weekday() if len(kinds) == 5 else _day()
    else:
        day = said.listed([filters.day_name(day) for __, day in told.days], among=True)
    if len(told.positions) == 1:
        return _nth(told.positions[0], day)
    # Translators: nth: "first and last". day: "Monday", "Monday or Tuesday", "weekday" or "day".
    return _("the %(nth)s %(day)s", nth=listed([_ordinal(position) for position in told.positions]), day=day)


def _weekday() -> str:
    # Translators: any of Monday to Friday, as in "the first weekday".
    return pgettext("the first", "weekday")


def _day() -> str:
    return pgettext("the first", "day")


def _dates(text: str, told: Rule) -> str:
    if told.days:  # a Friday the 13th, and what else a rule can think of
        days = listed([_on_day(day) for __, day in told.days])
        # Translators: rule: "Every month". days: "Friday". dates: "day 13".
        both = _("%(rule)s on %(days)s, if it is %(dates)s of the month", rule=text, days=days, dates=_month_days(told))
        return _in(both, told.months)
    if told.frequency == "YEARLY" and told.months and all(day > 0 for day in told.month_days):
        return _on_dates(text, told.month_days, told.months)
    return _in(_on_days(text, _month_days(told)), told.months)


def _month_days(told: Rule) -> str:
    named = listed([str(day) if day > 0 else _nth(day, _day()) for day in told.month_days])
    # Translators: days of a month: "day 1 and 15".
    return _("day %(days)s", days=named) if told.month_days[0] > 0 else named


def _nth(number: int, day: str) -> str:
    if number in _NTH:
        return _(_NTH[number], day=day)
    nth = _digits(abs(number))
    if number > 0:
        # Translators: nth: "20th" in English, the number alone (20) in other languages.
        return _("the %(nth)s %(day)s", nth=nth, day=day)
    # Translators: nth: "20th" in English, the number alone (20) in other languages.
    return _("the %(nth)s to last %(day)s", nth=nth, day=day)


def _ordinal(number: int) -> str:
    if number in _ORDER:
        return _(_ORDER[number])
    nth = _digits(abs(number))
    # Translators: nth: "20th" in English, the number alone (20) in other languages.
    return nth if number > 0 else _("%(nth)s to last", nth=nth)


def _digits(size: int) -> str:
    """20th; other languages write in their sentences what goes with a number."""
    if said.locale() is not None:
        return str(size)
    return f"{size}" + ("th" if size % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(size % 10, "th"))


def _on_day(day: int) -> str:
    # Translators: these stand after "on", as in "Every week on Monday and Friday".
    monday = pgettext("on this day", "Monday")
    return (
        monday, pgettext("on this day", "Tuesday"), pgettext("on this day", "Wednesday"),
        pgettext("on this day", "Thursday"), pgettext("on this day", "Friday"), pgettext("on this day", "Saturday"),
        pgettext("on this day", "Sunday"),
    )[day]  # fmt: skip


def _in_month(month: int) -> str:
    # Translators: these stand after "in", as in "Every week on Monday in July and August".
    january = pgettext("in this month", "January")
    return (
        january, pgettext("in this month", "February"), pgettext("in this month", "March"),
        pgettext("in this month", "April"), pgettext("in this month", "May"), pgettext("in this month", "June"),
        pgettext("in this month", "July"), pgettext("in this month", "August"), pgettext("in this month", "September"),
        pgettext("in this month", "October"), pgettext("in this month", "November"),
        pgettext("in this month", "December"),
    )[month - 1]  # fmt: skip
