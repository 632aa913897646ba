"""Whether and how an invitation can be answered: to whom, as whom, and what a reader should know first."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Final

from flask import url_for

from webmail.languages import N_
from webmail.mail import flags as marks
from webmail.mail import itip
from webmail.mail.address import Address
from webmail.mail.calendar import Calendar
from webmail.mail.headers import Headers
from webmail.mail.ids import MessageRef
from webmail.mail.message import Part
from webmail.web import session
from webmail.web.words import _

KEYWORDS: Final = {"ACCEPTED": marks.ACCEPTED, "TENTATIVE": marks.TENTATIVE, "DECLINED": marks.DECLINED}
LONGEST: Final = 2000
"""Characters of a comment."""

_GIVEN: Final = {
    marks.ACCEPTED: N_("You accepted this."), marks.TENTATIVE: N_("You said that you may come."),
    marks.DECLINED: N_("You declined this."),
}  # fmt: skip
_MOST_CHOICES: Final = 20


@dataclass(frozen=True, slots=True)
class Rsvp:
    """The form. to: the organizer. warnings: before one answers. given: what was answered before, or "".

    me: the address that answers. choices: others of the invited, for a reader who is invited under another address.
    token: the same answer of the same form is sent once.
    """

    url: str
    token: str
    to: str
    warnings: tuple[str, ...]
    given: str
    me: str
    choices: tuple[str, ...]
    comment: str = ""


def rsvp(calendar: Calendar, part: Part, ref: MessageRef, header: Headers, flags: frozenset[str]) -> Rsvp | None:
    """The form, or None where there is nothing to answer or nobody but oneself."""
    events = itip.answered(calendar)
    me = session.current().address
    organizer = events[0].organizer if events else None
    if organizer is None or organizer.address.lower() == me.lower():
        return None
    mine = itip.invited(calendar, me) is not None
    choices = () if mine else _choices(calendar)
    where: dict[str, Any] = {"mailbox": ref.mailbox, "pick": ref, "part_id": part.id}
    return Rsvp(
        url_for("invitation.answer", **where),
        secrets.token_hex(16),
        f"{organizer.name} <{organizer.address}>" if organizer.name else organizer.address,
        _warnings(organizer, header, mine),
        next((_(_GIVEN[mark]) for mark in marks.INVITATION if mark in flags), ""),
        me,
        (me, *choices) if choices else (),
    )


def speaker(calendar: Calendar, wanted: str) -> Address:
    """Who answers: the reader, or the one of the invited that was chosen; never anybody else."""
    me = session.current().address
    found = itip.invited(calendar, wanted) if wanted and itip.invited(calendar, me) is None else None
    own = itip.invited(calendar, me)
    return (found or own).person if found or own else Address("", me)  # type: ignore[union-attr]


def _warnings(organizer: Address, header: Headers, mine: bool) -> tuple[str, ...]:
    found = []
    writers = {person.address.lower() for person in header.addresses("from")}
    if organizer.address.lower() not in writers:
        warning = _("The answer goes to %(address)s, which is not where this message came from.",
                    address=organizer.address)  # fmt: skip
        found.append(warning)
    if not mine:
        found.append(_("Your address is not among the invited. The organizer may not know whose answer this is."))
    return tuple(found)


def _choices(calendar: Calendar) -> tuple[str, ...]:
    people = (each.person.address for event in calendar.events for each in event.attendees)
    return tuple(dict.fromkeys(filter(None, people)))[:_MOST_CHOICES]
