"""Content lines, the grammar that calendars and cards share (RFC 5545 3.1, RFC 6350 3.2, RFC 6868), read and written.

Own code: a library gives up a whole file for one bad line, or needs a second for the worst 200 KB
(docs/decisions/0015-calendars-are-read-here.md). Nothing here raises, and time grows with the text alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from webmail.mail.charset import decode
from webmail.mail.transfer import decode as decode_transfer

MOST_LINES: Final = 5000
LONGEST_VALUE: Final = 32 * 1024
MOST_PARAMETERS: Final = 30
DEEPEST: Final = 4
MOST_COMPONENTS: Final = 500
"""Budgets of R20: lines of a file, characters of a value, parameters of a line, BEGIN in BEGIN, BEGINs of a file."""

_WIDTH: Final = 75
"""Octets of a line that is written (RFC 5545 3.1)."""

_FOLD: Final = re.compile(r"(?:\r\n|\r|\n)[ \t]")
_END: Final = re.compile(r"\r\n|\r|\n")
_NAME: Final = re.compile(r"\s*(?:[A-Za-z0-9_-]{1,40}\.)?([A-Za-z0-9_-]{1,60})\s*(?=[;:])")
_PARAMETER: Final = re.compile(r"\s*([^\s=:;,\"]{1,60})\s*(?:=|(?=[;:]))")
_VALUE: Final = re.compile(r'\s*"([^"]*)"\s*|([^";:,]*)')
_NEXT: Final = re.compile("[;:]")
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_CARET: Final = re.compile(r"\^([n'^])")
_CARETS: Final = {"n": "\n", "'": '"', "^": "^"}
_CONTROLS: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
_PLAIN_NAME: Final = re.compile(r"[A-Z0-9-]{1,60}")

Parameters = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """name, names of parameters: upper case. value: as it stands there, still escaped."""

    name: str
    value: str
    parameters: Parameters = ()

    def parameter(self, name: str) -> str:
        """The first value of a parameter, "" when there is none."""
        return next((values[0] for key, values in self.parameters if key == name and values), "")

    def values(self, name: str) -> tuple[str, ...]:
        """All values of a parameter, however it repeats."""
        return tuple(value for key, values in self.parameters if key == name for value in values)

    @property
    def text(self) -> str:
        """The value as TEXT (RFC 5545 3.3.11)."""
        return unescaped(self.value)


@dataclass(slots=True)
class Component:
    """What stands between BEGIN:name and END:name, in order. cut: something in it was over a budget and left out."""

    name: str
    lines: list[Line] = field(default_factory=list)
    children: list[Component] = field(default_factory=list)
    cut: bool = False

    def first(self, name: str) -> Line | None:
        """The first line of this name."""
        return next((line for line in self.lines if line.name == name), None)

    def all(self, name: str) -> list[Line]:
        """All lines of this name, in order."""
        return [line for line in self.lines if line.name == name]

    def text(self, name: str) -> str:
        """The first line of this name as text, "" when there is none."""
        line = self.first(name)
        return line.text if line else ""

    def walk(self, name: str) -> Iterator[Component]:
        """The components of this name below, in order."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.walk(name)


def read(octets: bytes, charset: str | None) -> Component:
    """The whole file as a component without a name; what cannot be read of it is left out.

    BEGIN and END need not match: an END closes the nearest component of its name, the end of the file closes all.
    """
    utf16 = octets[:2] in (b"\xff\xfe", b"\xfe\xff")
    root = Component("")
    open_: list[Component] = [root]
    skipped = count = 0
    for line in lines(decode(octets, "utf-16") if utf16 else decode(octets, charset), root):
        if line.name == "BEGIN":
            count += 1
            if skipped or len(open_) > DEEPEST or count > MOST_COMPONENTS:
                skipped, root.cut = skipped + 1, True
                continue
            child = Component(line.value.strip().upper()[:40])
            open_[-1].children.append(child)
            open_.append(child)
        elif line.name == "END":
            if skipped:
                skipped -= 1
                continue
            _close(open_, line.value.strip().upper())
        elif not skipped:
            open_[-1].lines.append(line)
    return root


def lines(text: str, root: Component) -> Iterator[Line]:
    """The lines of a text; those that are none are passed over, what is over a budget marks root as cut."""
    pieces = iter(_END.split(_FOLD.sub("", text)))
    for number, raw in enumerate(pieces):
        if number >= MOST_LINES:
            root.cut = True
            return
        line = _line(raw)
        if line is None:
            continue
        if line.parameter("ENCODING").upper() == "QUOTED-PRINTABLE" or "QUOTED-PRINTABLE" in _bare(line):
            line = _unquoted(line, pieces)
        if len(line.value) > LONGEST_VALUE:
            root.cut = True
            line = replace(line, value=line.value[:LONGEST_VALUE])
        yield line


def unescaped(value: str) -> str:
    """TEXT without its backslashes: newlines are newlines."""
    if "\\" not in value:
        return value
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def escaped(text: str) -> str:
    """TEXT as a value."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\\", "\\\\")
    return plain.replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def pieces(value: str, separator: str = ";") -> list[str]:
    """A structured value in its pieces (RFC 6350 3.4), unescaped."""
    found, start = [], 0
    for at, character in enumerate(value):
        if character == separator and not _is_escaped(value, at):
            found.append(unescaped(value[start:at]))
            start = at + 1
    return [*found, unescaped(value[start:])]


def write(line: Line) -> bytes:
    """The line with CRLF, folded; controls are left out, so that a value stays one line whoever wrote it."""
    written = line.name if _PLAIN_NAME.fullmatch(line.name) else "X-LEFT-OUT"
    for name, values in line.parameters:
        if _PLAIN_NAME.fullmatch(name) and values:
            written += f";{name}=" + ",".join(map(_parameter_value, values))
    return _folded(_CONTROLS.sub("", f"{written}:{line.value}"))


def _close(open_: list[Component], name: str) -> None:
    for depth in range(len(open_) - 1, 0, -1):
        if open_[depth].name == name:
            del open_[depth:]
            return


def _line(raw: str) -> Line | None:
    head = _NAME.match(raw)
    if head is None:
        return None
    found: list[tuple[str, tuple[str, ...]]] = []
    at = head.end()
    for _ in range(MOST_PARAMETERS):
        if raw[at : at + 1] != ";":
            break
        name = _PARAMETER.match(raw, at + 1)
        if name is None:
            # An empty parameter, or one with a foreign letter: the next ";" or ":" goes on.
            at = _next(raw, at + 1)
            continue
        at, values = _values(raw, name.end(), bare=not name[0].endswith("="))
        found.append((name[1].upper(), values))
    if raw[at : at + 1] == ";":
        at = raw.find(":", at)
    if at < 0 or raw[at : at + 1] != ":":
        return None
    return Line(head[1].upper(), raw[at + 1 :], tuple(found))


def _values(raw: str, at: int, bare: bool) -> tuple[int, tuple[str, ...]]:
    """Comma-separated parameter values from here on, and where they end. bare: a vCard 2.1 word without "="."""
    if bare:
        return at, ()
    found: list[str] = []
    while True:
        match = _VALUE.match(raw, at)
        assert match is not None  # it matches nothing, too
        at = match.end()
        if len(found) < MOST_PARAMETERS:
            value = match[1] if match[1] is not None else match[2].strip()
            found.append(_CARET.sub(lambda caret: _CARETS[caret[1]], value))
        if raw[at : at + 1] != ",":
            return _next(raw, at), tuple(found)
        at += 1


def _next(raw: str, at: int) -> int:
    """Where the next parameter or the value begins."""
    found = _NEXT.search(raw, at)
    return found.start() if found else len(raw)


def _bare(line: Line) -> set[str]:
    return {name for name, values in line.parameters if not values}


def _unquoted(line: Line, following: Iterator[str]) -> Line:
    """Quoted-printable of vCard 2.1, whose soft line breaks are not folds."""
    value = line.value
    while value.endswith("=") and len(value) <= LONGEST_VALUE:
        more = next(following, None)
        if more is None:
            break
        value = value[:-1] + more
    octets = decode_transfer("quoted-printable", value.encode("utf-8", "replace"))
    plain = decode(octets, line.parameter("CHARSET") or None)
    return replace(line, value=plain.replace("\r\n", "\n").replace("\n", "\\n"))


def _is_escaped(value: str, at: int) -> bool:
    """An odd number of backslashes before it."""
    count = 0
    while count < at and value[at - 1 - count] == "\\":
        count += 1
    return count % 2 == 1


def _parameter_value(value: str) -> str:
    safe = value.replace("^", "^^").replace("\n", "^n").replace('"', "^'")
    return f'"{safe}"' if re.search("[^A-Za-z0-9/_.-]", safe) else safe


def _folded(text: str) -> bytes:
    """Lines of at most 75 octets, cut between characters."""
    octets = text.encode("utf-8", "replace")
    rows, start, room = [], 0, _WIDTH
    while len(octets) - start > room:
        end = start + room
        while octets[end] & 0xC0 == 0x80:
            end -= 1
        rows.append(octets[start:end])
        start, room = end, _WIDTH - 1
    return b"\r\n ".join((*rows, octets[start:])) + b"\r\n"
