"""The folder list beside every page: mailboxes in, links out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NavItem:
    """One folder. url: None for a name that only holds children. icon: id in the sprite. count: None or a number > 0.

    count_word: what the number counts, for screen readers ("unread", "messages"). depth: 0 for top level.
    """

    title: str
    url: str | None
    icon: str
    count: int | None
    count_word: str
    current: bool
    depth: int


@dataclass(frozen=True, slots=True)
class Nav:
    """special: folders with a role, in our order. folders: the others, as a tree flattened in order."""

    special: tuple[NavItem, ...] = ()
    folders: tuple[NavItem, ...] = ()
