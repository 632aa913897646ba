"""Letters of a folder in piles that can be cleared away: by who sent them, by their list, by size, by age."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from webmail.mail import lists
from webmail.mail.headers import Headers
from webmail.mail.ids import Uid

Kind = Literal["sender", "list", "size", "age"]
KINDS: Final[tuple[Kind, ...]] = ("sender", "list", "size", "age")

SIZES: Final = (10_000_000, 5_000_000, 1_000_000, 100_000)
"""Octets over which a letter is large."""

AGES: Final = (1, 3, 6, 12, 24, 60)
"""Months after which a letter is old."""

_LATEST_DAY: Final = 28


@dataclass(frozen=True, slots=True)
class Letter:
    """What is counted of one. size: octets. sender: address in lower case, "" without one; who: for the eye.

    list: the name of its list (RFC 2919), "" without one; list_title: for the eye.
    """

    uid: Uid
    size: int
    sender: str = ""
    who: str = ""
    list: str = ""
    list_title: str = ""

    def key(self, kind: Kind) -> str:
        """The pile that it lies on; "" for none."""
        return self.sender if kind == "sender" else self.list if kind == "list" else ""


@dataclass(frozen=True, slots=True)
class Pile:
    """Letters with one key. size: octets of all."""

    key: str
    title: str
    count: int
    size: int


def letter(uid: Uid, size: int, header: Headers) -> Letter:
    """Read From and List-Id."""
    sender = next(iter(header.addresses("from")), None)
    named = lists.identity(header)
    return Letter(
        uid, size, sender.address.lower() if sender else "", sender.label if sender else "", *(named or ("", ""))
    )


def piles(letters: Iterable[Letter], kind: Kind) -> list[Pile]:
    """The highest first. The newest letter says what a pile is called."""
    found: dict[str, Pile] = {}
    for one in letters:
        key = one.key(kind)
        if key:
            old = found.get(key)
            title = one.who if kind == "sender" else one.list_title
            found[key] = Pile(key, title, (old.count if old else 0) + 1, (old.size if old else 0) + one.size)
    return sorted(found.values(), key=lambda pile: (-pile.count, -pile.size, pile.key))


def ages(today: date) -> list[tuple[int, date]]:
    """Days before which a letter is old, and how many months that is."""
    return [(months, _before(today, months)) for months in AGES]


def _before(today: date, months: int) -> date:
    at = today.year * 12 + today.month - 1 - months
    return date(at // 12, at % 12 + 1, min(today.day, _LATEST_DAY))
