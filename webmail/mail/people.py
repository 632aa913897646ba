"""Whom somebody writes with: a small book, made of headers, that knows who comes first."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from webmail.mail import address
from webmail.mail.address import Address

MOST: Final = 2000
"""People of a book."""

_MOST_OF_ONE: Final = 50
"""Recipients of one letter that are entered: a circular to all makes nobody a friend."""

_WROTE: Final = 5
_HALF: Final = 30.0
_LONGEST: Final = 254
_MACHINE: Final = re.compile(
    r"(?:no|do-?not|never)[._-]?reply.*|(?:mailer|mail)-?daemon|bounces?(?:[-+.=].*)?|postmaster|notifications?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Known:
    """wrote: letters one sent to this address; heard: letters from it. last: of either, aware."""

    person: Address
    wrote: int
    heard: int
    last: datetime

    def worth(self, now: datetime) -> float:
        """How likely they are meant: how often, a letter of one's own counting five times; half of it after 30 days, a
        third after 60..."""
        days = max(0.0, (now - self.last).total_seconds() / 86_400)
        return (_WROTE * self.wrote + self.heard) / (1 + days / _HALF)


class Book:
    """People by address. Not safe between threads: copy() it, enter into the copy, put that in its place."""

    def __init__(self, known: Iterable[Known] = ()) -> None:
        self._known = {one.person.address.lower(): one for one in known}

    def __len__(self) -> int:
        return len(self._known)

    def copy(self) -> Book:
        """The same people; the two go their own ways from here."""
        return Book(self._known.values())

    def knows(self, spec: str) -> bool:
        """Whether there was a letter to or from this address."""
        return spec.lower() in self._known or address.wire(spec).lower() in self._known

    def wrote(self, people: Iterable[Address], when: datetime) -> None:
        """One's own letter went to these."""
        self._enter(people, when, wrote=1)

    def heard(self, people: Iterable[Address], when: datetime) -> None:
        """A letter came from these."""
        self._enter(people, when, heard=1)

    def ranked(self, now: datetime, own: str = "") -> tuple[Known, ...]:
        """Everybody one may want to write to, the likeliest first. own: one's own address, left out.

        Addresses that nobody reads are left out, unless somebody wrote to them.
        """
        mine = own.lower()
        people = (one for key, one in self._known.items() if key != mine and (one.wrote or not _of_a_machine(one)))
        return tuple(sorted(people, key=lambda one: (-one.worth(now), one.person.address)))

    def cut(self, now: datetime) -> None:
        """Keep the likeliest MOST."""
        if len(self._known) > MOST:
            first = sorted(self._known.values(), key=lambda one: -one.worth(now))[:MOST]
            self._known = {one.person.address.lower(): one for one in first}

    def _enter(self, people: Iterable[Address], when: datetime, wrote: int = 0, heard: int = 0) -> None:
        for person in tuple(people)[:_MOST_OF_ONE]:
            spec = address.wire(person.address)
            if not spec or len(spec) > _LONGEST or not address.valid(spec):
                continue
            before = self._known.get(spec.lower())
            if before is None:
                self._known[spec.lower()] = Known(Address(_name(person), spec), wrote, heard, when)
                continue
            newer = when >= before.last
            name = (_name(person) if newer else "") or before.person.name or _name(person)
            self._known[spec.lower()] = Known(
                Address(name, before.person.address),
                before.wrote + wrote, before.heard + heard, max(when, before.last),
            )  # fmt: skip


def _name(person: Address) -> str:
    """A name that shows some address is none (R19): what is chosen by it would go elsewhere."""
    return "" if "@" in person.name else person.name[:100]


def _of_a_machine(one: Known) -> bool:
    return _MACHINE.fullmatch(one.person.local) is not None
