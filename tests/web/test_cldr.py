"""Dates, numbers and sizes as nine languages write them."""

from __future__ import annotations

from datetime import datetime

import pytest

from webmail.languages import LANGUAGES
from webmail.web import cldr

WHEN = datetime(2026, 7, 14, 9, 41)
NARROW, SPACE = "\u202f", "\xa0"


@pytest.mark.parametrize(
    ("tag", "number", "size", "day", "full", "month", "week"),
    [
        ("de", "1.204", "1,4 MB", "14. Juli", "Dienstag, 14. Juli 2026", "Juli 2026", 0),
        ("fr", f"1{NARROW}204", f"1,4{SPACE}Mo", "14 juil.", "mardi 14 juillet 2026", "juillet 2026", 0),
        ("pl", f"1{SPACE}204", f"1,4{SPACE}MB", "14 lip", "wtorek, 14 lipca 2026", "lipiec 2026", 0),
        ("pt-BR", "1.204", "1,4 MB", "14 de jul.", "terça-feira, 14 de julho de 2026", "julho de 2026", 6),
        ("ja", "1,204", "1.4 MB", "7月14日", "2026年7月14日火曜日", "2026年7月", 6),
        ("he", "1,204", "1.4 MB", "14 ביולי", "יום שלישי, 14 ביולי 2026", "יולי 2026", 6),
        ("ar", "1,204", "1.4 م.ب", "14 يوليو", "الثلاثاء، 14 يوليو 2026", "يوليو 2026", 5),
    ],
)
def test_a_language_writes_numbers_and_dates_its_own_way(
    tag: str, number: str, size: str, day: str, full: str, month: str, week: int
) -> None:
    at = cldr.locale_of(tag)
    assert cldr.number(1204, at) == number
    assert " ".join(cldr.size(1_400_000, at).split()) == " ".join(size.split())
    assert cldr.day(WHEN, at, year=False) == day
    assert cldr.full_day(WHEN.date(), at) == full
    assert cldr.month(WHEN, at, year=True) == month
    assert at.first_week_day == week


def test_every_language_has_all_that_a_page_asks_for() -> None:
    for tag in LANGUAGES:
        at = cldr.locale_of(tag)
        texts = [
            cldr.time(WHEN, at), cldr.weekday(WHEN, at), cldr.day(WHEN, at, year=True, named=True),
            cldr.long_day(WHEN, at), cldr.month(WHEN, at, year=False), cldr.listed(["A", "B"], at, among=True),
            *(cldr.size(10**power, at) for power in range(16)),
        ]  # fmt: skip
        assert all(texts), tag
