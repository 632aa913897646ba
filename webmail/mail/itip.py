"""Answers to invitations (RFC 5546 3.2.3): which events can be answered, and the answer as octets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from webmail.mail.address import Address
from webmail.mail.calendar import Attendee, Calendar, Event, address_of
from webmail.mail.contentlines import Component, Line, Parameters, escaped, write
from webmail.mail.zones import MOST_OBSERVANCES

ANSWERS: Final = ("ACCEPTED", "TENTATIVE", "DECLINED")
PRODUCT: Final = "-//Pennypost//Webmail//EN"

# What an organizer's program needs to know which event, and which of its dates, the answer is about.
_REPEATED: Final = ("UID", "SEQUENCE", "RECURRENCE-ID", "DTSTART", "DTEND", "DURATION", "SUMMARY")


def answered(calendar: Calendar) -> tuple[Event, ...]:
    """The events of one UID that a REQUEST asks about; () when there is nobody to answer, or nothing to answer."""
    first = calendar.events[0]
    organizer = first.organizer
    if calendar.method != "REQUEST" or organizer is None or not organizer.address or not first.uid:
        return ()
    asked = (event for event in calendar.events if event.uid == first.uid and event.kind == "VEVENT")
    return tuple(event for event in asked if event.status != "CANCELLED")


def invited(calendar: Calendar, address: str) -> Attendee | None:
    """The attendee with this address, or None."""
    wanted = address.lower()
    people = (each for event in calendar.events for each in event.attendees)
    return next((each for each in people if each.person.address.lower() == wanted), None)


def reply(calendar: Calendar, me: Address, sent_by: str, status: str, comment: str, stamp: datetime) -> bytes:
    """The REPLY of one attendee. status: one of ANSWERS. stamp: aware, now. sent_by: the address it is sent from.

    An attendee who was invited is named by the very words of the invitation; anybody else by their address.
    """
    events = answered(calendar)
    lines = [Line("BEGIN", "VCALENDAR"), Line("PRODID", PRODUCT), Line("VERSION", "2.0"), Line("METHOD", "REPLY")]
    defined = _zones(calendar.source, events)
    for zone in defined.values():
        lines += _definition(zone)
    for event in events:
        lines += _about(event, frozenset(defined), stamp)
        lines += _answer(event, me, sent_by, status, comment)
    return b"".join(map(write, (*lines, Line("END", "VCALENDAR"))))


def _answer(event: Event, me: Address, sent_by: str, status: str, comment: str) -> Iterator[Line]:
    source = event.source
    organizer = source.first("ORGANIZER")
    if organizer is not None:
        yield Line("ORGANIZER", organizer.value.strip(), _kept(organizer, "CN"))
    yield _attendee(source, me, sent_by, status)
    if comment:
        yield Line("COMMENT", escaped(comment))
    yield Line("END", "VEVENT")


def _about(event: Event, defined: frozenset[str], stamp: datetime) -> Iterator[Line]:
    """Which event, which of its dates, and which version of it."""
    source = event.source
    yield Line("BEGIN", "VEVENT")
    yield Line("DTSTAMP", f"{stamp.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    for name in _REPEATED:
        line = source.first(name)
        if line is not None:
            yield _timed(line, event, defined)
    if source.first("SEQUENCE") is None:
        yield Line("SEQUENCE", "0")


def _timed(line: Line, event: Event, defined: frozenset[str]) -> Line:
    """A time of a zone that the invitation names and does not define, in UTC: nobody has to guess it once more."""
    moment = {"DTSTART": event.start, "DTEND": event.end, "RECURRENCE-ID": event.which}.get(line.name)
    zone = line.parameter("TZID")
    if not zone or zone in defined or not isinstance(moment, datetime) or moment.tzinfo is None:
        return line
    try:
        utc = f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}".rjust(16, "0")
    except (OverflowError, ValueError):
        return line
    return Line(line.name, utc, _kept(line, "RANGE"))


def _attendee(source: Component, me: Address, sent_by: str, status: str) -> Line:
    said: Parameters = (("PARTSTAT", (status,)),)
    if sent_by.lower() != me.address.lower():
        said = (*said, ("SENT-BY", (f"mailto:{sent_by}",)))
    for line in source.all("ATTENDEE"):
        if address_of(line).address.lower() == me.address.lower():
            return Line("ATTENDEE", line.value.strip(), (*_kept(line, "CN", "CUTYPE", "ROLE"), *said))
    name: Parameters = (("CN", (me.name,)),) if me.name else ()
    return Line("ATTENDEE", f"mailto:{me.address}", (*name, *said))


def _kept(line: Line, *names: str) -> Parameters:
    return tuple((name, values[:1]) for name, values in line.parameters if name in names and values)


def _zones(source: Component, events: tuple[Event, ...]) -> dict[str, Component]:
    """The definitions that the repeated times name (RFC 5545 3.6.5: a TZID has its definition in the same object)."""
    lines = (line for event in events for name in _REPEATED if (line := event.source.first(name)))
    named = {line.parameter("TZID") for line in lines} - {""}
    return {zone.text("TZID"): zone for zone in source.walk("VTIMEZONE") if zone.text("TZID") in named}


def _definition(zone: Component) -> Iterator[Line]:
    """A time zone as it came: of what is inside it, only what belongs there."""
    yield Line("BEGIN", "VTIMEZONE")
    yield from zone.lines
    for part in zone.children[:MOST_OBSERVANCES]:
        if part.name in ("STANDARD", "DAYLIGHT"):
            yield from (Line("BEGIN", part.name), *part.lines, Line("END", part.name))
    yield Line("END", "VTIMEZONE")
