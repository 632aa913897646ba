"""Which letters name each other: Message-ID, References and In-Reply-To of a stretch of a mailbox, in few octets."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from webmail.mail.headers import Headers
from webmail.mail.ids import Uid

_MOST_NAMES: Final = 24
"""Identifiers of one letter that are kept: the first of a talk and the latest (R15)."""


@dataclass(slots=True)
class Links:
    """low, uidnext: what was looked at, low <= uid < uidnext. messages: how many the mailbox had then."""

    low: int
    uidnext: int = 0
    messages: int = 0
    _uids: array[int] = field(default_factory=lambda: array("I"))
    _names: array[int] = field(default_factory=lambda: array("q"))

    def __post_init__(self) -> None:
        self.uidnext = self.uidnext or self.low

    def copy(self, messages: int) -> Links:
        """To add to, while others read this one."""
        return Links(self.low, self.uidnext, messages, self._uids[:], self._names[:])

    def add(self, uid: Uid, names: Iterable[str]) -> None:
        """A letter and every identifier in its header."""
        self.uidnext = max(self.uidnext, uid + 1)
        for name in names:
            self._uids.append(uid)
            self._names.append(hash(name))

    def joined(self, names: Iterable[str]) -> set[Uid]:
        """The letters that bear or answer one of these, those that share an identifier with them, and so on."""
        bearers: defaultdict[int, list[int]] = defaultdict(list)
        borne: defaultdict[int, list[int]] = defaultdict(list)
        for uid, name in zip(self._uids, self._names, strict=True):
            bearers[name].append(uid)
            borne[uid].append(name)
        found: set[Uid] = set()
        seen = {hash(name) for name in names}
        waiting = list(seen)
        while waiting:
            for uid in bearers.get(waiting.pop(), ()):
                if uid not in found:
                    found.add(Uid(uid))
                    new = [name for name in borne[uid] if name not in seen]
                    seen.update(new)
                    waiting += new
        return found

    @property
    def size(self) -> int:
        """Octets, about."""
        return 200 + 12 * len(self._uids)


def names_in(headers: Headers) -> tuple[str, ...]:
    """Every identifier by which a letter hangs together with others; its own first."""
    parent = headers.in_reply_to
    above = headers.references or ((parent,) if parent else ())
    kept = above if len(above) < _MOST_NAMES else (above[0], *above[2 - _MOST_NAMES :])
    return tuple(dict.fromkeys(name for name in (headers.message_id, *kept) if name))
