"""Answering and passing on: who gets it, what the subject becomes, what is quoted, how the thread goes on."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from webmail.mail import address, flowed
from webmail.mail.address import Address
from webmail.mail.draft import Draft
from webmail.mail.headers import Headers

LONGEST_QUOTE: Final = 100_000
"""Characters of the original that are quoted; nobody reads more, and it would travel with every answer."""

_MOST_REFERENCES: Final = 20

# What programs put before a subject, answer and forward, in the languages that do not say Re and Fwd.
_RE: Final = "re|aw|antw|antwort|sv|vs|res|rif|odp|odg|atb|ynt|na|回复|回覆|答复|返信|答"
_FWD: Final = "fwd|fw|wg|weitergeleitet|tr|rv|enc|vb|vl|vid|doorst|pd|fs|továbbítás|ilt|转发|轉寄|転送"
_PREFIX: Final = r"(?:\s*(?:{})\s*(?:\[\d+\]|\(\d+\)|\^\d+)?\s*[:\uff1a])+\s*"
_ANSWERED: Final = re.compile(_PREFIX.format(_RE), re.IGNORECASE)
_FORWARDED: Final = re.compile(_PREFIX.format(_FWD), re.IGNORECASE)
_EITHER: Final = re.compile(_PREFIX.format(f"{_RE}|{_FWD}"), re.IGNORECASE)

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

as_typed = address.form


def base_subject(subject: str) -> str:
    """The subject without what answering and passing on put before it: what letters of one talk are sorted by."""
    prefix = _EITHER.match(subject)
    return (subject[prefix.end() :] if prefix else subject).strip()


@dataclass(frozen=True, slots=True)
class Original:
    """The message that is answered or passed on. text: readable text of its body, already unflowed."""

    headers: Headers
    text: str


def reply(
    original: Original, me: Address, *, to_all: bool, message_id: str, date: datetime, mine: Collection[str] = ()
) -> Draft:  # fmt: skip
    """An answer to the sender, or to all. mine: further addresses of the writer, which get no copy.

    Reply-To wins over From (RFC 5322 3.6.2), Mail-Followup-To over both for an answer to all. An answer to one's own
    message goes to those it went to. date: now, in the writer's zone, in which the original's date is told.
    """
    headers = original.headers
    own = {me.address.lower(), *(spec.lower() for spec in mine)}
    to, cc = _audience(headers, own, to_all)
    message = headers.message_id
    return Draft(
        sender=me,
        to=to,
        cc=cc,
        bcc=(),
        subject=_prefixed("Re:", _ANSWERED, headers.subject),
        text=f"\n\n{_attribution(headers, date)}\n{quoted(original.text)}\n",
        in_reply_to=message,
        references=_references(headers),
        message_id=message_id,
        date=date,
    )


def forward(original: Original, me: Address, *, message_id: str, date: datetime) -> Draft:
    """The message passed on: its facts and its text below a line that mail programs recognise."""
    headers = original.headers
    facts = [("From", _named(headers.addresses("from"))), ("Date", _told(headers.date, date))]
    facts += [("Subject", headers.subject), ("To", _named(headers.addresses("to")))]
    facts += [("Cc", _named(headers.addresses("cc")))]
    block = "\n".join(f"{label}: {value}" for label, value in facts if value)
    text = original.text[:LONGEST_QUOTE].strip("\n")
    return Draft(
        sender=me,
        to=(),
        cc=(),
        bcc=(),
        subject=_prefixed("Fwd:", _FORWARDED, headers.subject),
        text=f"\n\n---------- Forwarded message ----------\n{block}\n\n{text}\n",
        in_reply_to=None,
        references=_references(headers),
        message_id=message_id,
        date=date,
    )


def quoted(text: str) -> str:
    """Every line with one more ">", the signature left out, the end cut when there is too much."""
    if not text.strip():
        return ""
    found = text[:LONGEST_QUOTE].rstrip().split("\n")
    if flowed.SIGNATURE in found:
        found = found[: found.index(flowed.SIGNATURE)]
    marked = [f">{line}" if line.startswith(">") or not line else f"> {line}" for line in found]
    if len(text) > LONGEST_QUOTE:
        marked.append("> [...]")
    return "\n".join(line.rstrip() for line in marked).removesuffix("\n>")


def _prefixed(prefix: str, known: re.Pattern[str], subject: str) -> str:
    match = known.match(subject)
    return f"{prefix} {subject[match.end() :] if match else subject}".rstrip()


def _audience(headers: Headers, own: set[str], to_all: bool) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    senders = headers.addresses("reply-to") or headers.addresses("from") or headers.addresses("sender")
    to, cc = headers.addresses("to"), headers.addresses("cc")
    if to_all and (followup := headers.addresses("mail-followup-to")):
        return _unique(followup, own), ()
    if senders and all(person.address.lower() in own for person in senders):
        answered = _unique(to, set()) or _unique(senders, set())
        return answered, _unique(cc, {person.address.lower() for person in answered}) if to_all else ()
    answered = _unique(senders, set())
    taken = own | {person.address.lower() for person in answered}
    return answered, _unique((*to, *cc), taken) if to_all else ()


def _unique(people: Iterable[Address], without: set[str]) -> tuple[Address, ...]:
    """Each address once, in order; those of `without`, and those nobody could send to, left out."""
    found = {person.address.lower(): person for person in reversed(tuple(people)) if address.valid(person.address)}
    return tuple(person for key, person in reversed(found.items()) if key not in without)


def _references(headers: Headers) -> tuple[str, ...]:
    """RFC 5322 3.6.4: the original's references and itself; a long thread keeps its first and its latest ones."""
    parent = headers.in_reply_to
    known = headers.references or ((parent,) if parent else ())
    found = tuple(dict.fromkeys((*known, *((headers.message_id,) if headers.message_id else ()))))
    return found if len(found) <= _MOST_REFERENCES else (found[0], *found[1 - _MOST_REFERENCES :])


def _attribution(headers: Headers, now: datetime) -> str:
    who = _named(headers.addresses("from")) or "somebody"
    when = _told(headers.date, now)
    return f"On {when}, {who} wrote:" if when else f"{who} wrote:"


def _told(when: datetime | None, now: datetime) -> str:
    if when is None:
        return ""
    try:
        here = when.astimezone(now.tzinfo)
    except OverflowError:  # the year 1 or 9999, on the other side of the date line
        here = when
    return f"{_DAYS[here.weekday()]}, {here.day} {_MONTHS[here.month - 1]} {here.year} at {here:%H:%M}"


def _named(people: Iterable[Address]) -> str:
    return ", ".join(as_typed(person) for person in people)
