"""How values look: times relative to the reader's day, sizes, initials."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from webmail.web import filters

NOW = datetime(2026, 7, 14, 10, 0, tzinfo=ZoneInfo("Europe/Berlin"))  # a Tuesday


@pytest.mark.parametrize(
    ("when", "time", "day"),
    [
        (NOW.replace(hour=9, minute=41), "09:41", "Today"),
        (NOW - timedelta(days=1), "Mon", "Yesterday"),
        (NOW - timedelta(days=2), "Sun", "Last week"),
        (NOW - timedelta(days=8), "6 Jul", "Last week"),
        (NOW - timedelta(days=9), "5 Jul", "July"),
        (NOW.replace(month=3, day=1), "1 Mar", "March"),
        (NOW.replace(year=2024), "14 Jul 2024", "July 2024"),
        (NOW + timedelta(days=1), "15 Jul", "Tomorrow"),
        (NOW + timedelta(days=40), "23 Aug", "Later"),
    ],
)
def test_a_row_says_when_in_as_few_letters_as_it_can(when: datetime, time: str, day: str) -> None:
    assert filters.list_time(when, NOW) == time
    assert filters.day_title(when, NOW) == day


def test_a_date_in_full_names_its_offset() -> None:
    when = datetime(2026, 7, 14, 9, 41, tzinfo=timezone(timedelta(hours=2)))
    assert filters.full_time(when) == "Tuesday 14 July 2026, 09:41 (+02:00)"


@pytest.mark.parametrize(
    ("octets", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1 KB"), (182_400, "182 KB"), (999_600, "1.0 MB"),
     (1_400_000, "1.4 MB"),
     (25_000_000, "25 MB"), (3_100_000_000, "3.1 GB"), (5_000_000_000_000, "5000 GB")],
)  # fmt: skip
def test_sizes_are_short(octets: int, text: str) -> None:
    assert filters.size_text(octets) == text


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Nora Lindqvist", "NL"), ("nora@example.org", "NE"), ("Nora", "NO"), ("山本 由紀", "山由"), ("山本", "山"),
     ("دانا الليثي", "دا"), ("", "?"), ("  ", "?"), ("!!! ???", "?"), ("7 Seas", "7S")],
)  # fmt: skip
def test_initials_are_one_or_two_letters(name: str, letters: str) -> None:
    assert filters.initials(name) == letters


def test_a_person_keeps_one_colour() -> None:
    assert filters.colour("Nora@Example.org") == filters.colour("nora@example.org")
    assert {filters.colour(f"{n}@example.org") for n in range(99)} == set(range(8))
