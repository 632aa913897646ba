"""Time that has passed, for tests of snoozing: another device gives a snoozed folder the name of an earlier moment."""

from __future__ import annotations

import re

from tests.flows.hands import wait_for
from tests.servers.application import Visitor
from tests.servers.people import Person

PAST = "2020-07-20 07{mark}00 +0200"
_DATED = re.compile(r"(.*Snoozed.)\d{4}-\d\d-\d\d \d\d([.-])\d\d [+-]\d{4}.*")


def dated(person: Person) -> list[str]:
    """The folders of moments that a second device sees."""
    return [name for name in person.mailboxes() if _DATED.fullmatch(name)]


def pass_time(person: Person) -> str:
    """The first of them is due now. Returns its name."""
    old = dated(person)[0]
    found = _DATED.fullmatch(old)
    assert found
    new = found[1] + PAST.format(mark=found[2])
    with person.imap() as client:
        client.rename_folder(old, new)
    return new


def look(visitor: Visitor, person: Person, path: str) -> None:
    """Open this page until nothing is due: Dovecot may list a folder by its old name for a moment."""

    def nothing_due() -> bool:
        visitor.get(path)
        return not any("2020-07-20" in name for name in dated(person))

    wait_for(nothing_due)
