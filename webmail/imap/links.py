"""Which letters name each other: Message-ID, References and In-Reply-To of a stretch of a mailbox, in few octets."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Final

from webmail.mail.headers import Headers
from webmail.mail.ids import Uid
from webmail.mail.threads import Linked

_NAMELESS: Final = 0
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

    def add(self, uid: Uid, own: str | None, above: Iterable[str]) -> None:
        """A letter, its own identifier and those of the letters that it says it answers."""
        self.uidnext = max(self.uidnext, uid + 1)
        for name in (hash(own) if own else _NAMELESS, *map(hash, above)):
            self._uids.append(uid)
            self._names.append(name)

    def linked(self) -> Iterator[Linked]:
        """Each letter with what it says of its place."""
        for uid, pairs in groupby(zip(self._uids, self._names, strict=True), key=itemgetter(0)):
            own, *above = (name for _, name in pairs)
            yield Linked(Uid(uid), None if own == _NAMELESS else own, tuple(above))

    def joined(self, names: Iterable[str]) -> set[Uid]:
        """The letters that bear or answer one of these, those that share an identifier with them, and so on."""
        bearers: defaultdict[int, list[int]] = defaultdict(list)
        borne: defaultdict[int, list[int]] = defaultdict(list)
        for uid, name in zip(self._uids, self._names, strict=True):
            if name == _NAMELESS:
                continue
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


def names_above(headers: Headers) -> tuple[str, ...]:
    """The letters that this one says it answers, the first of all before the one that it answers itself."""
    parent = headers.in_reply_to
    above = headers.references or ((parent,) if parent else ())
    kept = above if len(above) < _MOST_NAMES else (above[0], *above[2 - _MOST_NAMES :])
    return tuple(dict.fromkeys(name for name in kept if name))


def names_in(headers: Headers) -> tuple[str, ...]:
    """Every identifier by which a letter hangs together with others; its own first."""
    own = headers.message_id
    return tuple(dict.fromkeys((own, *names_above(headers)))) if own else names_above(headers)
