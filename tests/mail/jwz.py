"""Who belongs together by the algorithm that everybody names, written down step by step for comparison alone.

Jamie Zawinski, "message threading", steps 1 to 4, as RFC 5256 THREAD=REFERENCES repeats them in its steps 1 to 3:
tables of containers, links from References in their order, a letter's own last reference before what others say of it.
Nothing here is bounded or quick, and subjects are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from webmail.mail.threads import Linked


@dataclass(eq=False)
class Container:
    letter: Linked | None = None
    parent: Container | None = None
    children: list[Container] = field(default_factory=list)

    def within(self, other: Container) -> bool:
        """Whether this is the other one, or somewhere below it."""
        here: Container | None = self
        while here is not None:
            if here is other:
                return True
            here = here.parent
        return False

    def adopt(self, child: Container) -> None:
        if child.parent is not None:
            child.parent.children.remove(child)
        child.parent = self
        self.children.append(child)


def groups(letters: Iterable[Linked]) -> set[frozenset[int]]:
    """Sets of UIDs that belong together."""
    table: dict[object, Container] = {}
    everybody: list[Container] = []
    for letter in letters:
        # Step 1A. A second letter of one name gets a container of its own.
        mine = table.get(letter.message_id) if letter.message_id else None
        if mine is None or mine.letter is not None:
            mine = Container()
            if letter.message_id and letter.message_id not in table:
                table[letter.message_id] = mine
        mine.letter = letter
        everybody.append(mine)
        # Step 1B.
        above: Container | None = None
        for name in letter.references:
            here = table.setdefault(name, Container())
            if above is not None and here.parent is None and not above.within(here):
                above.adopt(here)
            above = here
        # Step 1C.
        if above is not None and not above.within(mine):
            above.adopt(mine)
    found: dict[int, set[int]] = {}
    for one in everybody:
        top = one
        while top.parent is not None:
            top = top.parent
        assert one.letter
        found.setdefault(id(top), set()).add(one.letter.uid)
    return {frozenset(group) for group in found.values()}
