"""Invitations as values: what real programs send, what hostile ones do, and the answer that goes back."""

from __future__ import annotations

import os
import re
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.mail import calendar, contentlines, itip, zones
from webmail.mail.address import Address
from webmail.mail.calendar import Calendar, Event, parse
from webmail.mail.contentlines import Line
from webmail.mail.recurrence import Rule, rule

BERLIN = ZoneInfo("Europe/Berlin")
CALENDARS = (
    Path(os.environ.get("PENNYPOST_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus") / "icalendar/calendars"
)
NOW = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
ALICE = Address("", "alice@example.org")
REQUEST = (
    "UID:42@example.net", "DTSTAMP:20260701T080000Z", "SUMMARY:Planning\\, part 2", "SEQUENCE:3",
    "DTSTART;TZID=Europe/Berlin:20260705T190000", "DTEND;TZID=Europe/Berlin:20260705T210000",
    "ORGANIZER;CN=Dora Doe:mailto:dora@example.net",
    'ATTENDEE;CN="Ahlgren, Alice";RSVP=TRUE;PARTSTAT=NEEDS-ACTION:mailto:Alice@Example.org',
    "ATTENDEE;CN=Bob;PARTSTAT=ACCEPTED;ROLE=OPT-PARTICIPANT:mailto:bob@example.org",
)  # fmt: skip


def file(*lines: str, method: str = "REQUEST", before: tuple[str, ...] = ()) -> bytes:
    """A calendar with one event of these lines. before: lines between the two BEGINs."""
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", *((f"METHOD:{method}",) if method else ()), *before)
    return "".join(f"{line}\r\n" for line in (*head, "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR")).encode()


def read(*lines: str, method: str = "REQUEST", before: tuple[str, ...] = ()) -> Calendar:
    found = parse(file(*lines, method=method, before=before), "utf-8")
    assert found is not None
    return found


def event(*lines: str, before: tuple[str, ...] = ()) -> Event:
    return read(*lines, before=before).events[0]


def answer(asked: Calendar, status: str = "ACCEPTED", comment: str = "", me: Address = ALICE) -> icalendar.Calendar:
    """The reply as an independent parser reads it."""
    octets = itip.reply(asked, me, ALICE.address, status, comment, NOW)
    assert all(len(row) <= 75 for row in octets.split(b"\r\n"))
    read = icalendar.Calendar.from_ical(octets)
    assert not read.errors
    return read


def test_an_invitation_says_who_when_where_and_what() -> None:
    asked = read(*REQUEST, "LOCATION:Room 5\\; upstairs", "DESCRIPTION:One\\nTwo", "URL:https://example.net/e", "X-A:1")
    [one] = asked.events
    assert (asked.method, asked.left, asked.cut) == ("REQUEST", 0, False)
    assert (one.summary, one.location, one.description) == ("Planning, part 2", "Room 5; upstairs", "One\nTwo")
    assert (one.uid, one.sequence, one.link) == ("42@example.net", 3, "https://example.net/e")
    assert one.start == datetime(2026, 7, 5, 19, tzinfo=BERLIN)
    assert one.end == datetime(2026, 7, 5, 21, tzinfo=BERLIN)
    assert one.zone == "Europe/Berlin"
    assert one.organizer == Address("Dora Doe", "dora@example.net")
    assert [each.person.name for each in one.attendees] == ["Ahlgren, Alice", "Bob"]
    assert [(each.status, each.role) for each in one.attendees][1] == ("ACCEPTED", "OPT-PARTICIPANT")


def test_folds_may_cut_anywhere_and_line_ends_may_be_of_any_kind() -> None:
    folded = file(*REQUEST).replace(b"Planning", b"Pla\r\n nn\r\n\ting")
    for octets in (folded, folded.replace(b"\r\n", b"\n"), folded.replace(b"\r\n", b"\r"), b"\xef\xbb\xbf" + folded):
        found = parse(octets, None)
        assert found is not None
        assert found.events[0].summary == "Planning, part 2"
    wide = parse(file("SUMMARY:Straße").decode().encode("utf-16"), "utf-8")
    assert wide is not None
    assert wide.events[0].summary == "Straße"


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("/mozilla.org/20070129_1/America/New_York", "America/New_York"),
        ("/freeassociation.sourceforge.net/Tzfile/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("w. europe standard time", "Europe/Berlin"),
        ("Pacific Standard Time (Mexico)", "America/Tijuana"),
        ("UTC", "Etc/UTC"),
        ("Customized Time Zone", ""),
        ("../../etc/passwd", ""),
        ("Europe", ""),
        ("", ""),
    ],
)
def test_zones_are_known_by_the_names_that_programs_use(name: str, place: str) -> None:
    assert zones.place(name) == place


def test_every_windows_name_leads_to_a_zone_of_the_database() -> None:
    for place in zones.PLACES.values():
        assert ZoneInfo(place).key == place


DEFINED = (
    "BEGIN:VTIMEZONE", "TZID:Customized Time Zone",
    "BEGIN:STANDARD", "DTSTART:16010101T030000", "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100",
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", "END:STANDARD",
    "BEGIN:DAYLIGHT", "DTSTART:16010101T020000", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200",
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3", "END:DAYLIGHT", "END:VTIMEZONE",
)  # fmt: skip


@pytest.mark.parametrize(
    ("local", "hours"),
    [
        ("20260101T120000", 1), ("20260328T235900", 1), ("20260329T030000", 2), ("20260701T120000", 2),
        ("20261024T120000", 2), ("20261025T030000", 1), ("20261231T120000", 1),
    ],
)  # fmt: skip
def test_a_zone_that_came_with_the_file_changes_its_clock_as_it_says(local: str, hours: int) -> None:
    one = event(f'DTSTART;TZID="Customized Time Zone":{local}', before=DEFINED)
    assert isinstance(one.start, datetime)
    assert one.start.utcoffset() == timedelta(hours=hours)
    assert one.start.utcoffset() == one.start.replace(tzinfo=BERLIN).utcoffset()
    assert (one.zone, one.lost_zone) == ("Customized Time Zone", False)


def test_a_zone_that_nobody_knows_leaves_the_clock_on_the_wall() -> None:
    one = event("DTSTART;TZID=Middle Earth:20260705T190000")
    assert (one.start, one.zone, one.lost_zone) == (datetime(2026, 7, 5, 19), "Middle Earth", True)


def test_whole_days_floating_times_and_durations() -> None:
    days = event("DTSTART;VALUE=DATE:20260705", "DTEND;VALUE=DATE:20260708")
    assert (days.start, days.end) == (date(2026, 7, 5), date(2026, 7, 8))
    floating = event("DTSTART:20260705T190000", "DURATION:PT90M")
    assert (floating.start, floating.end) == (datetime(2026, 7, 5, 19), datetime(2026, 7, 5, 20, 30))
    night = event("DTSTART;TZID=Europe/Berlin:20261025T010000", "DURATION:PT4H")
    assert night.end == datetime(2026, 10, 25, 4, tzinfo=BERLIN)  # three on the clock: one hour came twice
    assert event("DTSTART:99991231T235900Z", "DURATION:P999999D").end is None


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20270803T000000Z",
         Rule("WEEKLY", days=((0, 0), (0, 2)), until=datetime(2027, 8, 3, tzinfo=UTC))),
        ("FREQ=DAILY;UNTIL=20270803", Rule("DAILY", until=date(2027, 8, 3))),
        ("FREQ=DAILY;UNTIL=20271399T990000Z", Rule("DAILY")),
        ("freq=monthly;byday=-1fr;interval=2;count=5", Rule("MONTHLY", 2, 5, days=((-1, 4),))),
        ("FREQ=YEARLY;BYMONTH=8;BYMONTHDAY=3", Rule("YEARLY", months=(8,), month_days=(3,))),
        ("FREQ=DAILY;BYHOUR=9", Rule("DAILY", more=True)),
        ("FREQ=DAILY;INTERVAL=99999999999999999;COUNT=9999999999", Rule("DAILY")),
        ("FREQ=FORTNIGHTLY", None),
        ("COUNT=3", None),
        ("FREQ=DAILY;BYDAY=" + "MO," * 5000, None),
    ],
)  # fmt: skip
def test_rules_are_read_and_never_played(value: str, told: Rule | None) -> None:
    assert rule(value) == told


def test_a_repeating_event_counts_its_exceptions() -> None:
    one = event("RRULE:FREQ=DAILY", "EXDATE:20260706T000000Z,20260707T000000Z", "RDATE:20260801T000000Z",
                "RECURRENCE-ID;RANGE=THISANDFUTURE:20260705T170000Z")  # fmt: skip
    assert (one.removed, one.added, one.onwards) == (2, 1, True)
    assert one.which == datetime(2026, 7, 5, 17, tzinfo=UTC)


def test_names_of_people_hold_no_marks_that_turn_them_round() -> None:
    """R19, R20."""
    one = event("SUMMARY:a\u202eb\\nc", "ORGANIZER;CN=Do\u202era^nX:MAILTO:dora@example.net")
    assert one.summary == "ab c"
    assert one.organizer == Address("Dora X", "dora@example.net")
    assert event("ORGANIZER:javascript:alert(1)").organizer == Address("", "")
    assert event("ORGANIZER:mailto:a@b\\ncc").organizer == Address("", "")


@pytest.mark.skipif(not CALENDARS.is_dir(), reason=f"no corpus at {CALENDARS}; set PENNYPOST_CORPUS to its folder")
def test_of_the_files_of_the_corpus_every_event_is_read() -> None:
    """Among them those that a strict parser gives up. An event is what stands between its BEGIN and END."""
    files = sorted(CALENDARS.glob("*.ics"))
    assert len(files) > 40
    for path in files:
        octets = path.read_bytes()
        found = parse(octets, "utf-8")
        told = len(re.findall(rb"(?m)^BEGIN:V(?:EVENT|TODO)\s", octets))
        assert (len(found.events) if found else 0) == told, path.name
        for one in found.events if found else ():
            begins = one.source.first("DTSTART")
            known = begins is None or zones.stamp(begins.value) is None
            assert (one.start is None) == known, path.name
            assert not one.lost_zone, path.name


# --- hostile files ----------------------------------------------------------------------------------------------------

BOMBS = {
    "deep": b"BEGIN:VCALENDAR\r\n" * 8000 + b"BEGIN:VEVENT\r\nEND:VEVENT\r\n",
    "1,000 deep": b"BEGIN:VEVENT\r\n" * 1000 + b"END:VEVENT\r\n" * 1000,
    "many events": b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\nEND:VEVENT\r\n" * 9000,
    "one line": file("SUMMARY:" + "x" * 250_000),
    "folds": file("SUMMARY:" + "x\r\n " * 60_000),
    "quotes": file('SUMMARY;X="' + '"' * 240_000),
    "parameters": file("SUMMARY" + ';A="b"' * 40_000 + ":x"),
    "values": file("SUMMARY;A=" + "b," * 120_000 + ":x"),
    "semicolons": file("SUMMARY" + ";" * 250_000 + ":x"),
    "spaces": file("SUMMARY;A=" + " " * 250_000),
    "backslashes": file("SUMMARY:" + "\\" * 250_000),
    "lines": file(*["X:1"] * 40_000),
    "people": file(*["ATTENDEE:mailto:a@example.org"] * 8000),
    "dates": file("EXDATE:" + "20260701T000000Z," * 15_000),
    "rule": file("RRULE:FREQ=SECONDLY;BYDAY=" + "MO," * 80_000),
    "many rules": file(*["RRULE:FREQ=SECONDLY;INTERVAL=1;COUNT=99999"] * 5000, "DTSTART:00010101T000000Z"),
    "duration": file("DTSTART:20260701T000000Z", "DURATION:P" + "9" * 240_000 + "D"),
    "zones": file("DTSTART;TZID=Z:20260701T000000", before=(
        "BEGIN:VTIMEZONE", "TZID:Z",
        *["BEGIN:STANDARD", "TZOFFSETTO:+0100", "RRULE:FREQ=SECONDLY", "END:STANDARD"] * 60,
        "END:VTIMEZONE") * 20),
    "zone dates": file("DTSTART;TZID=Z:20260701T000000", before=(
        "BEGIN:VTIMEZONE", "TZID:Z", "BEGIN:STANDARD", "TZOFFSETTO:+0100", "RDATE:" + "20260101T000000," * 15_000,
        "END:STANDARD", "END:VTIMEZONE")),
    "zone name": file("DTSTART;TZID=" + "A/" * 100_000 + ":20260701T000000"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_r20_no_file_costs_more_than_its_letters(name: str) -> None:
    octets = BOMBS[name]
    began = time.process_time()
    found = parse(octets[: calendar.LARGEST], "utf-8")
    took = time.process_time() - began
    assert took < 0.5, f"{took:.2f} s for {len(octets)} octets"
    if found is not None:
        assert len(found.events) <= calendar.MOST_EVENTS
        assert all(len(one.attendees) <= calendar.MOST_PEOPLE for one in found.events)


_WORDS = st.sampled_from(
    [
        "BEGIN:", "END:", "VCALENDAR", "VEVENT", "VTIMEZONE", "STANDARD", "DTSTART", "DTEND", "DURATION:",
        "RRULE:FREQ=", "YEARLY", "TZID=", "TZOFFSETTO:", "+0100", ";", ":", ",", '"', "\\", "\r\n", "\r\n ", "=",
        "20260701T000000", "00010101", "99991231T235960Z", "P9999D", "ATTENDEE", "mailto:a@b.example",
        "ENCODING=QUOTED-PRINTABLE",
    ]
)  # fmt: skip


@given(st.lists(st.one_of(_WORDS, st.text(max_size=5)), max_size=60).map("".join))
def test_r20_nothing_makes_the_reader_raise(text: str) -> None:
    for octets in (text.encode("utf-8", "surrogatepass"), file(*text.split("\r\n"), before=("BEGIN:VTIMEZONE", text))):
        found = parse(octets, "utf-8")
        if found is not None and itip.answered(found):
            itip.reply(found, ALICE, ALICE.address, "DECLINED", text, NOW)


_NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ-", min_size=1, max_size=10).filter(lambda name: name.strip("-"))
_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=120)


@given(_NAMES, st.dictionaries(_NAMES, st.lists(_TEXTS, min_size=1, max_size=3), max_size=3), _TEXTS)
def test_a_line_that_we_write_reads_back_as_it_was(name: str, parameters: dict[str, list[str]], text: str) -> None:
    line = Line(name, contentlines.escaped(text), tuple((key, tuple(values)) for key, values in parameters.items()))
    written = contentlines.write(line)
    assert all(len(row) <= 75 for row in written.split(b"\r\n"))
    if "QUOTED-PRINTABLE" in parameters or "ENCODING" in parameters:
        return
    [read] = contentlines.lines(written.decode(), contentlines.Component(""))
    assert read == line
    assert read.text == text


# --- answers ----------------------------------------------------------------------------------------------------------


def test_the_answer_names_the_event_the_organizer_and_one_attendee() -> None:
    reply = answer(read(*REQUEST), "TENTATIVE", "Perhaps; later, then.\nAlice")
    [one] = reply.walk("VEVENT")
    assert (reply["METHOD"], one["UID"], one["SEQUENCE"]) == ("REPLY", "42@example.net", 3)
    assert one["DTSTAMP"].dt == NOW
    assert str(one["ORGANIZER"]) == "mailto:dora@example.net"
    attendee = one["ATTENDEE"]
    assert (str(attendee), attendee.params["PARTSTAT"]) == ("mailto:Alice@Example.org", "TENTATIVE")
    assert attendee.params["CN"] == "Ahlgren, Alice"
    assert "RSVP" not in attendee.params
    assert "SENT-BY" not in attendee.params
    assert one["COMMENT"] == "Perhaps; later, then.\nAlice"
    assert one["DTSTART"].dt == datetime(2026, 7, 5, 19, tzinfo=BERLIN)


def test_the_answer_for_an_alias_says_who_sends_it() -> None:
    attendee = answer(read(*REQUEST), me=Address("", "bob@example.org")).walk("VEVENT")[0]["ATTENDEE"]
    assert str(attendee) == "mailto:bob@example.org"
    assert attendee.params["SENT-BY"] == "mailto:alice@example.org"
    stranger = answer(read(*REQUEST), me=Address("Eve", "eve@example.org")).walk("VEVENT")[0]["ATTENDEE"]
    assert (str(stranger), stranger.params["CN"]) == ("mailto:eve@example.org", "Eve")


def test_the_answer_about_one_date_carries_its_zone() -> None:
    asked = read(*REQUEST, 'RECURRENCE-ID;TZID="Customized Time Zone":20260705T190000', before=DEFINED)
    reply = answer(asked, "DECLINED")
    assert [str(zone["TZID"]) for zone in reply.walk("VTIMEZONE")] == ["Customized Time Zone"]
    assert reply.walk("VEVENT")[0]["RECURRENCE-ID"].params["TZID"] == "Customized Time Zone"


def test_a_time_of_a_zone_without_a_definition_is_told_in_utc() -> None:
    for zone in ("Europe/Berlin", "W. Europe Standard Time"):
        asked = read("UID:1", f"DTSTART;TZID={zone}:20260705T190000", "ORGANIZER:mailto:dora@example.net",
                     f"RECURRENCE-ID;RANGE=THISANDFUTURE;TZID={zone}:20260705T190000")  # fmt: skip
        [one] = answer(asked).walk("VEVENT")
        assert one["DTSTART"].dt == one["RECURRENCE-ID"].dt == datetime(2026, 7, 5, 17, tzinfo=UTC)
        assert one["RECURRENCE-ID"].params["RANGE"] == "THISANDFUTURE"
    unknown = itip.reply(read("UID:1", "DTSTART;TZID=Middle Earth:20260705T190000", "ORGANIZER:mailto:d@x.example"),
                         ALICE, ALICE.address, "ACCEPTED", "", NOW)  # fmt: skip
    assert b'DTSTART;TZID="Middle Earth":20260705T190000' in unknown


def test_a_series_and_its_changed_dates_are_answered_together() -> None:
    second = "\r\n".join(("END:VEVENT", "BEGIN:VEVENT", *REQUEST, "RECURRENCE-ID:20260712T170000Z"))
    reply = answer(read(*REQUEST, "RRULE:FREQ=WEEKLY", second))
    assert ["RECURRENCE-ID" in one for one in reply.walk("VEVENT")] == [False, True]


@pytest.mark.parametrize("method", ["PUBLISH", "CANCEL", "REPLY", "COUNTER", "DECLINECOUNTER", "REFRESH", "ADD", ""])
def test_only_a_request_is_answered(method: str) -> None:
    assert itip.answered(read(*REQUEST, method=method)) == ()


def test_without_a_mail_address_of_the_organizer_there_is_nobody_to_answer() -> None:
    assert itip.answered(read("UID:1", "ORGANIZER:https://example.net/me", "SUMMARY:x")) == ()
    assert itip.answered(read("UID:1", "SUMMARY:x")) == ()
    assert itip.answered(read(*REQUEST, "STATUS:CANCELLED")) == ()
    assert itip.answered(read("ORGANIZER:mailto:dora@example.net", "SUMMARY:x")) == ()


def test_r10_nothing_of_the_invitation_begins_a_line_of_its_own_in_the_answer() -> None:
    asked = read(
        "UID:1\\nATTENDEE:mailto:eve@evil.example", "SUMMARY:a\x0bATTENDEE:x", 'ORGANIZER;CN="a^nb":mailto:d@x.example'
    )
    reply = answer(asked, comment="x\r\nATTENDEE:mailto:eve@evil.example\rEND:VEVENT")
    [one] = reply.walk("VEVENT")
    assert str(one["ATTENDEE"]) == "mailto:alice@example.org"
