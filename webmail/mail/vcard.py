"""What a vCard tells (2.1, RFC 2426, RFC 6350): octets in, values out. Nothing raises, nothing is fetched."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from webmail.languages import N_
from webmail.mail import zones
from webmail.mail.charset import printable
from webmail.mail.contentlines import Component, Line, pieces, read
from webmail.mail.names import clean_line

LARGEST: Final = 256 * 1024
"""Octets, decoded, of a file that is read; a larger one is a file like any other."""

MOST_CARDS: Final = 10
_MOST_VALUES: Final = 20
_LONGEST: Final = 500
_LONGEST_NOTE: Final = 5000

_SEEN_TYPES: Final = {
    # Translators: these say what a telephone number or an address is: "Phone (work, mobile)".
    "HOME": N_("home"),
    "WORK": N_("work"),
    "CELL": N_("mobile"),
    "MOBILE": N_("mobile"),
    "FAX": N_("fax"),
    "MAIN": N_("main"),
}
_YEARLESS: Final = re.compile(r"--(\d\d)-?(\d\d)(?:T.*)?", re.IGNORECASE)
_DASHED: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?=$|[T ])")


@dataclass(frozen=True, slots=True)
class Entry:
    """One way to reach somebody. value: one line. kind: "home", "work, mobile", or ""."""

    value: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """name: as its owner writes it, else made of its parts, else of what there is. birthday: (year or 0, month, day).

    picture: it brings one or names one, which is not shown.
    """

    name: str
    organization: str
    title: str
    emails: tuple[Entry, ...]
    phones: tuple[Entry, ...]
    addresses: tuple[Entry, ...]
    links: tuple[Entry, ...]
    birthday: tuple[int, int, int] | None
    note: str
    picture: bool


@dataclass(frozen=True, slots=True)
class Cards:
    """left: cards beyond MOST_CARDS."""

    cards: tuple[Card, ...]
    left: int


def parse(octets: bytes, charset: str | None) -> Cards | None:
    """The cards in these octets; None when there is none that says anything. charset: the label of the part."""
    root = read(octets[:LARGEST], charset)
    found = list(root.walk("VCARD"))
    cards = tuple(card for card in map(_card, found[:MOST_CARDS]) if card.name)
    return Cards(cards, max(0, len(found) - MOST_CARDS)) if cards else None


def _card(part: Component) -> Card:
    emails = _entries(part, "EMAIL", lambda line: _bare(line.text, "mailto"))
    phones = _entries(part, "TEL", lambda line: _bare(line.text, "tel"))
    organization = ", ".join(filter(None, map(_short, pieces(_value(part, "ORG")))))
    first = next((entry.value for entry in (*emails, *phones)), "")
    return Card(
        _short(part.text("FN")) or _name(part) or organization or first,
        organization,
        _short(part.text("TITLE") or part.text("ROLE")),
        emails,
        phones,
        _entries(part, "ADR", _place),
        _entries(part, "URL", lambda line: line.text),
        _birthday(part.text("BDAY")),
        printable(part.text("NOTE")[:_LONGEST_NOTE]).strip(),
        part.first("PHOTO") is not None,
    )


def _name(part: Component) -> str:
    """Family, given, additional, before, after (RFC 6350 6.2.2), in the order of speech."""
    family, given, additional, before, after = (pieces(_value(part, "N")) + [""] * 5)[:5]
    return _short(" ".join(filter(None, (before, given, additional, family, after))))


def _entries(part: Component, name: str, told: Callable[[Line], str]) -> tuple[Entry, ...]:
    found = (Entry(_short(told(line)), _kind(line)) for line in part.all(name)[:_MOST_VALUES])
    return tuple(dict.fromkeys(entry for entry in found if entry.value))


def _kind(line: Line) -> str:
    """TYPE in every spelling: TYPE=home,work, TYPE=home;TYPE=cell, or bare as in 2.1."""
    said = [value for word in line.values("TYPE") for value in word.split(",")]
    said += [name for name, values in line.parameters if not values]
    return ", ".join(dict.fromkeys(_SEEN_TYPES[word.upper()] for word in said if word.upper() in _SEEN_TYPES))


def _place(line: Line) -> str:
    """Box, extended, street, locality, region, code, country (RFC 6350 6.3.1) as one line."""
    box, extended, street, locality, region, code, country = (pieces(line.value) + [""] * 7)[:7]
    town = " ".join(filter(None, (code, locality)))
    return ", ".join(filter(None, map(_short, (box, extended, street, town, region, country))))


def _birthday(value: str) -> tuple[int, int, int] | None:
    found = _YEARLESS.fullmatch(value.strip())
    if found:
        month, day = int(found[1]), int(found[2])
        return (0, month, day) if zones.stamp(f"2000{month:02}{day:02}") else None
    stamp = zones.stamp(_DASHED.sub(r"\1\2\3", value.strip())[:8])
    return (stamp[0].year, stamp[0].month, stamp[0].day) if stamp else None


def _bare(text: str, scheme: str) -> str:
    head, colon, rest = text.strip().partition(":")
    return rest if colon and head.lower() == scheme else text


def _value(part: Component, name: str) -> str:
    line = part.first(name)
    return line.value if line else ""


def _short(text: str) -> str:
    return clean_line(text[: 4 * _LONGEST])[:_LONGEST]
