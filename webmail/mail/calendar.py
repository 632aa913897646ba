"""What a text/calendar part tells (RFC 5545, RFC 5546): octets in, values out. Nothing raises, nothing is fetched."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Final

from webmail.mail import zones
from webmail.mail.address import Address, valid
from webmail.mail.charset import printable
from webmail.mail.contentlines import Component, Line, read
from webmail.mail.names import clean_line
from webmail.mail.recurrence import Rule, rule
from webmail.mail.zones import Definitions

LARGEST: Final = 256 * 1024
"""Octets, decoded, of a file that is read (R20); a larger one is a file like any other."""

MOST_EVENTS: Final = 20
MOST_PEOPLE: Final = 200
_LONGEST_LINE: Final = 500
_LONGEST_TEXT: Final = 20_000
_DURATION: Final = re.compile(
    r"([+-]?)P(?:(\d{1,5})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?", re.IGNORECASE
)
_METHODS: Final = frozenset(
    {"PUBLISH", "REQUEST", "REPLY", "ADD", "CANCEL", "REFRESH", "COUNTER", "DECLINECOUNTER"},
)
_JOIN: Final = ("CONFERENCE", "X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL")

Moment = date | datetime
"""A date is a whole day; a naive datetime is the clock on the wall wherever one is; an aware one is a moment."""


@dataclass(frozen=True, slots=True)
class Attendee:
    """status: PARTSTAT, upper case. role: ROLE. person.address is "" when it is no mail address."""

    person: Address
    status: str = "NEEDS-ACTION"
    role: str = "REQ-PARTICIPANT"


@dataclass(frozen=True, slots=True)
class Event:
    """A VEVENT or VTODO. start, end: end is exclusive, as written (a day after the last one of a whole-day event).

    zone: the place or name the times were written in, "" for UTC and for none. lost_zone: the file names one that
    nobody knows, so the times are as on the wall there. people: number of all attendees. added, removed: dates of a
    repeating event that were put in or taken out. which: the one date of a repeating event that this is about; onwards:
    and those after it. source: its lines.
    """

    kind: str
    uid: str
    sequence: int
    summary: str
    start: Moment | None
    end: Moment | None
    zone: str
    lost_zone: bool
    location: str
    description: str
    comment: str
    link: str
    join: str
    status: str
    organizer: Address | None
    attendees: tuple[Attendee, ...]
    people: int
    rule: Rule | None
    ruled: bool
    added: int
    removed: int
    which: Moment | None
    onwards: bool
    source: Component = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Calendar:
    """method: of RFC 5546, "" for a file that asks nothing. events: at most MOST_EVENTS. left: how many more there are.

    cut: a part of the file was over a budget and not read. source: the whole file.
    """

    method: str
    events: tuple[Event, ...]
    left: int
    cut: bool
    source: Component = field(repr=False, compare=False)


def parse(octets: bytes, charset: str | None) -> Calendar | None:
    """The calendar in these octets; None when there is no event in them. charset: the label of the part."""
    root = read(octets[:LARGEST], charset)
    defined = zones.definitions(root)
    found = [part for part in _inside(root) if part.name in ("VEVENT", "VTODO")]
    events = tuple(_event(part, defined) for part in found[:MOST_EVENTS])
    if not events:
        return None
    method = next((part.text("METHOD") for part in root.children if part.first("METHOD")), "").strip().upper()
    return Calendar(
        method if method in _METHODS else "", events, len(found) - len(events), root.cut or len(octets) > LARGEST, root
    )


def same(one: Calendar, other: Calendar) -> bool:
    """Two parts of a message that say the same, as programs send it twice: once to show and once to save."""
    return one.events == other.events and one.method in (other.method, "")


def address_of(line: Line) -> Address:
    """CAL-ADDRESS (RFC 5545 3.3.3) with its name; the address is "" when it is no mail address."""
    scheme, colon, rest = line.value.strip().partition(":")
    spec = rest.partition("?")[0].strip() if colon and scheme.lower() == "mailto" else ""
    if not spec and valid(line.parameter("EMAIL")):
        spec = line.parameter("EMAIL")
    name = clean_line(line.parameter("CN"))[:_LONGEST_LINE]
    return Address(name if name != spec else "", spec if valid(spec) else "")


def duration(value: str) -> timedelta | None:
    """DURATION (RFC 5545 3.3.6)."""
    found = _DURATION.fullmatch(value.strip())
    if found is None or not any(found.groups()[1:]):
        return None
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in found.groups()[1:])
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if found[1] == "-" else length


def _inside(root: Component) -> list[Component]:
    """The components of all calendars in the file; some files have events without a calendar around them."""
    calendars = [child for child in root.children if child.name == "VCALENDAR"]
    return [part for calendar in calendars for part in calendar.children] or root.children


def _event(part: Component, defined: Definitions) -> Event:
    begins, occurrence, repeats = part.first("DTSTART"), part.first("RECURRENCE-ID"), part.first("RRULE")
    start = _moment(begins, defined)
    organizer, invited = part.first("ORGANIZER"), part.all("ATTENDEE")
    zone = _zone_name(begins or part.first("DUE"))
    return Event(
        part.name,
        part.text("UID")[:_LONGEST_TEXT],
        _sequence(part.text("SEQUENCE")),
        _line(part, "SUMMARY"),
        start,
        _end(part, start, defined),
        zone,
        bool(zone) and isinstance(start, datetime) and start.tzinfo is None,
        _line(part, "LOCATION"),
        _text(part, "DESCRIPTION"),
        _text(part, "COMMENT"),
        part.text("URL").strip()[:_LONGEST_TEXT],
        next((line.value.strip() for name in _JOIN if (line := part.first(name))), "")[:_LONGEST_TEXT],
        part.text("STATUS").strip().upper()[:40],
        address_of(organizer) if organizer else None,
        tuple(map(_attendee, invited[:MOST_PEOPLE])),
        len(invited),
        rule(repeats.value) if repeats else None,
        repeats is not None,
        _count(part.all("RDATE")),
        _count(part.all("EXDATE")),
        _moment(occurrence, defined),
        occurrence is not None and occurrence.parameter("RANGE").upper() == "THISANDFUTURE",
        part,
    )


def _moment(line: Line | None, defined: Definitions) -> Moment | None:
    found = zones.stamp(line.value) if line else None
    if line is None or found is None:
        return None
    local, whole_day, utc = found
    if whole_day:
        return local.date()
    if utc:
        return local.replace(tzinfo=UTC)
    name = line.parameter("TZID")
    return (zones.aware(local, name, defined) or local) if name else local


def _zone_name(line: Line | None) -> str:
    """Of the times of an event; a zone of the tz database by its own name."""
    name = line.parameter("TZID") if line and not line.value.strip().upper().endswith("Z") else ""
    return zones.place(name) or clean_line(name)[:80]


def _end(part: Component, start: Moment | None, defined: Definitions) -> Moment | None:
    given = _moment(part.first("DTEND") or part.first("DUE"), defined)
    if given is not None or start is None:
        return given
    length = duration(part.text("DURATION"))
    if length is None:
        return None
    try:
        if not isinstance(start, datetime):
            return start + timedelta(days=length.days)
        # Hours are hours, also where the clock changes in between (RFC 5545 3.3.6).
        return start + length if start.tzinfo is None else (start.astimezone(UTC) + length).astimezone(start.tzinfo)
    except (OverflowError, ValueError):
        return None


def _attendee(line: Line) -> Attendee:
    status, role = line.parameter("PARTSTAT").upper()[:40], line.parameter("ROLE").upper()[:40]
    return Attendee(address_of(line), status or "NEEDS-ACTION", role or "REQ-PARTICIPANT")


def _sequence(word: str) -> int:
    word = word.strip()
    return int(word) if word.isascii() and word.isdigit() and len(word) < 10 else 0


def _count(lines: list[Line]) -> int:
    return sum(1 + line.value.count(",") for line in islice(lines, 1000))


def _line(part: Component, name: str) -> str:
    return clean_line(part.text(name)[: 4 * _LONGEST_LINE])[:_LONGEST_LINE]


def _text(part: Component, name: str) -> str:
    return printable(part.text(name)[:_LONGEST_TEXT]).strip()
