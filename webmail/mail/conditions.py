"""The conditions of a search as a tree, and what can be said of a tree without asking a server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Words:
    """Text in a field, or anywhere that a reader looks (field ""). exact: it was quoted."""

    field: str
    text: str
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Is:
    """state: a key of STATES."""

    state: str


@dataclass(frozen=True, slots=True)
class HasFile:
    """has:attachment."""


@dataclass(frozen=True, slots=True)
class File:
    """filename:, a piece of the name of an attached file."""

    name: str


@dataclass(frozen=True, slots=True)
class Size:
    """larger: or (larger False) smaller: than so many octets."""

    larger: bool
    octets: int


@dataclass(frozen=True, slots=True)
class When:
    """how: "before" that day, "after" (that day or later), "on". day: as moments.spec makes it."""

    how: str
    day: str


@dataclass(frozen=True, slots=True)
class Age:
    """older_than: or newer_than:. unit: one of "hdwmy"."""

    older: bool
    count: int
    unit: str


@dataclass(frozen=True, slots=True)
class In:
    """A folder, by a name that a reader gives it; "anywhere" is every one, also Junk and Trash."""

    name: str


@dataclass(frozen=True, slots=True)
class Label:
    """A label, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Not:
    """What the other is not."""

    of: Node


@dataclass(frozen=True, slots=True)
class And:
    """All of them; of none at all: everything."""

    of: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them; of none at all: nothing."""

    of: tuple[Node, ...]


Leaf = Words | Is | HasFile | File | Size | When | Age | In | Label
Node = Leaf | Not | And | Or

ALL: Final = And(())
NONE: Final = Or(())


def every(nodes: Iterable[Node]) -> Node:
    """All of them, as small a tree as says so."""
    return _joined(nodes, And, ALL, NONE)


def either(nodes: Iterable[Node]) -> Node:
    """Any of them."""
    return _joined(nodes, Or, NONE, ALL)


def _joined(nodes: Iterable[Node], kind: type[And] | type[Or], nothing: Node, decided: Node) -> Node:
    flat: list[Node] = []
    for node in nodes:
        flat += node.of if isinstance(node, kind) else (node,)
    if decided in flat:
        return decided
    told = tuple(dict.fromkeys(node for node in flat if node != nothing))
    return told[0] if len(told) == 1 else kind(told)


def negated(node: Node) -> Node:
    """What it is not."""
    if isinstance(node, Not):
        return node.of
    return NONE if node == ALL else ALL if node == NONE else Not(node)


def settled(node: Node, decide: Callable[[Leaf], bool | None]) -> Node:
    """The tree once it is known of some leaves whether they hold; decide answers None for the others."""
    if isinstance(node, And):
        return every(settled(each, decide) for each in node.of)
    if isinstance(node, Or):
        return either(settled(each, decide) for each in node.of)
    if isinstance(node, Not):
        return negated(settled(node.of, decide))
    holds = decide(node)
    return node if holds is None else ALL if holds else NONE


def widened(node: Node, wide: Callable[[Leaf], Node | None], positive: bool = True) -> Node:
    """A tree that finds at least as much. wide: for a leaf that cannot be asked for exactly, one that finds at least as
    much; None for an exact one. Below a minus such a leaf finds nothing, so that its opposite is everything."""
    if isinstance(node, And):
        return every(widened(each, wide, positive) for each in node.of)
    if isinstance(node, Or):
        return either(widened(each, wide, positive) for each in node.of)
    if isinstance(node, Not):
        return negated(widened(node.of, wide, not positive))
    more = wide(node)
    return node if more is None else more if positive else NONE


def leaves(node: Node) -> Iterator[Leaf]:
    """Every leaf, in order."""
    if isinstance(node, And | Or):
        for each in node.of:
            yield from leaves(each)
    elif isinstance(node, Not):
        yield from leaves(node.of)
    else:
        yield node
