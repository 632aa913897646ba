"""The message list as page values: the folder page shows it, the message page keeps it beside the letter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby
from typing import Any

from flask import url_for

from webmail.mail import flags
from webmail.mail.address import Address
from webmail.mail.ids import MessageRef
from webmail.mail.message import Summary
from webmail.web import converters, filters

NO_SUBJECT = "(no subject)"


@dataclass(frozen=True, slots=True)
class Row:
    """One message in the list. pick: value of its checkbox ("validity.uid"). colour: 0..7. iso: for <time datetime>."""

    pick: str
    url: str
    who: str
    initials: str
    colour: int
    unread: bool
    starred: bool
    attached: bool
    time: str
    iso: str
    subject: str
    snippet: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """Rows under one heading: Today, Yesterday, Last week, June 2026."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A link of a small set (filter), or an option of a select (value = url)."""

    label: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class ListPane:
    """The list of one folder. name: as addresses and the stream of events spell it.

    do_url takes POST do=read|unread|star|unstar|archive|delete|junk|notjunk|move with uid=pick (repeated) and
    dest=name, or the single buttons star=pick, unstar=pick. can_change: False in a read-only folder: no buttons.
    can_archive and so on: False where the button would do nothing (in that very folder).
    position: "1-50 of 1,204" with a proper dash. empty: None or the heading of an empty folder. notice: what the last
    action did.
    """

    name: str
    title: str
    url: str
    do_url: str
    unread: int
    total: int
    summary: str
    filters: tuple[Choice, ...]
    days: tuple[Day, ...]
    position: str
    older_url: str | None
    newer_url: str | None
    empty: str | None
    targets: tuple[Choice, ...]
    can_change: bool = True
    can_archive: bool = True
    can_delete: bool = True
    can_junk: bool = True
    is_junk: bool = False
    notice: str | None = None


def days(
    rows: Sequence[Summary], *, now: datetime, zone: tzinfo, to_instead: bool, current: MessageRef | None, me: str,
    query: dict[str, Any],
) -> tuple[Day, ...]:  # fmt: skip
    """Rows, newest first, under their day headings. to_instead: Sent and Drafts show who it went to.

    query: what the links keep (the place in the list), so that Back and the list beside a letter stay where they were.
    """
    made = [
        (filters.day_title(filters.in_zone(r.arrived, zone), now), _row(r, now, zone, to_instead, current, me, query))
        for r in rows
    ]
    return tuple(Day(title, tuple(row for _, row in group)) for title, group in groupby(made, key=lambda pair: pair[0]))


def _row(
    summary: Summary, now: datetime, zone: tzinfo, to_instead: bool, current: MessageRef | None, me: str,
    query: dict[str, Any],
) -> Row:  # fmt: skip
    people = summary.recipients if to_instead else summary.senders
    when = filters.in_zone(summary.arrived, zone)
    who = names(people, me) or ("(no recipient)" if to_instead else "(no sender)")
    return Row(
        pick=converters.pick_to_text(summary.ref),
        url=url_for("message.show", mailbox=summary.ref.mailbox, pick=summary.ref, **query),
        who=f"To: {who}" if to_instead else who,
        initials=filters.initials(who.strip("(")),
        colour=filters.colour(people[0].address if people else ""),
        unread=flags.SEEN not in summary.flags,
        starred=flags.FLAGGED in summary.flags,
        attached=summary.attached,
        time=filters.list_time(when, now),
        iso=when.isoformat(timespec="minutes"),
        subject=summary.subject or NO_SUBJECT,
        snippet=summary.snippet or "",
        current=summary.ref == current,
    )


def names(people: Iterable[Address], me: str) -> str:
    """Who, in one line: names where there are some, "me" for the reader's own address."""
    return ", ".join("me" if p.address.lower() == me.lower() else p.label for p in people)
