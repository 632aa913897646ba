"""Letters that are out of sight until a moment: the moment is the name of the folder that they lie in meanwhile.

"Snoozed/2026-07-20 07.00 +0200": read by people in any mail program, and the same moment wherever it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Final

from webmail.languages import N_
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Mailbox

SNOOZED: Final = "Snoozed"

SOONEST: Final = timedelta(minutes=1)
LATEST: Final = timedelta(days=3660)
"""From now: what is nearer is over before it is done, and what is further away is a slip of the hand."""

_NAME: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d) (\d\d)[.-](\d\d) ([+-])(\d\d)(\d\d)(?: waking (\d{8}T\d{4})Z)?", re.ASCII
)
"""The time has a "-" where "." stands between folders. Behind it, who has come to empty the folder says when."""

_CLAIM: Final = "%Y%m%dT%H%M"
_STALE: Final = timedelta(minutes=10)
"""Whoever came to empty a folder and has not done so by then is not at it any more."""

_MORNING: Final = time(8)
_EVENING: Final = 21
_SATURDAY: Final = 5


def component(when: datetime, delimiter: str | None) -> str:
    """A moment as the last part of a name, to the minute. when: aware, in the zone of who reads it."""
    mark = "-" if delimiter == "." else "."
    return f"{when.year:04}-{when:%m-%d} {when:%H}{mark}{when:%M} {when:%z}"[:22]


def moment(mailbox: Mailbox) -> datetime | None:
    """When what lies in this folder comes back, with the offset in its name; None for a folder that is not ours.

    Below "Snoozed", which stands at the top or one step below it; or "Snoozed 2026-…" there, where no folder lies in
    another one. Only what component makes is read: a folder of somebody else's is left alone.
    """
    if SNOOZED not in mailbox.name or mailbox.owner != "self" or mailbox.role is not None:
        return None
    *above, last = mailbox.name.split(mailbox.delimiter) if mailbox.delimiter else [mailbox.name]
    if above and above[-1] == SNOOZED and len(above) <= 2:
        return _read(last)
    begin, _, rest = last.partition(" ")
    return _read(rest) if begin == SNOOZED and len(above) <= 1 else None


def is_root(mailbox: Mailbox) -> bool:
    """Whether this is the folder that they lie in: at the top, or where servers keep everything below INBOX."""
    if SNOOZED not in mailbox.name:
        return False
    *above, last = mailbox.path
    return mailbox.owner == "self" and last == SNOOZED and [name.upper() for name in above] in ([], ["INBOX"])


def dated(mailboxes: Iterable[Mailbox]) -> list[tuple[datetime, Mailbox]]:
    """Those with a moment, the next one first."""
    found = [(when, one) for one in mailboxes if one.selectable and (when := moment(one)) is not None]
    return sorted(found, key=lambda pair: (pair[0], pair[1].name))


def due(mailboxes: Iterable[Mailbox], now: datetime) -> list[Mailbox]:
    """Those whose moment has come, and which nobody is emptying."""
    return [mailbox for when, mailbox in dated(mailboxes) if when <= now and not _claimed(mailbox, now)]


def claimed(mailbox: Mailbox, now: datetime) -> MailboxName:
    """The name that one is given by who comes to empty it: of two who try that at once one succeeds."""
    plain = mailbox.name.split(" waking ")[0]
    return MailboxName(f"{plain} waking {now.astimezone(UTC):{_CLAIM}}Z")


def _claimed(mailbox: Mailbox, now: datetime) -> bool:
    found = _NAME.search(mailbox.name)
    if found is None or not found[9]:
        return False
    try:
        since = datetime.strptime(found[9], _CLAIM).replace(tzinfo=UTC)
    except ValueError:
        return False
    # Clocks of two machines differ, and a clock that jumped back must not keep it for ever.
    return abs(now - since) < _STALE


def _read(text: str) -> datetime | None:
    found = _NAME.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute = map(int, found.group(1, 2, 3, 4, 5))
    offset = timedelta(hours=int(found[7]), minutes=int(found[8]))
    try:
        when = datetime(year, month, day, hour, minute, tzinfo=timezone(-offset if found[6] == "-" else offset))
        when.astimezone(UTC)  # that of the first and the last day of all may not be there
    except (ValueError, OverflowError):
        return None
    return when if int(found[8]) < 60 else None


# --- what is offered --------------------------------------------------------------------------------------------------


def choices(now: datetime, zone: tzinfo) -> tuple[tuple[str, datetime], ...]:
    """Moments to choose from: what they are called, and when that is in the reader's zone, each at most once."""
    today = now.astimezone(zone).date()
    later = _whole_hour(now.astimezone(UTC) + timedelta(hours=3)).astimezone(zone)
    found = [(N_("Later today"), later)] if later.date() == today and later.hour <= _EVENING else []
    saturday = today + timedelta(days=(_SATURDAY - today.weekday()) % 7)
    monday = today + timedelta(days=7 - today.weekday())
    found.append((N_("Tomorrow"), at(today + timedelta(days=1), _MORNING, zone)))
    if today < saturday - timedelta(days=1) and today.weekday() < _SATURDAY:
        found.append((N_("This weekend"), at(saturday, _MORNING, zone)))
    if monday > today + timedelta(days=1):
        found.append((N_("Next week"), at(monday, _MORNING, zone)))
    return tuple(found)


def at(day: date, clock: time, zone: tzinfo) -> datetime:
    """A moment by the clock on the wall. An hour that is skipped in spring is the one after it; of an hour that comes
    twice in autumn the first is meant. Raises OverflowError at the end of time."""
    return datetime.combine(day, clock, zone).astimezone(UTC).astimezone(zone)


def chosen(text: str, now: datetime, zone: tzinfo) -> datetime:
    """A moment from a form: "2026-07-20T07:00+02:00", or without an offset by the clock of this zone.

    Raises ValueError with "empty", "odd", "past" or "far".
    """
    if not text.strip():
        raise ValueError("empty")
    try:
        read = datetime.fromisoformat(text.strip()[:40]).replace(second=0, microsecond=0)
        if read.tzinfo is None:
            read = at(read.date(), read.time(), zone)
        when = read.astimezone(UTC).astimezone(zone)
    except (ValueError, OverflowError):
        raise ValueError("odd") from None
    if when < now + SOONEST:
        raise ValueError("past")
    if when > now + LATEST:
        raise ValueError("far")
    return when


def _whole_hour(when: datetime) -> datetime:
    """This hour, or the next one."""
    hour = when.replace(minute=0, second=0, microsecond=0)
    return hour if hour == when else hour + timedelta(hours=1)


def place(root: str, delimiter: str | None, when: datetime) -> MailboxName:
    """The name of the folder for a moment. root: raw name of "Snoozed"; delimiter None: no folder lies in another."""
    between = " " if delimiter is None else delimiter
    return MailboxName(root + between + component(when, delimiter))
