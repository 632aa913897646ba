"""The message list as page values: the folder page shows it, the message page keeps it beside the letter."""

from __future__ import annotations

from dataclasses import dataclass


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
    """do_url takes POST do=read|unread|star|unstar|archive|delete|junk|notjunk|move with uid=pick (repeated), dest=name,
    or the single buttons star=pick / unstar=pick. can_change: False in a read-only folder: no buttons.
    can_archive etc.: False where the button would do nothing (in that folder itself).
    position: "1–50 of 1,204". empty: None or the heading of an empty folder. notice: result of the last action.
    """

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
