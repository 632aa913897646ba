"""How a search was understood, in words; and what of it was not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import reduce
from typing import Final

from webmail.languages import N_
from webmail.mail.conditions import Age, And, File, HasFile, In, Label, Leaf, Node, Not, Or, Size, When, Words
from webmail.mail.query import STATES, LeftOut
from webmail.web import filters
from webmail.web.words import _, ngettext, pgettext

# Translators: conditions of a search, as in "from Nora and not starred". They begin no sentence.
_FIELDS: Final = {
    "from": N_("from %(words)s"), "to": N_("to %(words)s"), "cc": N_("copy to %(words)s"),
    "bcc": N_("blind copy to %(words)s"), "subject": N_("subject has %(words)s"), "body": N_("text has %(words)s"),
    "list": N_("mailing list %(words)s"),
}  # fmt: skip
_STATES: Final[Mapping[str, Callable[[], str]]] = {
    "unread": lambda: pgettext("a condition", "unread"), "read": lambda: pgettext("a condition", "read"),
    "starred": lambda: pgettext("a condition", "starred"), "unstarred": lambda: pgettext("a condition", "unstarred"),
    "answered": lambda: pgettext("a condition", "answered"),
    "unanswered": lambda: pgettext("a condition", "unanswered"),
    "forwarded": lambda: pgettext("a condition", "forwarded"), "draft": lambda: pgettext("a condition", "draft"),
    "muted": lambda: pgettext("a condition", "muted"), "pinned": lambda: pgettext("a condition", "pinned"),
}  # fmt: skip
_AGES: Final[Mapping[tuple[bool, str], Callable[[int], str]]] = {
    (True, "h"): lambda n: ngettext("older than %(count)s hour", "older than %(count)s hours", n),
    (True, "d"): lambda n: ngettext("older than %(count)s day", "older than %(count)s days", n),
    (True, "w"): lambda n: ngettext("older than %(count)s week", "older than %(count)s weeks", n),
    (True, "m"): lambda n: ngettext("older than %(count)s month", "older than %(count)s months", n),
    (True, "y"): lambda n: ngettext("older than %(count)s year", "older than %(count)s years", n),
    (False, "h"): lambda n: ngettext("newer than %(count)s hour", "newer than %(count)s hours", n),
    (False, "d"): lambda n: ngettext("newer than %(count)s day", "newer than %(count)s days", n),
    (False, "w"): lambda n: ngettext("newer than %(count)s week", "newer than %(count)s weeks", n),
    (False, "m"): lambda n: ngettext("newer than %(count)s month", "newer than %(count)s months", n),
    (False, "y"): lambda n: ngettext("newer than %(count)s year", "newer than %(count)s years", n),
}
# Translators: conditions of a search about a day, a month or a year.
_OF_DAYS: Final = {"before": N_("before %(day)s"), "after": N_("since %(day)s"), "on": N_("on %(day)s")}
_OF_MONTHS: Final = {"before": N_("before %(month)s"), "after": N_("since %(month)s"), "on": N_("in %(month)s")}
_OF_YEARS: Final = {
    "before": N_("before the beginning of %(year)s"), "after": N_("since the beginning of %(year)s"),
    "on": N_("in %(year)s"),
}  # fmt: skip
_RELATIVE: Final = {
    ("before", "today"): N_("before today"), ("before", "yesterday"): N_("before yesterday"),
    ("after", "today"): N_("since today"), ("after", "yesterday"): N_("since yesterday"),
    ("on", "today"): N_("of today"), ("on", "yesterday"): N_("of yesterday"),
}  # fmt: skip

# Translators: typed: a piece of a search that could not be understood. What is to be written is the same in every
# language.
_LEFT_OUT: Final = {
    "empty": N_("“%(typed)s” was left out: nothing stands behind it."),
    "many": N_("“%(typed)s” was left out: there is more here than one search takes."),
    **dict.fromkeys(
        ("before", "after", "on"),
        N_("“%(typed)s” was left out: write a day as 2026-03-31, a month as 2026-03, or today or yesterday."),
    ),
    **dict.fromkeys(("older_than", "newer_than"), N_("“%(typed)s” was left out: write 12h, 7d, 2w, 6m or 1y.")),
    **dict.fromkeys(("larger", "smaller"), N_("“%(typed)s” was left out: write a size as 500K, 5M or 1G.")),
    "is": N_("“%(typed)s” was left out: what can be asked for is %(states)s."),
}
_NO_SUCH: Final = N_("“%(typed)s” was left out: only has:attachment is known here.")


def words(node: Node) -> str:
    """One condition as it is read out."""
    if isinstance(node, And):
        return reduce(_both, map(_inner, node.of)) if node.of else _("everything")
    if isinstance(node, Or):
        return reduce(_either, map(_inner, node.of)) if node.of else ""
    if isinstance(node, Not):
        # Translators: what: a condition of a search, as in "not starred".
        return _("not %(what)s", what=_inner(node.of))
    return _leaf(node)


def _both(one: str, other: str) -> str:
    # Translators: two conditions of a search.
    return _("%(one)s and %(other)s", one=one, other=other)


def _either(one: str, other: str) -> str:
    # Translators: two conditions of a search.
    return _("%(one)s or %(other)s", one=one, other=other)


def _inner(node: Node) -> str:
    return f"({words(node)})" if isinstance(node, And | Or) else words(node)


def _leaf(leaf: Leaf) -> str:
    if isinstance(leaf, Words):
        quoted = leaf.exact or leaf.field in ("subject", "body")
        # Translators: words that are searched for.
        text = _("“%(words)s”", words=leaf.text) if quoted else leaf.text
        return _(_FIELDS[leaf.field], words=text) if leaf.field else text
    if isinstance(leaf, HasFile):
        return pgettext("a condition", "with a file")
    if isinstance(leaf, File):
        return _("a file named “%(name)s”", name=leaf.name)
    if isinstance(leaf, Size):
        size = filters.size_text(leaf.octets)
        return _("larger than %(size)s", size=size) if leaf.larger else _("smaller than %(size)s", size=size)
    if isinstance(leaf, When):
        return _when(leaf)
    if isinstance(leaf, Age):
        return _AGES[leaf.older, leaf.unit](leaf.count)
    if isinstance(leaf, In):
        return _("in %(folder)s", folder=leaf.name)
    return _("label %(label)s", label=leaf.name) if isinstance(leaf, Label) else _STATES[leaf.state]()


def _when(leaf: When) -> str:
    if (leaf.how, leaf.day) in _RELATIVE:
        return _(_RELATIVE[leaf.how, leaf.day])
    year, *rest = (int(piece) for piece in leaf.day.split("-"))
    if len(rest) == 2:
        return _(_OF_DAYS[leaf.how], day=filters.day_text(date(year, *rest)))
    if rest:
        return _(_OF_MONTHS[leaf.how], month=filters.month_text(date(year, rest[0], 1)))
    return _(_OF_YEARS[leaf.how], year=year)


def left_out(piece: LeftOut) -> str:
    """What was not searched for, and what to write instead."""
    states = ", ".join(dict.fromkeys(STATES.values())) if piece.kind == "is" else ""
    said = _LEFT_OUT.get(piece.kind, _NO_SUCH)
    return _(said, typed=piece.typed, states=states)
