"""What somebody typed into the search field, as a tree. Nothing that can be typed is an error: what is no operator is a
word, and an operator whose value makes no sense is left out and named.

The words are those that people know from elsewhere: from:, has:attachment, older_than:7d, a minus for "not", OR between
neighbours (it binds closer than the space, which means "and"), quotes for what stands together, brackets.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from webmail.mail import moments
from webmail.mail.conditions import (
    ALL,
    Age,
    And,
    File,
    HasFile,
    In,
    Is,
    Label,
    Leaf,
    Node,
    Not,
    Or,
    Size,
    When,
    Words,
    either,
    every,
    negated,
)
from webmail.mail.names import clean_line

LONGEST: Final = 2000
"""Characters of a query; the rest is not read."""

_LONGEST_WORD: Final = 200
_MOST: Final = 40
"""Leaves of a tree: each is looked for in every message."""

_DEEPEST: Final = 12


FIELDS: Final = ("from", "to", "cc", "bcc", "subject", "body", "list")
STATES: Final = {
    "unread": "unread", "unseen": "unread", "read": "read", "seen": "read", "starred": "starred",
    "flagged": "starred", "unstarred": "unstarred", "answered": "answered", "replied": "answered",
    "unanswered": "unanswered", "unreplied": "unanswered", "forwarded": "forwarded", "draft": "draft",
    "muted": "muted", "pinned": "pinned",
}  # fmt: skip
"""What stands behind is:, and what it is called here."""

_NAMES: Final = {
    **{name: name for name in (*FIELDS, "is", "has", "filename", "before", "after", "on", "older_than", "newer_than")},
    **{name: name for name in ("larger", "smaller", "in", "label")},
    "sender": "from", "recipient": "to", "title": "subject", "text": "body", "file": "filename", "older": "before",
    "newer": "after", "since": "after", "date": "on", "size": "larger", "larger_than": "larger",
    "smaller_than": "smaller", "folder": "in", "tag": "label", "keyword": "label",
}  # fmt: skip
OPERATORS: Final = tuple(dict.fromkeys(_NAMES.values()))
"""Every operator by the name that it has here."""

_SIZE: Final = re.compile(r"(\d{1,10})(?:[.,](\d{1,3}))? ?(?:([kmg])(?:i?b)?|b|bytes)?", re.IGNORECASE)
_UNITS: Final = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3}
_LARGEST: Final = (1 << 32) - 1

_QUOTES: Final = str.maketrans("\u201c\u201d\u201e\u201f\u00ab\u00bb", '""""""')
_TOKEN: Final = re.compile(r'(?P<space>\s+)|(?P<open>\()|(?P<close>\))|"(?P<quoted>[^"]*)"?|(?P<word>[^\s()"]+)')
_OPERATOR: Final = re.compile(r"([A-Za-z_]+):(.*)", re.DOTALL)
_JOINS: Final = ("OR", "AND", "NOT", "|")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A piece that was not understood. kind: the operator, "empty" when nothing stands behind it, "many"."""

    kind: str
    typed: str


@dataclass(frozen=True, slots=True)
class Query:
    """root: the tree. left_out: what is not in it."""

    root: Node
    left_out: tuple[LeftOut, ...] = ()

    @property
    def pieces(self) -> tuple[Node, ...]:
        """What all has to be true, one by one."""
        return self.root.of if isinstance(self.root, And) else (self.root,)


def parse(typed: str) -> Query:
    """Never raises."""
    text = unicodedata.normalize("NFC", clean_line(typed.translate(_QUOTES)))[:LONGEST]
    reader = _Reader(list(_tokens(text)))
    root = reader.all_of("", 0)
    return Query(root, tuple(reader.left_out))


def condition(name: str, value: str) -> Node | None:
    """One operator with its value, as a field of a form has it; None when the value is empty or makes no sense."""
    value = unicodedata.normalize("NFC", clean_line(value.translate(_QUOTES).replace('"', " ")))[:_LONGEST_WORD].strip()
    return _made(name, value, False) if value else None


# --- back to text -----------------------------------------------------------------------------------------------------


def render(node: Node) -> str:
    """The tree as somebody could have typed it; parse makes the same tree of it."""
    if isinstance(node, And):
        return " ".join(_piece(each, And) for each in node.of)
    return _piece(node, And)


def _piece(node: Node, around: type[And] | type[Or] | type[Not]) -> str:
    if isinstance(node, Not):
        return f"-{_piece(node.of, Not)}"
    if isinstance(node, And):
        return f"({render(node)})"
    if isinstance(node, Or):
        text = " OR ".join(_piece(each, Or) for each in node.of)
        return text if around is And else f"({text})"
    return _leaf(node)


def _leaf(leaf: Leaf) -> str:
    if isinstance(leaf, Words):
        if leaf.field:
            return f"{leaf.field}:{_quoted(leaf.text)}"
        return f'"{leaf.text}"' if leaf.exact else leaf.text
    if isinstance(leaf, HasFile):
        return "has:attachment"
    if isinstance(leaf, Size):
        unit = next((u for u in ("g", "m", "k") if leaf.octets and not leaf.octets % _UNITS[u]), "")
        return f"{'larger' if leaf.larger else 'smaller'}:{leaf.octets // _UNITS[unit]}{unit.upper()}"
    if isinstance(leaf, When):
        return f"{leaf.how}:{leaf.day}"
    if isinstance(leaf, Age):
        return f"{'older' if leaf.older else 'newer'}_than:{leaf.count}{leaf.unit}"
    if isinstance(leaf, Is):
        return f"is:{leaf.state}"
    name = "filename" if isinstance(leaf, File) else "in" if isinstance(leaf, In) else "label"
    return f"{name}:{_quoted(leaf.name)}"


def _quoted(text: str) -> str:
    return f'"{text}"' if re.search(r"[\s()]", text) else text


# --- reading ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Token:
    """kind: open, close, quoted, word. glued: no space before it."""

    kind: str
    text: str
    glued: bool


def _tokens(text: str) -> Iterator[_Token]:
    glued = False
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or ""
        if kind != "space":
            yield _Token(kind, found[kind], glued)
        glued = kind != "space"


@dataclass(slots=True)
class _Reader:
    tokens: list[_Token]
    at: int = 0
    count: int = 0
    left_out: list[LeftOut] = field(default_factory=list)

    def peek(self) -> _Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def all_of(self, operator: str, depth: int) -> Node:
        """Up to the bracket that closes, or the end. operator: what a word without one of its own is read with."""
        found: list[Node] = []
        joins = False
        while (token := self.peek()) is not None:
            if token.kind == "close":
                if depth:
                    break
                self.at += 1
            elif token.kind == "word" and token.text in ("OR", "|", "AND"):
                joins = token.text != "AND" and bool(found)
                self.at += 1
            else:
                term = self.term(operator, depth)
                if term is None:
                    continue
                if joins:
                    found[-1] = either((found[-1], term))
                else:
                    found.append(term)
                joins = False
        return every(found)

    def term(self, operator: str, depth: int) -> Node | None:
        token = self.tokens[self.at]
        self.at += 1
        if token.kind == "open":
            return self.group(operator, depth)
        if token.kind == "quoted":
            return self.leaf(operator, token.text, exact=True)
        if token.text in ("OR", "AND", "|"):
            return None
        following = self.peek()
        if token.text == "NOT" or (token.text == "-" and following and following.glued):
            if following is None or following.kind == "close":
                return None
            return _opposite(self.term(operator, depth))
        if token.text.startswith("-"):
            return _opposite(self.word(token.text[1:], operator, depth))
        return self.word(token.text, operator, depth)

    def group(self, operator: str, depth: int) -> Node | None:
        if depth >= _DEEPEST:
            return None
        inner = self.all_of(operator, depth + 1)
        self.at += 1
        return None if inner == ALL else inner

    def word(self, text: str, operator: str, depth: int) -> Node | None:
        if not text:
            return None
        found = _OPERATOR.fullmatch(text)
        name = _NAMES.get(found[1].lower()) if found else None
        if found is None or name is None:
            return self.leaf(operator, text)
        if found[2]:
            return self.leaf(name, found[2])
        following = self.peek()
        if following is not None and following.kind == "open":
            self.at += 1
            return self.group(name, depth)
        if following is not None and (following.kind == "quoted" or _is_plain(following)):
            self.at += 1
            return self.leaf(name, following.text)
        self.left_out.append(LeftOut("empty", text))
        return None

    def leaf(self, name: str, value: str, *, exact: bool = False) -> Node | None:
        value = value.strip()[:_LONGEST_WORD].strip()
        if not value:
            return None
        self.count += 1
        made = _made(name, value, exact)
        if made is None or self.count > _MOST:
            self.left_out.append(LeftOut("many" if self.count > _MOST else name, f"{name}:{value}" if name else value))
            return None
        return made


def _opposite(node: Node | None) -> Node | None:
    return None if node is None else negated(node)


def _is_plain(token: _Token) -> bool:
    """A word that is nothing but a word: somebody typed "from: ana"."""
    operator = _OPERATOR.fullmatch(token.text)
    if token.kind != "word" or token.text in _JOINS or token.text.startswith("-"):
        return False
    return operator is None or operator[1].lower() not in _NAMES


def _made(name: str, value: str, exact: bool) -> Node | None:
    """The leaf for an operator and its value; None when the value makes no sense."""
    if not name:
        return Words("", value, exact or value.startswith("-") or value in _JOINS)
    if name in FIELDS:
        return Words(name, value)
    if name in ("in", "label"):
        return In(value) if name == "in" else Label(value)
    if name == "filename":
        return File(value)
    if name == "is":
        state = STATES.get(value.lower())
        return Is(state) if state else None
    if name == "has":
        return HasFile() if value.lower() in ("attachment", "attachments", "file", "files") else None
    if name in ("larger", "smaller"):
        octets = _octets(value)
        return None if octets is None else Size(name == "larger", octets)
    if name in ("older_than", "newer_than"):
        age = moments.age(value)
        return None if age is None else Age(name == "older_than", *age)
    day = moments.spec(value)
    return None if day is None else When(name, day)


def _octets(value: str) -> int | None:
    """ "5M", "1.5 MB", "300k", "2000": decimal units, as sizes are shown."""
    found = _SIZE.fullmatch(value)
    if found is None:
        return None
    unit, part = _UNITS[(found[3] or "").lower()], found[2] or ""
    return min(int(found[1]) * unit + (int(part) * unit // 10 ** len(part) if part else 0), _LARGEST)
