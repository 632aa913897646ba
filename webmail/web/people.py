"""The head of one message, in words: its subject, its people, when, and the rows of its details."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import request

from webmail.languages import N_
from webmail.mail.address import Address
from webmail.mail.headers import Headers
from webmail.web import filters, session
from webmail.web.rows import NO_SUBJECT, names
from webmail.web.words import _, listed, ngettext, pgettext

_MOST: Final = 20
"""Senders that stand above a message (R19)."""

# Translators: whom a message is from, and the other people whom its header names.
_PEOPLE: Final = (N_("From"), N_("Sender"), N_("Reply-To"), N_("To"), N_("Cc"), N_("Bcc"))


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
        subject=facts.subject or _(NO_SUBJECT),
        who=_some([p.label for p in senders]) or _("(no sender)"),
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
    if more <= 1:
        return ", ".join(words)
    # Translators: the first senders of very many.
    return ngettext("%(people)s and %(count)s other", "%(people)s and %(count)s others", more,
                    people=", ".join(words[:_MOST]))  # fmt: skip


def to_line(facts: Headers, me: str) -> str:
    """As in: to you and 3 others."""
    people = (*facts.addresses("to"), *facts.addresses("cc"))
    mine = any(p.address.lower() == me.lower() for p in people)
    others = [p.label for p in people if p.address.lower() != me.lower()]
    shown = ([_you()] if mine else []) + others[: 2 - mine]
    hidden = len(others) - (2 - mine)
    if not shown:
        return _("to undisclosed recipients")
    if hidden > 0:
        return ngettext("to %(people)s and %(count)s other", "to %(people)s and %(count)s others", hidden,
                        people=", ".join(shown))  # fmt: skip
    # Translators: above a message: "to you and Nora". people: names, among them perhaps "you".
    return _("to %(people)s", people=listed(shown))


def _you() -> str:
    # Translators: the reader, in "to you and Nora".
    return pgettext("a recipient", "you")


def details(facts: Headers, when: datetime) -> tuple[tuple[str, str], ...]:
    """(label, value) pairs for the fold under the subject; nothing that is empty."""
    rows = [(_(label), ", ".join(_person(p) for p in facts.addresses(label))) for label in _PEOPLE]
    # Translators: the message names no date.
    date = filters.full_time(when) if facts.date else facts.get("date") or pgettext("a date", "none given")
    rows.append((_("Date"), date))
    rows.append(("Message-ID", facts.message_id or ""))
    return tuple((label, value) for label, value in rows if value)


def _person(person: Address) -> str:
    return f"{person.name} <{person.address}>" if person.name else person.address
