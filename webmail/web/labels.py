"""Labels in the reader's words. The five that every program knows by their keywords have names in every language; what
a person called a label is never changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from webmail.mail import labels as known
from webmail.mail.flags import TAGS
from webmail.mail.labels import Label
from webmail.web.words import pgettext

# Translators: five labels for messages; mail programs have them in this order.
_NAMES: Final[tuple[Callable[[], str], ...]] = (
    lambda: pgettext("a label", "Important"), lambda: pgettext("a label", "Work"),
    lambda: pgettext("a label", "Personal"), lambda: pgettext("a label", "To Do"),
    lambda: pgettext("a label", "Later"),
)  # fmt: skip


def labels(flags: Iterable[str]) -> tuple[Label, ...]:
    """The labels among these flags (mail/labels.py), as the reader calls them."""
    return tuple(map(_said, known.labels(flags)))


def label(keyword: str) -> Label:
    """The label of a keyword for which is_label holds."""
    return _said(known.label(keyword))


def keyword(name: str) -> str:
    """The keyword for a name that a person typed, in the reader's language or in English. Raises ValueError as the
    other one does."""
    typed = name.strip().casefold()
    found = (tag for tag, said in zip(TAGS, _NAMES, strict=True) if said().casefold() == typed)
    return next(found, None) or known.keyword(name)


def _said(one: Label) -> Label:
    low = one.keyword.lower()
    return replace(one, name=_NAMES[TAGS.index(low)]()) if low in TAGS else one
