"""Answering and passing on: who gets it, what the subject becomes, what is quoted, how the thread goes on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from webmail.mail import address, flowed, lists, subject
from webmail.mail.address import Address
from webmail.mail.draft import Draft
from webmail.mail.headers import Headers

LONGEST_QUOTE: Final = 100_000
"""Characters of the original that are quoted; nobody reads more, and it would travel with every answer."""

_MOST_REFERENCES: Final = 20
_LONGEST_REFERENCES: Final = 998 - len("References: ")
"""Octets: some servers refuse a field that is longer than one line may be (RFC 5322 2.1.1), folded or not."""

_FORWARDED: Final = "---------- Forwarded message ----------"
"""In English in every language: programs look for it, and so do we (above_forwarded, doubts.py)."""

as_typed = address.form


class Audience(Enum):
    """Whom an answer is for."""

    SENDER = "reply"
    ALL = "reply-all"
    LIST = "reply-list"


@dataclass(frozen=True, slots=True)
class Original:
    """The message that is answered or passed on. text: readable text of its body, already unflowed."""

    headers: Headers
    text: str


def reply(
    original: Original, me: Address, *, audience: Audience, wrote: str, message_id: str, date: datetime,
    mine: Collection[str] = (), signature: str = "", below: bool = False,
) -> Draft:  # fmt: skip
    """An answer. wrote: the line above the quoted text. mine: further addresses of the writer, which get no copy. date:
    now. signature: stands where the answer ends. below: the answer has its place below the quoted text.

    Who gets it: recipients() below.
    """
    headers = original.headers
    to, cc = recipients(headers, {me.address, *mine}, audience)
    return Draft(
        sender=me,
        to=to,
        cc=cc,
        bcc=(),
        subject=subject.answered(headers.subject),
        text=_around(f"{wrote}\n{quoted(original.text)}".rstrip("\n"), signature, below),
        in_reply_to=headers.message_id,
        references=_references(headers),
        message_id=message_id,
        date=date,
    )


def _around(quote: str, signature: str, below: bool) -> str:
    """The quote with room for the answer. A signature above it goes without its line of two hyphens: everything behind
    such a line is taken for signature (RFC 3676 4.3)."""
    if below:
        return signed(f"{quote}\n\n\n", signature) if signature else f"{quote}\n\n\n"
    return f"\n\n{signature}\n\n{quote}\n" if signature else f"\n\n{quote}\n"


def signed(text: str, signature: str) -> str:
    """A text with the signature below it, behind the line that mail programs know (RFC 3676 4.3)."""
    return f"{text or 2 * chr(10)}\n{flowed.SIGNATURE}\n{signature}\n" if signature else text


def resigned(text: str, old: str, new: str) -> str:
    """The text with another signature in place of the old one, where that stands as it was put there: at the end, or
    above a quote. A text without one gets the new one at its end."""
    if old == new:
        return text
    if not old:
        return text if text.rstrip().endswith(new) else signed(text, new)
    end, whole = text.rstrip(), f"\n{flowed.SIGNATURE}\n{old.rstrip()}"
    if end.endswith(whole):
        head = end.removesuffix(whole)
        return f"{head}\n{flowed.SIGNATURE}\n{new}\n" if new else head + "\n"
    return text.replace(f"\n\n{old}\n\n", f"\n\n{new}\n\n" if new else "\n\n", 1)


def forward(original: Original, me: Address, *, facts: str, message_id: str, date: datetime) -> Draft:
    """The message passed on: its facts and its text below a line that mail programs recognise. facts: lines, none of
    them blank."""
    headers = original.headers
    text = original.text[:LONGEST_QUOTE].strip("\n")
    return Draft(
        sender=me,
        to=(),
        cc=(),
        bcc=(),
        subject=subject.forwarded(headers.subject),
        text=f"\n\n{_FORWARDED}\n{facts}\n\n{text}\n",
        in_reply_to=None,
        references=_references(headers),
        message_id=message_id,
        date=date,
    )


def above_forwarded(text: str) -> str:
    """What forward() wrote, down to the facts of the message; "" for any other text."""
    before, line, behind = text.partition(f"{_FORWARDED}\n")
    return before + line + behind.partition("\n\n")[0] if line else ""


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


def written_to(headers: Headers, own: Sequence[Address]) -> Address:
    """Which of one's own addresses the message came to, so that the answer comes from it; the first when none is named.

    own: at least one, the usual one first.
    """
    known = {person.address.lower(): person for person in reversed(own)}
    for name in ("from", "to", "cc", "bcc", "resent-to", "delivered-to", "x-original-to", "envelope-to"):
        for person in headers.addresses(name):
            if person.address.lower() in known:
                return known[person.address.lower()]
    return own[0]


def recipients(
    headers: Headers, own: Collection[str], audience: Audience
) -> tuple[tuple[Address, ...], tuple[Address, ...]]:
    """To and Cc of an answer; each address once, in order, and no copy to oneself. own: addresses of the writer.

    SENDER: Mail-Reply-To, Reply-To, From, Sender, the first that is there (RFC 5322 3.6.2). A list that put itself into
    Reply-To is left out, so that what is meant for one does not reach all; the list has an answer of its own. ALL:
    Mail-Followup-To, else the same and everybody else who got it, the list too. LIST: List-Post (RFC 2369), else ALL.
    An answer to one's own message goes to those it went to.
    """
    mine = {spec.lower() for spec in own}
    home = lists.post(headers)
    if audience is Audience.LIST and home is not None:
        return (home,), ()
    to_all = audience is not Audience.SENDER
    if to_all and (followup := _unique(headers.addresses("mail-followup-to"), mine)):
        return followup, ()
    to, cc = headers.addresses("to"), headers.addresses("cc")
    senders = _senders(headers, home)
    if senders and all(person.address.lower() in mine for person in senders):
        answered = _unique(to, set()) or _unique(senders, set())
        return answered, _unique(cc, _specs(answered)) if to_all else ()
    answered = _unique(senders, set())
    if not to_all:
        return answered, ()
    return answered, _unique((*headers.addresses("reply-to"), *to, *cc), mine | _specs(answered))


def _senders(headers: Headers, home: Address | None) -> tuple[Address, ...]:
    """Who is answered. home: the list's own address, which is nobody's answer to one."""
    away = set() if home is None else {home.address.lower()}
    fields = ("mail-reply-to", "reply-to", "from", "sender")
    named = [people for people in map(headers.addresses, fields) if people]
    people = (tuple(person for person in people if person.address.lower() not in away) for people in named)
    return next(filter(None, people), named[0] if named else ())


def _specs(people: Iterable[Address]) -> set[str]:
    return {person.address.lower() for person in people}


def _unique(people: Iterable[Address], without: set[str]) -> tuple[Address, ...]:
    """Each address once, in order; those of `without`, and those nobody could send to, left out."""
    found = {person.address.lower(): person for person in reversed(tuple(people)) if address.valid(person.address)}
    return tuple(person for key, person in reversed(found.items()) if key not in without)


def _references(headers: Headers) -> tuple[str, ...]:
    """RFC 5322 3.6.4: the original's references and itself; a long thread keeps its first and its latest ones."""
    parent = headers.in_reply_to
    known = headers.references or ((parent,) if parent else ())
    found = tuple(dict.fromkeys((*known, *((headers.message_id,) if headers.message_id else ()))))
    if not found:
        return ()
    first, rest = found[0], found[1:][1 - _MOST_REFERENCES :]
    room = _LONGEST_REFERENCES - len(first)
    kept: list[str] = []
    for name in reversed(rest):
        room -= 1 + len(name)
        if room < 0:
            break
        kept.append(name)
    # The message that is answered stays in any case: without it the thread is torn here.
    return (first, *reversed(kept)) if kept or not rest else rest[-1:]


def named(people: Iterable[Address]) -> str:
    """Names and addresses, as the letter tells them of its original."""
    return ", ".join(as_typed(person) for person in people)
