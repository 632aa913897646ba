"""Which parts of a message are calendars or vCards, and what they say. Pure; whoever has a connection brings octets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from webmail.mail import calendar, parts, vcard
from webmail.mail.calendar import Calendar
from webmail.mail.message import Part
from webmail.mail.vcard import Cards

MOST: Final = 5
"""Parts of one message that are read as cards; the others are files like any other."""

_CALENDARS: Final = frozenset({"text/calendar", "application/ics", "text/x-vcalendar"})
_CONTACTS: Final = frozenset({"text/vcard", "text/x-vcard", "text/directory"})
_UNSURE: Final = frozenset({"application/octet-stream", "text/plain"})


@dataclass(frozen=True, slots=True)
class Told:
    """What one part says; one of the two is there. twice: other parts of the message that say the same."""

    part: Part
    calendar: Calendar | None = None
    contacts: Cards | None = None
    twice: tuple[Part, ...] = ()


def candidates(listed: Iterable[Part]) -> tuple[Part, ...]:
    """Those that are worth reading, at most MOST, none that is too large by the server's word."""
    found = [part for part in listed if _is_calendar(part) or _is_contact(part)]
    # base64 carries three octets in four letters, and line ends besides.
    return tuple(part for part in found if part.size <= calendar.LARGEST * 3 // 2)[:MOST]


def read(part: Part, data: bytes) -> Told | None:
    """What it says; None when it is no card. data: as fetched."""
    octets = parts.decode_content(part, data)
    if len(octets) > calendar.LARGEST:
        return None
    if _is_calendar(part):
        found = calendar.parse(octets, part.charset)
        return Told(part, calendar=found) if found else None
    contacts = vcard.parse(octets, part.charset)
    return Told(part, contacts=contacts) if contacts else None


def distinct(told: Iterable[Told]) -> tuple[Told, ...]:
    """Each thing once: what asks for an answer counts more than the same as a mere file."""
    found: list[Told] = []
    for each in sorted(told, key=lambda each: each.calendar is None or not each.calendar.method):
        known = next((at for at, other in enumerate(found) if _same(other, each)), None)
        if known is None:
            found.append(each)
        else:
            found[known] = Told(
                found[known].part, found[known].calendar, found[known].contacts, (*found[known].twice, each.part)
            )
    return tuple(found)


def _same(one: Told, other: Told) -> bool:
    if one.calendar is not None and other.calendar is not None:
        return calendar.same(one.calendar, other.calendar)
    return one.contacts is not None and one.contacts == other.contacts


def _is_calendar(part: Part) -> bool:
    return part.type in _CALENDARS or (part.type in _UNSURE and _ending(part) in ("ics", "vcs"))


def _is_contact(part: Part) -> bool:
    return part.type in _CONTACTS or (part.type in _UNSURE and _ending(part) == "vcf")


def _ending(part: Part) -> str:
    return (part.filename or "").rpartition(".")[2].lower()
