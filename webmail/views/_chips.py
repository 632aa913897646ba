"""How a search was understood, in words; and what of it was not."""

from __future__ import annotations

from datetime import date
from typing import Final

from webmail.mail import moments
from webmail.mail.conditions import Age, And, File, HasFile, In, Label, Leaf, Node, Not, Or, Size, When, Words
from webmail.mail.query import STATES, LeftOut
from webmail.web import filters

_FIELDS: Final = {
    "from": "from", "to": "to", "cc": "copy to", "bcc": "blind copy to", "subject": "subject has",
    "body": "text has", "list": "mailing list",
}  # fmt: skip
_UNITS: Final = {"h": "hour", "d": "day", "w": "week", "m": "month", "y": "year"}
_HOW: Final = {"before": "before", "after": "since", "on": "on"}
_DATES: Final = ("before", "after", "on")


def words(node: Node) -> str:
    """One condition as it is read out."""
    if isinstance(node, And):
        return " and ".join(_inner(each) for each in node.of) or "everything"
    if isinstance(node, Or):
        return " or ".join(_inner(each) for each in node.of)
    if isinstance(node, Not):
        return f"not {_inner(node.of)}"
    return _leaf(node)


def _inner(node: Node) -> str:
    return f"({words(node)})" if isinstance(node, And | Or) else words(node)


def _leaf(leaf: Leaf) -> str:
    if isinstance(leaf, Words):
        text = f"\u201c{leaf.text}\u201d" if leaf.exact or leaf.field in ("subject", "body") else leaf.text
        return f"{_FIELDS[leaf.field]} {text}" if leaf.field else text
    if isinstance(leaf, HasFile):
        return "with a file"
    if isinstance(leaf, File):
        return f"a file named \u201c{leaf.name}\u201d"
    if isinstance(leaf, Size):
        return f"{'larger' if leaf.larger else 'smaller'} than {filters.size_text(leaf.octets)}"
    if isinstance(leaf, When):
        return f"{_HOW[leaf.how]} {_day(leaf)}"
    if isinstance(leaf, Age):
        unit = _UNITS[leaf.unit] + ("" if leaf.count == 1 else "s")
        return f"{'older' if leaf.older else 'newer'} than {leaf.count} {unit}"
    if isinstance(leaf, In):
        return f"in {leaf.name}"
    return f"label {leaf.name}" if isinstance(leaf, Label) else leaf.state


def _day(leaf: When) -> str:
    if leaf.day in moments.RELATIVE:
        return leaf.day
    year, *rest = (int(piece) for piece in leaf.day.split("-"))
    if len(rest) == 2:
        return filters.day_text(date(year, *rest))
    return (
        f"{filters.MONTHS[rest[0] - 1]} {year}"
        if rest
        else f"the beginning of {year}"
        if leaf.how != "on"
        else str(year)
    )


def left_out(piece: LeftOut) -> str:
    """What was not searched for, and what to write instead."""
    said = f"\u201c{piece.typed}\u201d was left out: "
    if piece.kind == "empty":
        return said + "nothing stands behind it."
    if piece.kind == "many":
        return said + "there is more here than one search takes."
    if piece.kind in _DATES:
        return said + "write a day as 2026-03-31, a month as 2026-03, or today or yesterday."
    if piece.kind in ("older_than", "newer_than"):
        return said + "write 12h, 7d, 2w, 6m or 1y."
    if piece.kind in ("larger", "smaller"):
        return said + "write a size as 500K, 5M or 1G."
    if piece.kind == "is":
        return said + f"what can be asked for is {', '.join(dict.fromkeys(STATES.values()))}."
    return said + "only has:attachment is known here."
