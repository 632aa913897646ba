"""The grammar of address lists (RFC 5322 3.4 and 4.4), read in one pass over whatever senders write.

The standard library's reader recurses on hostile lists and changed its mind about malformed ones between versions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_ANGLE: Final = re.compile(r"<+([^<>]*)(>*)")
_ANGLE_QUOTED: Final = re.compile(r'<("(?:[^"\\]|\\.){0,200}"@[^<>\s]*)>', re.DOTALL)
_PAREN: Final = re.compile(r"\\.|[()]", re.DOTALL)
_ENCODED_WORD: Final = re.compile(r"=\?[^?\s]{1,60}\?[bBqQ]\?[^?\s]*\?=")
_ATOM: Final = re.compile(r"(?:\[[^\[\]\s<>,;]*\]|[^\s\"<>(),;:\[])+")
_SKIPPED: Final = re.compile(r'[\s>]+|[\s">]+')  # a quotation mark that follows a space may still begin a name
_STRAY: Final = re.compile(r"(?:\(|\)|\[(?![^\[\]\s<>,;]*\]))+")
_COMMENT: Final = re.compile(r"\([^()]*\)")
_ROUTE: Final = re.compile(r"^@[^:]*:")  # RFC 5322 4.4: obsolete source route

_STEPS: Final = 40
"""Words, spaces and signs that are read for each address that may be found: names have a few of them (R15)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One address as written. name: unquoted, undecoded. raw: the text it was read from."""

    name: str
    address: str
    raw: str


def read(text: str, *, most: int) -> list[Entry]:
    """Entries of an address list, groups flattened, at most `most`. Never raises; time is linear in the text."""
    return _Reader(text, most).read()


@dataclass(slots=True)
class _Pending:
    """What has been read since the last separator. words: (text, quoted, glued to the word before)."""

    start: int = 0
    words: list[tuple[str, bool, bool]] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    angle: str | None = None

    def name(self) -> str:
        pieces = [word if glued else " " + word for word, _, glued in self.words]
        return "".join(pieces).strip() or " ".join(self.comments)

    def entry(self, raw: str) -> Entry | None:
        raw = raw.strip()
        if self.angle is not None:
            return Entry(self.name(), _ROUTE.sub("", _COMMENT.sub("", self.angle).strip()), raw)
        spec = self._bare()
        return Entry(self.name(), spec, raw) if self.words or self.comments or spec else None

    def _bare(self) -> str:
        """An addr-spec without angle brackets, taken out of the words: a@b, or "a b"@c, or a @ b."""
        for index, (word, quoted, _) in enumerate(self.words):
            if quoted or "@" not in word:
                continue
            if word[0] != "@" and word[-1] != "@":
                del self.words[index]
                return word
            spec = "".join(f'"{text}"' if marked else text for text, marked, _ in self.words)
            self.words = []
            return spec
        return ""


class _Reader:
    def __init__(self, text: str, most: int) -> None:
        self.text, self.most = text, most
        self.at = 0
        self.entries: list[Entry] = []
        self.pending = _Pending()
        self.last_semicolon = text.rfind(";")
        # once one quote or comment is found to have no end, no later one is looked for: that keeps time linear
        self.quotes = self.comments = True

    def read(self) -> list[Entry]:
        left = _STEPS * self.most
        while self.at < len(self.text) and len(self.entries) < self.most and left:
            self._step(self.text[self.at])
            left -= 1
        self._separate()
        return self.entries[: self.most]

    def _step(self, character: str) -> None:
        if character in ",;":
            self._separate()
        elif character == ":":
            self._colon()
        elif character == "<":
            self._angle()
        elif character == '"' and self.quotes:
            self._quoted()
        elif character == "(" and self.comments:
            self._comment()
        else:
            self._atom()

    def _separate(self) -> None:
        entry = self.pending.entry(self.text[self.pending.start : self.at])
        if entry is not None:
            self.entries.append(entry)
        self.at += 1
        self.pending = _Pending(start=self.at)

    def _colon(self) -> None:
        """The name of a group is dropped; a colon without a semicolon to come is a sloppy display name."""
        if self.at < self.last_semicolon and self.pending.angle is None:
            self.at += 1
            self.pending = _Pending(start=self.at)
        else:
            self._word(":", quoted=False, end=self.at + 1)

    def _angle(self) -> None:
        match = _ANGLE_QUOTED.match(self.text, self.at) or _ANGLE.match(self.text, self.at)
        if match is None:  # cannot be: the second pattern matches every "<"
            self.at += 1
            return
        spec, end = match[1], match.end()
        if match.re is _ANGLE and not match[2] and "," in spec:  # "<a@b, Bob <b@c>": the first bracket was never closed
            spec = spec.partition(",")[0]
            end = match.start(1) + len(spec)
        if self.pending.angle is None or "@" not in self.pending.angle:
            self.pending.angle = spec
        self.at = end

    def _quoted(self) -> None:
        match = _QUOTED.match(self.text, self.at)
        if match is None:
            self.quotes = False
        else:
            self._word(_ESCAPED.sub(r"\1", match[1]), quoted=True, end=match.end())

    def _comment(self) -> None:
        depth = 0
        for paren in _PAREN.finditer(self.text, self.at):
            depth += {"(": 1, ")": -1}.get(paren[0], 0)
            if depth == 0:
                self.pending.comments.append(_ESCAPED.sub(r"\1", self.text[self.at + 1 : paren.start()]).strip())
                self.at = paren.end()
                return
        self.comments = False

    def _atom(self) -> None:
        match = _ENCODED_WORD.match(self.text, self.at) or _ATOM.match(self.text, self.at)
        if match is not None:
            self._word(match[0], quoted=False, end=match.end())
        elif match := _SKIPPED.match(self.text, self.at):
            self.at = match.end()
        else:
            match = None if self.comments else _STRAY.match(self.text, self.at)
            end = match.end() if match else self.at + 1
            self._word(self.text[self.at : end], quoted=False, end=end)

    def _word(self, word: str, *, quoted: bool, end: int) -> None:
        glued = self.at > self.pending.start and not self.text[self.at - 1].isspace()
        self.pending.words.append((word, quoted, glued))
        self.at = end
