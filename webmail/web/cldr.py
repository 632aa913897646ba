"""Dates, numbers and lists as a language writes them, by the Common Locale Data that Babel brings. Knows no page.

English is written by the functions of filters.py, which are older than this; here it is one language of many. Digits
are 0 to 9 in every language: so they are typed, and so mail has them.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from babel import Locale, dates, lists, numbers
from babel.core import UnknownLocaleError, get_global
from babel.units import format_unit

_UNITS: Final = ("kilobyte", "megabyte", "gigabyte")


@functools.lru_cache(maxsize=64)
def locale_of(tag: str) -> Locale:
    """The data of a language, with the territory that most of its speakers live in: weeks begin by territory."""
    likely = get_global("likely_subtags").get(tag.replace("-", "_"), tag)
    parts = likely.replace("-", "_").split("_")
    try:
        return Locale.parse(f"{parts[0]}_{parts[-1]}")
    except UnknownLocaleError:
        return Locale.parse(parts[0])


def number(value: int, locale: Locale) -> str:
    """1.204, 1 204"""
    return numbers.format_decimal(value, locale=locale)


def size(octets: int, locale: Locale) -> str:
    """182 kB, 1,4 Mo: decimal units."""
    if octets < 1000:
        return format_unit(octets, "byte", length="short", locale=locale)
    value, unit = octets / 1000, 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    pattern = "0.0" if value < 9.95 and unit else "0"
    return format_unit(value, _UNITS[unit], length="short", format=pattern, locale=locale)


def time(when: datetime, locale: Locale) -> str:
    """09:41, 9:41 م"""
    return dates.format_time(when, "short", locale=locale)


def weekday(when: date, locale: Locale) -> str:
    """Mo."""
    return dates.format_skeleton("E", _at(when), locale=locale)


def day(when: date, locale: Locale, *, year: bool, named: bool = False) -> str:
    """11. Juli, 11. Juli 2025; named: with its weekday, in short."""
    skeleton = ("y" if year else "") + "MMM" + ("Ed" if named else "d")
    return dates.format_skeleton(skeleton, _at(when), locale=locale)


def long_day(when: date, locale: Locale) -> str:
    """14. Juli 2026"""
    return dates.format_date(when, "long", locale=locale)


def day_of_year(when: date, locale: Locale) -> str:
    """14. Juli"""
    return dates.format_skeleton("MMMMd", _at(when), locale=locale)


def full_day(when: date, locale: Locale) -> str:
    """Dienstag, 14. Juli 2026"""
    return dates.format_date(when, "full", locale=locale)


def month(when: date, locale: Locale, *, year: bool) -> str:
    """Juli, Juli 2025"""
    if year:
        return dates.format_skeleton("yMMMM", _at(when), locale=locale)
    return dates.format_date(when, "LLLL", locale=locale)


def listed(items: Sequence[str], locale: Locale, *, among: bool = False) -> str:
    """Nora, Dora und Boris; among: oder Boris"""
    return lists.format_list(items, "or" if among else "standard", locale=locale)


def _at(when: date) -> datetime:
    return when if isinstance(when, datetime) else datetime(when.year, when.month, when.day)
