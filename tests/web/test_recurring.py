"""Rules in words. Each sentence was checked against RFC 5545 3.3.10 by hand."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.mail.test_calendar import event
from tests.words import pseudo
from webmail.mail.recurrence import DAYS, FREQUENCIES
from webmail.web.recurring import words

START = "DTSTART;TZID=Europe/Berlin:20260706T190000"  # a Monday

SENTENCES = {
    "FREQ=DAILY": "Every day",
    "FREQ=DAILY;INTERVAL=3;COUNT=4": "Every 3 days, 4 times",
    "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR": "Every weekday, Monday to Friday",
    "FREQ=DAILY;COUNT=1": "Every day, once",
    "FREQ=WEEKLY": "Every week on Monday",
    "FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20270802T220000Z": "Every week on Monday and Wednesday until 3 August 2027",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH,SA;WKST=SU": "Every 2 weeks on Tuesday, Thursday and Saturday",
    "FREQ=MONTHLY": "Every month on day 6",
    "FREQ=MONTHLY;BYMONTHDAY=1,15": "Every month on day 1 and 15",
    "FREQ=MONTHLY;BYMONTHDAY=-1": "Every month on the last day",
    "FREQ=MONTHLY;BYDAY=-1FR": "Every month on the last Friday",
    "FREQ=MONTHLY;BYDAY=2TU,4TU": "Every month on the second Tuesday and the fourth Tuesday",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": "Every month on the last weekday",
    "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1": "Every month on the first Monday or Tuesday",
    "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13": "Every month on Friday, if it is day 13 of the month",
    "FREQ=YEARLY": "Every year on 6 July",
    "FREQ=YEARLY;BYMONTH=8;BYMONTHDAY=3": "Every year on 3 August",
    "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU": "Every year on the last Sunday of March",
    "FREQ=YEARLY;BYDAY=20MO": "Every year on the 20th Monday of the year",
    "FREQ=HOURLY;INTERVAL=6": "Every 6 hours",
    "FREQ=DAILY;BYHOUR=9,10": "Every day, with further conditions",
    "FREQ=SOMETIMES": "By a rule that could not be read",
}


@pytest.mark.parametrize("rule", SENTENCES)
def test_a_rule_in_words(rule: str) -> None:
    assert words(event(START, f"RRULE:{rule}")) == SENTENCES[rule]


def test_every_rule_is_one_marked_sentence_in_another_language(app: Flask) -> None:
    pseudo.install(app, pseudo.LONG)
    with app.test_request_context(headers={"Accept-Language": pseudo.LONG.tag}):
        for rule in SENTENCES:
            said = words(event(START, f"RRULE:{rule}", "EXDATE:20260707T170000Z"))
            assert re.fullmatch(r"\[.*\]", said), rule
            assert not re.search(r"every|except|with|\bon\b", said, re.IGNORECASE), said


def test_dates_that_were_put_in_or_taken_out_are_counted() -> None:
    assert words(event(START)) == ""
    assert words(event(START, "RDATE:20260801T000000Z")) == "On several dates"
    told = words(event(START, "RRULE:FREQ=DAILY", "RDATE:20260801T000000Z", "EXDATE:20260707T170000Z,20260708T170000Z"))
    assert told == "Every day, and on 1 more date, except on 2 dates"


_NUMBERS = st.lists(st.integers(-400, 400).map(str), max_size=40).map(",".join)


@given(
    st.sampled_from(FREQUENCIES), _NUMBERS, _NUMBERS, _NUMBERS,
    st.lists(st.tuples(st.integers(-60, 60), st.sampled_from(DAYS)).map(lambda day: f"{day[0]}{day[1]}"), max_size=40),
    st.text(max_size=20),
)  # fmt: skip
def test_r20_any_rule_becomes_one_short_sentence(
    frequency: str, months: str, days: str, positions: str, weekdays: list[str], until: str
) -> None:
    rule = f"FREQ={frequency};BYMONTH={months};BYMONTHDAY={days};BYSETPOS={positions};BYDAY={','.join(weekdays)}"
    for start in (START, "SUMMARY:x"):
        told = words(event(start, f"RRULE:{rule};UNTIL={until}"))
        assert 0 < len(told) < 600
