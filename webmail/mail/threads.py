"""Which letters belong to one talk: by Message-ID, References and In-Reply-To. Subjects prove nothing."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from webmail.mail.ids import Uid

_MOST_REFERENCES: Final = 100
"""References of one letter that are looked at, the latest: a longer line of them says nothing new (R15)."""


@dataclass(frozen=True, slots=True)
class Linked:
    """What a letter says of its place. references: oldest first, with In-Reply-To where there are none. Identifiers are
    compared and nothing else, so numbers that stand for them will do."""

    uid: Uid
    message_id: Hashable | None
    references: tuple[Hashable, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """One letter of a talk. uid: None for one that answers share but that is not here. depth: 0 for the first."""

    uid: Uid | None
    depth: int


Thread = tuple[Node, ...]
"""A tree as a list: each letter before its answers. Trees of trees would end at Python's depth of recursion."""


@dataclass(slots=True, eq=False)
class _Slot:
    """Somebody's place, known by an identifier. root: where the search for the top of its tree goes on."""

    uid: Uid | None = None
    parent: _Slot | None = None
    root: _Slot | None = None
    children: list[_Slot] = field(default_factory=list)


def thread(letters: Iterable[Linked]) -> tuple[Thread, ...]:
    """The talks among these letters, each once; answers in the order of their UIDs.

    Two letters that claim to answer each other, and a chain that closes, lose the link that closes it. Of letters with
    one Message-ID only the first is answered.
    """
    known: dict[Hashable, _Slot] = {}
    placed = [(_placed(known, letter), letter) for letter in sorted(letters, key=lambda letter: letter.uid)]
    # What a letter says of itself goes before what others say of it.
    for slot, letter in placed:
        if letter.references:
            _link(known.setdefault(letter.references[-1], _Slot()), slot)
    for _, letter in placed:
        chain = [known.setdefault(name, _Slot()) for name in letter.references[-_MOST_REFERENCES:]]
        for older, newer in pairwise(chain):
            _link(older, newer)
    tops = dict.fromkeys(_top(slot) for slot, _ in placed)
    return tuple(tuple(_nodes(top)) for top in tops)


def _placed(known: dict[Hashable, _Slot], letter: Linked) -> _Slot:
    slot = known.get(letter.message_id)
    if letter.message_id is None or (slot is not None and slot.uid is not None):
        return _Slot(letter.uid)
    slot = known.setdefault(letter.message_id, _Slot())
    slot.uid = letter.uid
    return slot


def _link(parent: _Slot, child: _Slot) -> None:
    """Unless the child has a parent, or is above the parent already: then it would be its own answer."""
    if child.parent is None and _top(parent) is not child:
        child.parent = child.root = parent
        parent.children.append(child)


def _top(slot: _Slot) -> _Slot:
    """The top of the tree, and shorter ways to it for next time: a chain of thousands is walked once."""
    top = slot
    while top.root is not None:
        top = top.root
    while slot.root is not None:
        slot.root, slot = top, slot.root
    return top


def _nodes(root: _Slot) -> Iterator[Node]:
    first = [root] if root.uid is not None else _answers(root)
    depth = 0
    if len(first) > 1:
        yield Node(None, 0)
        depth = 1
    waiting = [(slot, depth) for slot in reversed(first)]
    while waiting:
        slot, depth = waiting.pop()
        yield Node(slot.uid, depth)
        waiting.extend((answer, depth + 1) for answer in reversed(_answers(slot)))


def _answers(slot: _Slot) -> list[_Slot]:
    """The letters below, reached through those that are not here."""
    found: list[_Slot] = []
    waiting = list(slot.children)
    while waiting:
        below = waiting.pop()
        if below.uid is None:
            waiting.extend(below.children)
        else:
            found.append(below)
    return sorted(found, key=lambda answer: answer.uid or 0)
