"""Calendars and vCards of a message as cards: what they say in words, in the reader's zone, and who may answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final

from flask import request, url_for

from webmail.mail.address import Address
from webmail.mail.calendar import Attendee, Calendar, Event, Moment
from webmail.mail.cards import Told
from webmail.mail.headers import Headers
from webmail.mail.ids import MessageRef
from webmail.mail.message import Part
from webmail.mail.vcard import Card
from webmail.web import filters, recurring, tiles
from webmail.web.rsvp import Rsvp, rsvp

_MOST_SHOWN: Final = 5
_MOST_PEOPLE: Final = 50

_ABOUT_ONE: Final = frozenset({"REPLY", "COUNTER", "REFRESH"})
"""These name one attendee, who is in the first sentence already."""

_STATUSES: Final = {
    "ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "may come", "DELEGATED": "sends somebody else",
    "COMPLETED": "has done it", "IN-PROCESS": "is at it", "NEEDS-ACTION": "has not answered",
}  # fmt: skip
_TITLES: Final = {
    "REQUEST": "Invitation", "CANCEL": "Cancelled", "REPLY": "Answer to an invitation", "COUNTER": "Another proposal",
    "ADD": "More dates", "REFRESH": "Question", "DECLINECOUNTER": "Proposal not taken",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class EventCard:
    """One event. leaf: (month, day, weekday) of a page of a calendar, or None. title: what this is ("Invitation").

    lines: sentences about it, warnings first; tone: "warn" or "good" or "". when: in the reader's zone; there: the
    same in the zone it was written in, where that differs. people: (label, words). hidden: people that are not listed.
    more: other events of the file, a line each. texts: (label, text of several lines). rsvp: how to answer, or None.
    """

    title: str
    tone: str
    lines: tuple[str, ...]
    leaf: tuple[str, str, str] | None
    summary: str
    when: str
    there: str
    repeats: str
    where: str
    links: tuple[str, ...]
    organizer: str
    people: tuple[tuple[str, str], ...]
    hidden: int
    texts: tuple[tuple[str, str], ...]
    more: tuple[str, ...]
    rsvp: Rsvp | None
    name: str
    size: str
    download_url: str

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """(label, text) for paper."""
        people = "\n".join(f"{label}: {words}" for label, words in self.people)
        found = (
            ("", "\n".join(self.lines)), ("When", "\n".join(filter(None, (self.when, self.there)))),
            ("Repeats", self.repeats), ("Where", self.where), ("Organizer", self.organizer), ("Invited", people),
            *self.texts, ("Link", "\n".join(self.links)), ("More in this file", "\n".join(self.more)),
        )  # fmt: skip
        return tuple((label, text) for label, text in found if text)


@dataclass(frozen=True, slots=True)
class ContactCard:
    """Somebody. entries: (label, value, href scheme: "tel:" or ""). picture: it brings one, which is not shown."""

    name: str
    role: str
    initials: str
    colour: int
    entries: tuple[tuple[str, str, str], ...]
    note: str
    picture: bool
    file: str
    size: str
    download_url: str


@dataclass(frozen=True, slots=True)
class Cards:
    """What a message page shows. covered: ids of the parts whose tile is not needed besides."""

    events: tuple[EventCard, ...] = ()
    contacts: tuple[ContactCard, ...] = ()
    left: int = 0
    covered: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.events or self.contacts)


def cards(told: Sequence[Told], ref: MessageRef, header: Headers, flags: frozenset[str], *, answers: bool) -> Cards:
    """The cards of a message for the reader of this request. answers: this is a page that can take an answer."""
    events = [_event(each, ref, header, flags, answers) for each in told if each.calendar]
    contacts = [_contact(each.part, ref, card) for each in told if each.contacts for card in each.contacts.cards]
    covered = [part.id for each in told for part in (each.part, *each.twice)]
    left = sum(each.contacts.left for each in told if each.contacts)
    return Cards(tuple(events), tuple(contacts), left, frozenset(covered))


def when_text(start: Moment | None, end: Moment | None, zone: tzinfo) -> str:
    """Sunday 5 July 2026, 19:00-21:00; whole days without times; the end only where it is after the beginning."""
    if start is None:
        return f"by {_clock(end, zone)}" if end is not None else ""
    if not isinstance(start, datetime):
        last = end - timedelta(days=1) if end is not None and not isinstance(end, datetime) else start
        return _days(start, last)
    begins = _local(start, zone)
    ends = _local(end, zone) if isinstance(end, datetime) and (end.tzinfo is None) == (start.tzinfo is None) else begins
    if ends <= begins:
        return _clock(begins, zone)
    if ends.date() == begins.date():
        return f"{_clock(begins, zone)}\u2013{ends:%H:%M}"
    return f"{_clock(begins, zone)} \u2013 {_clock(ends, zone)}"


def _event(told: Told, ref: MessageRef, header: Headers, flags: frozenset[str], answers: bool) -> EventCard:
    assert told.calendar is not None
    calendar, zone = told.calendar, filters.zone_of(request)
    event = calendar.events[0]
    tone, lines = _lines(calendar, header)
    start = _local(event.start, zone) if isinstance(event.start, datetime) else event.start
    days = start or event.end
    return EventCard(
        title=_title(calendar),
        tone=tone,
        lines=lines,
        leaf=(filters.MONTHS[days.month - 1][:3], str(days.day), filters.DAYS[days.weekday()][:3]) if days else None,
        summary=event.summary or "(no title)",
        when=when_text(event.start, event.end, zone),
        there=_there(event, zone),
        repeats=_repeats(event, zone),
        where=event.location,
        links=tuple(dict.fromkeys(filter(None, (event.join, event.link)))),
        organizer=_person(event.organizer) if event.organizer else "",
        people=()
        if calendar.method in _ABOUT_ONE
        else tuple((_person(each.person), _answer(each)) for each in event.attendees[:_MOST_PEOPLE]),
        hidden=0 if calendar.method in _ABOUT_ONE else max(0, event.people - _MOST_PEOPLE),
        texts=tuple(filter(lambda row: row[1], (("Comment", event.comment), ("Description", event.description)))),
        more=_more(calendar, zone),
        rsvp=rsvp(calendar, told.part, ref, header, flags) if answers else None,
        name=tiles.name_of(told.part),
        size=tiles.size_of(told.part),
        download_url=_download(ref, told.part),
    )


def _title(calendar: Calendar) -> str:
    event = calendar.events[0]
    if event.status == "CANCELLED":
        return "Cancelled"
    if calendar.method == "REQUEST" and (event.sequence or event.which):
        return "Changed invitation"
    return _TITLES.get(calendar.method) or ("Task" if event.kind == "VTODO" else "Event")


def _lines(calendar: Calendar, header: Headers) -> tuple[str, tuple[str, ...]]:
    """Tone and sentences."""
    event, method = calendar.events[0], calendar.method
    tone, found = "", []
    if method == "CANCEL" or event.status == "CANCELLED":
        tone = "warn"
        found.append("This one date was called off." if event.which else "This event was called off.")
    elif method == "REPLY":
        tone, said = _replied(event, header)
        found += said
    elif method == "COUNTER":
        found += [f"{_person(each.person)} proposes another time or place." for each in event.attendees[:1]]
    elif method == "DECLINECOUNTER":
        found.append("The organizer does not take the change that was proposed.")
    elif method == "REFRESH":
        found += [f"{_person(each.person)} asks for the newest version of this event." for each in event.attendees[:1]]
    elif method == "ADD":
        found.append("This adds dates to an event that you know.")
    elif method == "REQUEST" and event.which:
        found.append("This is about one date of a repeating event" + (", and all after it." if event.onwards else "."))
    elif method == "REQUEST" and event.sequence:
        found.append("This updates an earlier invitation.")
    if event.lost_zone:
        found.append(f"Its times are those of a zone that is not known here: {event.zone}.")
    if calendar.cut:
        found.append("The file is longer than what is shown of it.")
    return tone, tuple(found)


def _replied(event: Event, header: Headers) -> tuple[str, list[str]]:
    writers = {person.address.lower() for person in header.addresses("from")}
    found, tone = [], ""
    for each in event.attendees[:_MOST_SHOWN]:
        found.append(f"{_person(each.person)} {_answer(each)}.")
        tone = {"ACCEPTED": "good", "DECLINED": "warn"}.get(each.status, tone)
        if each.person.address.lower() not in writers:
            tone = "warn"
            found.append("Be careful: this answer was sent from another address than the one it speaks for.")
    return tone, found


def _there(event: Event, zone: tzinfo) -> str:
    """The hours in the zone of the organizer, where its clock shows another time."""
    start, end = event.start, event.end
    if not isinstance(start, datetime):
        return ""
    if start.tzinfo is None:
        return "" if event.lost_zone else "On the clock of wherever you are then."
    if not event.zone or start.utcoffset() == _local(start, zone).utcoffset():
        return ""
    place, text = event.zone.replace("_", " "), when_text(start, end, start.tzinfo)
    # The day is said once, where it is the same.
    day = _clock(start, start.tzinfo).rpartition(", ")[0]
    return f"{text.removeprefix(day + ', ') if _local(start, zone).date() == start.date() else text} in {place}"


def _repeats(event: Event, zone: tzinfo) -> str:
    text, start = recurring.words(event), event.start
    if not (text and recurring.by_day(event) and isinstance(start, datetime) and event.zone):
        return text
    elsewhere = _local(start, zone).date() != start.date()
    return f"{text} (the days are those in {event.zone.replace('_', ' ')})" if elsewhere else text


def _more(calendar: Calendar, zone: tzinfo) -> tuple[str, ...]:
    """The other events of the file: changed dates of the same one, or events of their own."""
    found = []
    for event in calendar.events[1 : 1 + _MOST_SHOWN]:
        label = "Changed date" if event.which and event.uid == calendar.events[0].uid else event.summary or "(no title)"
        found.append(f"{label}: {when_text(event.start, event.end, zone) or 'no time given'}")
    left = len(calendar.events) - 1 - len(found) + calendar.left
    return (*found, f"{left} more") if left > 0 else tuple(found)


def _answer(each: Attendee) -> str:
    words = _STATUSES.get(each.status, "has not answered")
    return words + {"OPT-PARTICIPANT": ", need not come", "NON-PARTICIPANT": ", for information"}.get(each.role, "")


def _person(person: Address) -> str:
    if person.name and person.address:
        return f"{person.name} <{person.address}>"
    return person.name or person.address or "(no address)"


def _local(when: datetime, zone: tzinfo) -> datetime:
    """In the reader's zone; a time without one is everywhere the same."""
    return when if when.tzinfo is None else filters.in_zone(when, zone)


def _clock(when: Moment | None, zone: tzinfo) -> str:
    if not isinstance(when, datetime):
        return f"{filters.DAYS[when.weekday()]} {filters.day_text(when)}" if when else ""
    local = _local(when, zone)
    return f"{filters.DAYS[local.weekday()]} {filters.day_text(local)}, {local:%H:%M}"


def _days(first: date, last: date) -> str:
    begin = f"{filters.DAYS[first.weekday()]} {filters.day_text(first)}"
    if last <= first:
        return f"{begin}, all day"
    return f"{begin} \u2013 {filters.DAYS[last.weekday()]} {filters.day_text(last)}, all day"


def _contact(part: Part, ref: MessageRef, card: Card) -> ContactCard:
    groups = (
        ("Mail", card.emails, ""), ("Phone", card.phones, "tel:"), ("Address", card.addresses, ""),
        ("Link", card.links, ""),
    )  # fmt: skip
    entries = [
        (f"{label} ({entry.kind})" if entry.kind else label, entry.value, scheme)
        for label, found, scheme in groups
        for entry in found
    ]
    if card.birthday:
        year, month, day = card.birthday
        entries.append(("Birthday", f"{day} {filters.MONTHS[month - 1]}" + (f" {year}" if year else ""), ""))
    first = card.emails[0].value if card.emails else card.name
    role = ", ".join(filter(None, (card.title, card.organization if card.organization != card.name else "")))
    return ContactCard(
        card.name, role, filters.initials(card.name), filters.colour(first), tuple(entries), card.note, card.picture,
        tiles.name_of(part), tiles.size_of(part), _download(ref, part),
    )  # fmt: skip


def _download(ref: MessageRef, part: Part) -> str:
    where: dict[str, Any] = {"mailbox": ref.mailbox, "pick": ref, "part_id": part.id}
    return url_for("part.show", **where, dl=1)
