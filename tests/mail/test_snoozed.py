"""The moment in a folder's name means the same everywhere, and nothing else is taken for one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from webmail.mail import snoozed
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Mailbox

BERLIN = ZoneInfo("Europe/Berlin")
KOLKATA = ZoneInfo("Asia/Kolkata")


def mailbox(name: str, delimiter: str | None = "/", **more: object) -> Mailbox:
    return Mailbox(MailboxName(name), delimiter, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("zone", [BERLIN, KOLKATA, ZoneInfo("America/St_Johns"), UTC, ZoneInfo("Pacific/Kiritimati")])
@pytest.mark.parametrize("delimiter", ["/", ".", None])
def test_a_moment_goes_into_a_name_and_comes_out_of_it_whole(zone: ZoneInfo, delimiter: str | None) -> None:
    for day in range(0, 4000, 97):
        when = (datetime(2026, 1, 1, 7, 30, tzinfo=UTC) + timedelta(days=day, hours=day)).astimezone(zone)
        for root in ("Snoozed", f"INBOX{delimiter}Snoozed" if delimiter else "Snoozed"):
            name = snoozed.place(root, delimiter, when)
            assert snoozed.moment(mailbox(name, delimiter)) == when
            assert delimiter is None or name.count(delimiter) == root.count(delimiter) + 1, "no level too many"


def test_names_are_read_by_people_too() -> None:
    when = datetime(2026, 7, 20, 7, 0, tzinfo=BERLIN)
    assert snoozed.place("Snoozed", "/", when) == "Snoozed/2026-07-20 07.00 +0200"
    assert snoozed.place("INBOX.Snoozed", ".", when) == "INBOX.Snoozed.2026-07-20 07-00 +0200"
    assert snoozed.place("Snoozed", None, when) == "Snoozed 2026-07-20 07.00 +0200"


@pytest.mark.parametrize(
    "name",
    [
        "Snoozed", "Snoozed/Later", "Snoozed/2026-07-20", "Snoozed/2026-07-20 07.00", "Snoozed/2026-07-20 07:00 +0200",
        "Snoozed/2026-07-20 07.00 +0200 ", "Snoozed/2026-07-20 07.00 +02:00", "Snoozed/2026-07-20 24.00 +0000",
        "Snoozed/2026-02-30 07.00 +0000", "Snoozed/2026-07-20 07.00 +0260", "Snoozed/2026-07-20 07.00 +2400",
        "Snoozed/0000-01-01 00.00 +0000", "Snoozed/0001-01-01 00.00 +0100", "Snoozed/9999-12-31 23.59 -0100",
        "Snoozed/२०२६-07-20 07.00 +0200", "Work/2026-07-20 07.00 +0200", "A/B/Snoozed/2026-07-20 07.00 +0200",
        "Snoozed/2026-07-20 07.00 +0200/Deeper", "snoozed/2026-07-20 07.00 +0200", "2026-07-20 07.00 +0200",
        "Snoozed/2026-07-20 07.00 +0200\n",
    ],
)  # fmt: skip
def test_a_foreign_name_is_no_moment(name: str) -> None:
    assert snoozed.moment(mailbox(name)) is None


def test_what_belongs_to_others_or_has_a_role_is_left_alone() -> None:
    name = "Snoozed/2020-07-20 07.00 +0200"
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert snoozed.due([mailbox(name)], now)
    assert not snoozed.due([mailbox(name, owner="others"), mailbox(name, attributes=frozenset({"\\noselect"}))], now)
    assert snoozed.is_root(mailbox("INBOX/Snoozed"))
    assert not snoozed.is_root(mailbox("Clients/Snoozed"))


def test_due_is_what_is_over_in_every_zone() -> None:
    names = ["Snoozed/2026-07-20 09.00 +0200", "Snoozed/2026-07-20 07.30 +0000", "Snoozed/2026-07-20 12.30 +0530"]
    boxes = [mailbox(name) for name in names]
    assert snoozed.due(boxes, datetime(2026, 7, 20, 7, 0, tzinfo=UTC)) == [boxes[0], boxes[2]]
    assert [box for _, box in snoozed.dated(boxes)] == [boxes[0], boxes[2], boxes[1]]


# --- what is offered --------------------------------------------------------------------------------------------------


def offered(*when: int, zone: ZoneInfo = BERLIN) -> dict[str, str]:
    given = snoozed.choices(datetime(*when, tzinfo=zone), zone)  # type: ignore[misc, arg-type]
    return {title: f"{moment:%a %d %b %H:%M %z}" for title, moment in given}


def test_real_moments_are_offered_each_once() -> None:
    assert offered(2026, 7, 14, 9, 20) == {  # a Tuesday
        "Later today": "Tue 14 Jul 13:00 +0200", "Tomorrow": "Wed 15 Jul 08:00 +0200",
        "This weekend": "Sat 18 Jul 08:00 +0200", "Next week": "Mon 20 Jul 08:00 +0200",
    }  # fmt: skip
    assert offered(2026, 7, 14, 9, 0)["Later today"] == "Tue 14 Jul 12:00 +0200"
    assert "Later today" not in offered(2026, 7, 14, 20, 0), "that would be at night"
    assert list(offered(2026, 7, 17, 9)) == ["Later today", "Tomorrow", "Next week"], (
        "on Friday tomorrow is the weekend"
    )
    assert list(offered(2026, 7, 18, 9)) == ["Later today", "Tomorrow", "Next week"]
    assert list(offered(2026, 7, 19, 9)) == ["Later today", "Tomorrow"], "on Sunday tomorrow is next week"


def test_the_clock_on_the_wall_counts_when_summer_time_begins_and_ends() -> None:
    assert offered(2026, 3, 28, 12)["Tomorrow"] == "Sun 29 Mar 08:00 +0200"
    assert offered(2026, 10, 24, 12)["Tomorrow"] == "Sun 25 Oct 08:00 +0100"
    assert offered(2026, 3, 29, 0, 30)["Later today"] == "Sun 29 Mar 05:00 +0200", (
        "three hours, one of which is skipped"
    )
    skipped = snoozed.at(date(2026, 3, 29), time(2, 30), BERLIN)
    assert f"{skipped:%H:%M %z}" == "03:30 +0200"
    twice = snoozed.at(date(2026, 10, 25), time(2, 30), BERLIN)
    assert f"{twice:%H:%M %z}" == "02:30 +0200"
    for when in (skipped, twice):
        assert snoozed.moment(mailbox(snoozed.place("Snoozed", "/", when))) == when.astimezone(UTC)


NOW = datetime(2026, 7, 14, 9, 0, tzinfo=UTC)


def test_a_typed_moment_is_by_the_readers_clock_and_a_button_says_its_own() -> None:
    assert snoozed.chosen("2026-07-20T07:00", NOW, BERLIN) == datetime(2026, 7, 20, 5, 0, tzinfo=UTC)
    assert snoozed.chosen(" 2026-07-20 07:00 ", NOW, BERLIN).utcoffset() == timedelta(hours=2)
    assert snoozed.chosen("2026-07-20T07:00+05:30", NOW, BERLIN) == datetime(2026, 7, 20, 1, 30, tzinfo=UTC)
    assert snoozed.chosen("2026-07-20T07:00:59", NOW, BERLIN).second == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"), ("  ", "empty"), ("tomorrow", "odd"), ("2026-13-01T07:00", "odd"), ("x" * 5000, "odd"),
        ("2026-07-14T08:00Z", "past"), ("2026-07-14T09:00:30Z", "past"), ("0001-01-01T00:00", "odd"),
        ("1999-01-01T00:00", "past"), ("2040-01-01T00:00", "far"), ("9999-12-31T23:59", "far"),
        ("9999-12-31T23:59-23:00", "odd"), ("20260-07-14T08:00", "odd"), ("2026-07-20T07:00\r\nA1 LOGOUT", "odd"),
    ],
)  # fmt: skip
def test_no_other_moment_is_taken(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=f"^{why}$"):
        snoozed.chosen(text, NOW, BERLIN)
