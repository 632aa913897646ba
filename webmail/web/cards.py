"""Calendars and vCards of a message as cards: what they say in words, in the reader's zone, and who may answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final

from flask import request, url_for

from webmail.languages import N_
from webmail.mail.address import Address
from webmail.mail.calendar import Attendee, Calendar, Event, Moment
from webmail.mail.cards import Told
from webmail.mail.headers import Headers
from webmail.mail.ids import MessageRef
from webmail.mail.message import Part
from webmail.mail.vcard import Card
from webmail.web import filters, recurring, tiles
from webmail.web.rsvp import Rsvp, rsvp
from webmail.web.words import _, ngettext, pgettext

_MOST_SHOWN: Final = 5
_MOST_PEOPLE: Final = 50

_ABOUT_ONE: Final = frozenset({"REPLY", "COUNTER", "REFRESH"})
"""These name one attendee, who is in the first sentence already."""

_SILENT: Final = "NEEDS-ACTION"
_STATUSES: Final = {
    # Translators: these stand behind the name of somebody who is invited, man or woman, in a list.
    "ACCEPTED": N_("accepted"),
    "DECLINED": N_("declined"),
    "TENTATIVE": N_("may come"),
    "DELEGATED": N_("sends somebody else"),
    # Translators: somebody has done a task; the next is: works at it.
    "COMPLETED": N_("has done it"),
    "IN-PROCESS": N_("is at it"),
    _SILENT: N_("has not answered"),
}
_SAID: Final = {
    # Translators: what somebody answered to an invitation, as a sentence.
    "ACCEPTED": N_("%(name)s accepted."),
    "DECLINED": N_("%(name)s declined."),
    "TENTATIVE": N_("%(name)s may come."),
    "DELEGATED": N_("%(name)s sends somebody else."),
    # Translators: somebody has done a task; the next is: works at it.
    "COMPLETED": N_("%(name)s has done it."),
    "IN-PROCESS": N_("%(name)s is at it."),
    _SILENT: N_("%(name)s has not answered."),
}
_TITLES: Final = {
    # Translators: these stand above a card of a calendar, and say what it is.
    "REQUEST": N_("Invitation"),
    "CANCEL": N_("Cancelled"),
    "REPLY": N_("Answer to an invitation"),
    "COUNTER": N_("Another proposal"),
    "ADD": N_("More dates"),
    "REFRESH": N_("Question"),
    "DECLINECOUNTER": N_("Proposal not taken"),
}


@dataclass(frozen=True, slots=True)
class EventCard:
    """One event. leaf: (month, day, weekday) of a page of a calendar, or None. title: what this is ("Invitation").

    lines: sentences about it, warnings first; tone: "warn" or "good" or "". when: in the reader's zone; there: the
    same in the zone it was written in, where that differs. people: (label, words). hidden: people that are not listed.
    more: other events of the file, a line each. comment, about: several lines. rsvp: how to answer, or None.
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
    comment: str
    about: str
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
            ("", "\n".join(self.lines)),
            (pgettext("an event", "When"), "\n".join(filter(None, (self.when, self.there)))),
            (pgettext("an event", "Repeats"), self.repeats), (pgettext("an event", "Where"), self.where),
            (pgettext("an event", "Organizer"), self.organizer), (pgettext("an event", "Invited"), people),
            (_("Comment"), self.comment), (pgettext("an event", "Description"), self.about),
            (pgettext("an event", "Link"), "\n".join(self.links)), (_("More in this file"), "\n".join(self.more)),
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


def when_text(start: Moment | None, end: Moment | None, zone: tzinfo, *, day: bool = True) -> str:
    """Sunday 5 July 2026, 19:00-21:00; whole days without times; the end only where it is after the beginning.

    day: the one it begins on is named, too.
    """
    if start is None:
        # Translators: when a task is to be done. moment: a day and a time.
        return _("by %(moment)s", moment=_clock(end, zone)) if end is not None else ""
    if not isinstance(start, datetime):
        last = end - timedelta(days=1) if end is not None and not isinstance(end, datetime) else start
        return _days(start, last)
    begins = _local(start, zone)
    ends = _local(end, zone) if isinstance(end, datetime) and (end.tzinfo is None) == (start.tzinfo is None) else begins
    said = _clock(begins, zone) if day else filters.clock(begins)
    if ends <= begins:
        return said
    if ends.date() == begins.date():
        hours = f"{filters.clock(begins)}\u2013{filters.clock(ends)}"
        return _("%(day)s, %(time)s", day=filters.full_day(begins), time=hours) if day else hours
    return f"{said} \u2013 {_clock(ends, zone)}"


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
        leaf=filters.leaf(days) if days else None,
        summary=event.summary or _("(no title)"),
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
        comment=event.comment,
        about=event.description,
        more=_more(calendar, zone),
        rsvp=rsvp(calendar, told.part, ref, header, flags) if answers else None,
        name=tiles.name_of(told.part),
        size=tiles.size_of(told.part),
        download_url=_download(ref, told.part),
    )


def _title(calendar: Calendar) -> str:
    event = calendar.events[0]
    if event.status == "CANCELLED":
        return _(_TITLES["CANCEL"])
    if calendar.method == "REQUEST" and (event.sequence or event.which):
        return _("Changed invitation")
    if calendar.method in _TITLES:
        return _(_TITLES[calendar.method])
    return pgettext("a calendar", "Task") if event.kind == "VTODO" else pgettext("a calendar", "Event")


def _lines(calendar: Calendar, header: Headers) -> tuple[str, tuple[str, ...]]:
    """Tone and sentences."""
    event, method = calendar.events[0], calendar.method
    tone, found = "", []
    if method == "CANCEL" or event.status == "CANCELLED":
        tone = "warn"
        found.append(_("This one date was called off.") if event.which else _("This event was called off."))
    elif method == "REPLY":
        tone, said = _replied(event, header)
        found += said
    elif method == "COUNTER":
        sentence = N_("%(name)s proposes another time or place.")
        found += [_(sentence, name=_person(each.person)) for each in event.attendees[:1]]
    elif method == "DECLINECOUNTER":
        found.append(_("The organizer does not take the change that was proposed."))
    elif method == "REFRESH":
        sentence = N_("%(name)s asks for the newest version of this event.")
        found += [_(sentence, name=_person(each.person)) for each in event.attendees[:1]]
    elif method == "ADD":
        found.append(_("This adds dates to an event that you know."))
    elif method == "REQUEST" and event.which:
        onwards = _("This is about one date of a repeating event, and all after it.")
        found.append(onwards if event.onwards else _("This is about one date of a repeating event."))
    elif method == "REQUEST" and event.sequence:
        found.append(_("This updates an earlier invitation."))
    if event.lost_zone:
        found.append(_("Its times are those of a zone that is not known here: %(zone)s.", zone=event.zone))
    if calendar.cut:
        found.append(_("The file is longer than what is shown of it."))
    return tone, tuple(found)


def _replied(event: Event, header: Headers) -> tuple[str, list[str]]:
    writers = {person.address.lower() for person in header.addresses("from")}
    found, tone = [], ""
    for each in event.attendees[:_MOST_SHOWN]:
        found.append(_sentence(each))
        tone = {"ACCEPTED": "good", "DECLINED": "warn"}.get(each.status, tone)
        if each.person.address.lower() not in writers:
            tone = "warn"
            found.append(_("Be careful: this answer was sent from another address than the one it speaks for."))
    return tone, found


def _there(event: Event, zone: tzinfo) -> str:
    """The hours in the zone of the organizer, where its clock shows another time."""
    start, end = event.start, event.end
    if not isinstance(start, datetime):
        return ""
    if start.tzinfo is None:
        return "" if event.lost_zone else _("On the clock of wherever you are then.")
    if not event.zone or start.utcoffset() == _local(start, zone).utcoffset():
        return ""
    # The day is said once, where it is the same.
    text = when_text(start, end, start.tzinfo, day=_local(start, zone).date() != start.date())
    # Translators: time: "19:00 to 21:00", or with its day. place: the zone of it, in English ("Europe/Berlin").
    return _("%(time)s in %(place)s", time=text, place=event.zone.replace("_", " "))


def _repeats(event: Event, zone: tzinfo) -> str:
    text, start = recurring.words(event), event.start
    if not (text and recurring.by_day(event) and isinstance(start, datetime) and event.zone):
        return text
    elsewhere = _local(start, zone).date() != start.date()
    if not elsewhere:
        return text
    # Translators: rule: "Every week on Monday". place: a time zone, in English ("Europe/Berlin").
    return _("%(rule)s (the days are those in %(place)s)", rule=text, place=event.zone.replace("_", " "))


def _more(calendar: Calendar, zone: tzinfo) -> tuple[str, ...]:
    """The other events of the file: changed dates of the same one, or events of their own."""
    found = []
    for event in calendar.events[1 : 1 + _MOST_SHOWN]:
        changed = event.which and event.uid == calendar.events[0].uid
        label = _("Changed date") if changed else event.summary or _("(no title)")
        when = when_text(event.start, event.end, zone) or _("no time given")
        # Translators: one of several events in a file: its name and when it is.
        found.append(_("%(event)s: %(when)s", event=label, when=when))
    left = len(calendar.events) - 1 - len(found) + calendar.left
    return (*found, ngettext("%(count)s more", "%(count)s more", left)) if left > 0 else tuple(found)


def _answer(each: Attendee) -> str:
    words = _(_STATUSES[each.status if each.status in _STATUSES else _SILENT])
    if each.role == "OPT-PARTICIPANT":
        # Translators: answer: "accepted", "has not answered" and the like.
        return _("%(answer)s, need not come", answer=words)
    if each.role == "NON-PARTICIPANT":
        # Translators: somebody who is told of an event, but not asked to come. answer: "has not answered" and the like.
        return _("%(answer)s, for information", answer=words)
    return words


def _sentence(each: Attendee) -> str:
    """What somebody answered. Their role is told where it is not the usual one."""
    if each.role in ("OPT-PARTICIPANT", "NON-PARTICIPANT"):
        # Translators: answer: "accepted, need not come".
        return _("%(name)s: %(answer)s.", name=_person(each.person), answer=_answer(each))
    return _(_SAID[each.status if each.status in _SAID else _SILENT], name=_person(each.person))


def _person(person: Address) -> str:
    if person.name and person.address:
        return f"{person.name} <{person.address}>"
    return person.name or person.address or _("(no address)")


def _local(when: datetime, zone: tzinfo) -> datetime:
    """In the reader's zone; a time without one is everywhere the same."""
    return when if when.tzinfo is None else filters.in_zone(when, zone)


def _clock(when: Moment | None, zone: tzinfo) -> str:
    if not isinstance(when, datetime):
        return filters.full_day(when) if when else ""
    local = _local(when, zone)
    return _("%(day)s, %(time)s", day=filters.full_day(local), time=filters.clock(local))


def _days(first: date, last: date) -> str:
    begin = filters.full_day(first)
    if last <= first:
        # Translators: an event without times.
        return _("%(day)s, all day", day=begin)
    return _("%(first)s \u2013 %(last)s, all day", first=begin, last=filters.full_day(last))


def _contact(part: Part, ref: MessageRef, card: Card) -> ContactCard:
    groups = (
        (pgettext("a contact", "Mail"), card.emails, ""), (pgettext("a contact", "Phone"), card.phones, "tel:"),
        (pgettext("a contact", "Address"), card.addresses, ""), (pgettext("a contact", "Link"), card.links, ""),
    )  # fmt: skip
    entries = [
        (_of_kind(label, tuple(filter(None, entry.kind.split(", ")))), entry.value, scheme)
        for label, found, scheme in groups
        for entry in found
    ]
    if card.birthday:
        year, month, day = card.birthday
        when = filters.day_text(date(year, month, day)) if year else filters.day_of_year(month, day)
        entries.append((pgettext("a contact", "Birthday"), when, ""))
    first = card.emails[0].value if card.emails else card.name
    role = ", ".join(filter(None, (card.title, card.organization if card.organization != card.name else "")))
    return ContactCard(
        card.name, role, filters.initials(card.name), filters.colour(first), tuple(entries), card.note, card.picture,
        tiles.name_of(part), tiles.size_of(part), _download(ref, part),
    )  # fmt: skip


def _of_kind(label: str, kinds: tuple[str, ...]) -> str:
    # Translators: one of several numbers or addresses of somebody: "Phone (work, mobile)".
    return _("%(what)s (%(kinds)s)", what=label, kinds=", ".join(map(_, kinds))) if kinds else label


def _download(ref: MessageRef, part: Part) -> str:
    where: dict[str, Any] = {"mailbox": ref.mailbox, "pick": ref, "part_id": part.id}
    return url_for("part.show", **where, dl=1)
