"""How deep the parser's stack of open elements will be, known before the parser runs (HTML Standard 13.2.4, 13.2.6).

html5ever needs time quadratic in the depth, so depth is bounded beforehand and in linear time. Not a tree builder: it
follows the few rules that decide what an end tag can close, leans to the deep side, and says for each tag whether to
write it. A tag left out loses its box; its text stays (R2: flattened, not lost).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from webmail.errors import TooLarge

from .rules import BLOCKS, FORMATTING, MAX_ACTIVE, MAX_DEPTH, MAX_REOPENED, TABLE_PARTS, VOID, words

T = TypeVar("T")

_HEADINGS = words("h1 h2 h3 h4 h5 h6")
_LISTED = {"li": frozenset({"li"}), "dd": frozenset({"dd", "dt"}), "dt": frozenset({"dd", "dt"})}
_CELLS = frozenset({"td", "th", "caption"})
_WALLS = _CELLS | {"table"}  # "has an element in scope" ends here
_SPECIAL = BLOCKS | TABLE_PARTS | {"table"}
_CLOSES_P = BLOCKS
_ROWS = frozenset({"tbody", "thead", "tfoot"})
_CONTEXT = {
    "col": frozenset({"colgroup", "table"}),
    "tr": _ROWS | {"table"},
    "td": _ROWS | {"tr", "table"},
    "th": _ROWS | {"tr", "table"},
}
_MISSING = {"col": ["colgroup"], "tr": ["tbody"], "td": ["tbody", "tr"], "th": ["tbody", "tr"]}
_TABLE = frozenset({"table"})


@dataclass(slots=True)
class Nesting(Generic[T]):
    """Open elements, innermost last, each with what the caller knows about it.

    closed: what the last `opens` or `closes` took off, innermost first.
    """

    names: list[str] = field(default_factory=list)
    known: list[T] = field(default_factory=list)
    depth: int = 0
    flattened: int = 0
    closed: list[str] = field(default_factory=list)
    _open: dict[str, int] = field(default_factory=dict)
    _left_out: dict[str, int] = field(default_factory=dict)
    _formatting: int = 0
    _loose: int = 0
    _reopened: int = 0

    def copy(self) -> Nesting[T]:
        return replace(
            self,
            closed=[],
            names=self.names[:],
            known=self.known[:],
            _open=self._open.copy(),
            _left_out=self._left_out.copy(),
        )

    def opens(self, name: str) -> bool:
        """Before start tag name: close what it closes by itself. False: leave the tag out.

        Raises TooLarge when formatting elements left open would be opened again by the parser past all measure: fifty
        open <font> and a thousand <p> make fifty thousand elements.
        """
        self.closed = []
        if name in TABLE_PARTS or name == "table":
            if not self._opens_in_table(name):
                return False
        elif name in _CLOSES_P:
            self._implied(name)
        elif name == "a" and self._open.get("a") and self._nearest(frozenset("a"), _WALLS) is not None:
            self._close_formatting("a")
        if name in VOID:
            return True
        crowded = name in FORMATTING and self._formatting + self._loose >= MAX_ACTIVE
        if crowded or self.depth + self._loose >= MAX_DEPTH:
            self.flattened += 1
            self._left_out[name] = self._left_out.get(name, 0) + 1
            return False
        if name not in FORMATTING:
            self._reopened += self._formatting + self._loose
            if self._reopened > MAX_REOPENED:
                raise TooLarge
        return True

    def push(self, name: str, known: T) -> None:
        self.names.append(name)
        self.known.append(known)
        self.depth += 1
        self._open[name] = self._open.get(name, 0) + 1
        if name in FORMATTING:
            self._formatting += 1

    def ends(self, name: str) -> bool:
        """End tag name, where it closes the innermost element and nothing else; False: ask `closes`."""
        names = self.names
        if not names or names[-1] != name or self._left_out:
            return False
        names.pop()
        self.known.pop()
        self.depth -= 1
        self._open[name] -= 1
        if name in FORMATTING:
            self._formatting -= 1
        return True

    def closes(self, name: str) -> bool:
        """End tag name. False: it closes nothing, leave it out."""
        self.closed = []
        if self._left_out.get(name):
            self._left_out[name] -= 1
            return False
        if name in FORMATTING:
            return self._close_formatting(name)
        if not self._open.get(name) and name not in _HEADINGS:
            return False
        index = self._find(name)
        if index is None:
            return False
        self._pop_to(index)
        return True

    def missing(self, name: str) -> list[str]:
        """Parts of a table that the parser puts around name where nobody wrote them (13.2.6.4.9)."""
        top = self.names[-1] if self.names else ""
        if top == "table":
            return _MISSING.get(name, [])
        return ["tr"] if top in _ROWS and name in ("td", "th") else []

    def _find(self, name: str) -> int | None:
        wanted = _HEADINGS if name in _HEADINGS else frozenset({name})
        if name in TABLE_PARTS or name == "table":
            walls = _TABLE
        elif name in _SPECIAL:
            walls = _WALLS | {"ol", "ul"} if name == "li" else _WALLS
        else:
            walls = _SPECIAL
        return self._nearest(wanted, walls)

    def _nearest(self, wanted: frozenset[str], walls: frozenset[str]) -> int | None:
        for index in range(len(self.names) - 1, -1, -1):
            if self.names[index] in wanted:
                return index
            if self.names[index] in walls:
                return None
        return None

    def _close_formatting(self, name: str) -> bool:
        index = self._nearest(frozenset({name}), _WALLS) if self._open.get(name) else None
        if index is None:
            # It may still be on the parser's list of active formatting elements.
            written = self._loose > 0
            self._loose -= written
            return written
        if any(above in _SPECIAL for above in self.names[index + 1 :]):
            self._delete(index)
        else:
            self._pop_to(index)
            self._loose -= 1
        return True

    def _opens_in_table(self, name: str) -> bool:
        if name == "table":
            around = self._nearest(_WALLS, frozenset())
            if around is not None and self.names[around] == "table":
                self._pop_to(around)
            return True
        if not self._open.get("table"):
            return False
        wanted = _CONTEXT.get(name, _TABLE)
        if self.names[-1] in wanted:
            return True
        context = self._nearest(wanted, frozenset())
        if context is not None:
            self._pop_to(context + 1)
        return True

    def _implied(self, name: str) -> None:
        if self._open.get("p"):
            index = self._nearest(frozenset({"p"}), _WALLS)
            if index is not None:
                self._pop_to(index)
        if name in _LISTED:
            walls = _SPECIAL - {"address", "div", "p"} - _LISTED[name]
            index = self._nearest(_LISTED[name], walls)
            if index is not None:
                self._pop_to(index)
        elif name in _HEADINGS and self.names and self.names[-1] in _HEADINGS:
            self._pop_to(len(self.names) - 1)

    def _pop_to(self, index: int) -> None:
        while len(self.names) > index:
            name = self._delete(len(self.names) - 1)
            self.closed.append(name)
            if name in FORMATTING:
                self._loose += 1

    def _delete(self, index: int) -> str:
        name = self.names.pop(index)
        self.known.pop(index)
        self.depth -= 1
        self._open[name] -= 1
        if name in FORMATTING:
            self._formatting -= 1
        return name
