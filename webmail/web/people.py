"""The people of one message, in words: the line under the subject and the rows of its details."""

from __future__ import annotations

from datetime import datetime

from webmail.mail.address import Address
from webmail.mail.headers import Headers
from webmail.web import filters


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
