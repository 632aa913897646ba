"""The head of one message, in words: its subject, its people, when, and the rows of its details."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import request

from webmail.mail.address import Address
from webmail.mail.headers import Headers
from webmail.web import filters, session
from webmail.web.rows import NO_SUBJECT, names

_MOST: Final = 20
"""Senders that stand above a message (R19)."""


@dataclass(frozen=True, slots=True)
class Head:
    """who: display name or address; address: always visible beside it (R19). to_line: "to you and 3 others".

    time, iso: in the reader's zone. details: (label, value) pairs for the fold.
    """

    subject: str
    who: str
    address: str
    initials: str
    colour: int
    time: str
    iso: str
    to_line: str
    details: tuple[tuple[str, str], ...]


def head(facts: Headers, arrived: datetime) -> Head:
    """The head of a message for the reader of this request. arrived: the server's date, where the message has none."""
    zone = filters.zone_of(request)
    when = filters.in_zone(facts.date or arrived, zone)
    senders = facts.addresses("from") or facts.addresses("sender")
    return Head(
        subject=facts.subject or NO_SUBJECT,
        who=_some([p.label for p in senders]) or "(no sender)",
        address=_some([p.address for p in senders if p.label != p.address]),
        initials=filters.initials(names(senders, "")),
        colour=filters.colour(senders[0].address if senders else ""),
        time=filters.message_time(when, datetime.now(zone)),
        iso=when.isoformat(timespec="minutes"),
        to_line=to_line(facts, session.current().address),
        details=details(facts, when),
    )


def _some(words: list[str]) -> str:
    """All of a few; the first of very many, who are in the details."""
    more = len(words) - _MOST
    return ", ".join(words) if more <= 1 else f"{', '.join(words[:_MOST])} and {more} others"


def to_line(facts: Headers, me: str) -> str:
    """As in: to you and 3 others."""
    people = (*facts.addresses("to"), *facts.addresses("cc"))
    mine = any(p.address.lower() == me.lower() for p in people)
    others = [p.label for p in people if p.address.lower() != me.lower()]
    shown = (["you"] if mine else []) + others[: 2 - mine]
    hidden = len(others) - (2 - mine)
    if not shown:
        return "to undisclosed recipients"
    if hidden > 0:
        return f"to {', '.join(shown)} and {hidden} other{'s' if hidden > 1 else ''}"
    return "to " + " and ".join(shown)


def details(facts: Headers, when: datetime) -> tuple[tuple[str, str], ...]:
    """(label, value) pairs for the fold under the subject; nothing that is empty."""
    people = ("From", "Sender", "Reply-To", "To", "Cc", "Bcc")
    rows = [(label, ", ".join(_person(p) for p in facts.addresses(label))) for label in people]
    rows.append(("Date", filters.full_time(when) if facts.date else facts.get("date") or "none given"))
    rows.append(("Message-ID", facts.message_id or ""))
    return tuple((label, value) for label, value in rows if value)


def _person(person: Address) -> str:
    return f"{person.name} <{person.address}>" if person.name else person.address
