"""format=flowed (RFC 3676): paragraphs that every window may wrap anew. Both directions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

SIGNATURE: Final = "-- "
"""The line before a signature (RFC 3676 4.3); the only one that may end with a space and yet be fixed."""

_WIDTH: Final = 72
_DEEPEST: Final = 60
_QUOTE: Final = re.compile(r">+(?: >+)*")
_LOOSE_QUOTE: Final = re.compile(r"(?:> ?)+")
_WORDS: Final = re.compile(r"[^ ]+ *| +")


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph or a fixed line. depth: how many people have quoted it, 0 for the writer's own."""

    depth: int
    text: str


def lines(text: str, *, flowed: bool, delsp: bool = False) -> list[Line]:
    """The lines of a text/plain body, quote marks counted and taken off, soft breaks joined when it is flowed.

    delsp: the DelSp=yes parameter: the space of a soft break is not part of the text.
    """
    raw = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return list(_joined(map(_flowed_line, raw), delsp)) if flowed else _fixed(raw)


def unflow(text: str, *, delsp: bool = False) -> str:
    """A flowed body as text to edit or quote: one line a paragraph, ">> " before quotes."""
    return "\n".join(_typed(line) for line in lines(text, flowed=True, delsp=delsp))


def flow(text: str) -> str:
    """Typed text as a flowed body, lines ending in LF: wrapped at 72 columns, stuffed, trailing spaces taken off.

    Lines that begin with ">" are quotes. Words longer than a line, and text without spaces, stay whole.
    unflow() gives the same text back, but for trailing spaces and the spacing of quote marks.
    """
    out: list[str] = []
    for line in lines(text, flowed=False):
        out.extend(_soft_broken(line))
    return "\n".join(out)


def _fixed(raw: list[str]) -> list[Line]:
    found: list[Line] = []
    for text in raw:
        match = _LOOSE_QUOTE.match(text)
        quoted_before = bool(found) and found[-1].depth > 0
        if match is None:
            found.append(Line(0, text))
        elif text.startswith(">From ") and not quoted_before:  # an mbox file did that, nobody quoted it
            found.append(Line(0, text[1:]))
        else:
            found.append(Line(min(match[0].count(">"), _DEEPEST), text[match.end() :]))
    return found


def _flowed_line(text: str) -> Line:
    # "> > " is no flowed quote by the letter of 4.5, but it is what many programs make of one
    match = _QUOTE.match(text)
    depth = min(match[0].count(">"), _DEEPEST) if match else 0
    rest = text[match.end() :] if match else text
    return Line(depth, rest.removeprefix(" "))


def _joined(physical: Iterator[Line], delsp: bool) -> Iterator[Line]:
    depth, pieces = 0, list[str]()
    for line in physical:
        if pieces and (line.depth != depth or line.text == SIGNATURE):  # 4.5: improper, and the paragraph ends here
            yield Line(depth, "".join(pieces).rstrip(" "))
            pieces = []
        depth = line.depth
        if line.text == SIGNATURE:
            yield line
        elif line.text.endswith(" "):
            pieces.append(line.text[:-1] if delsp else line.text)
        else:
            yield Line(depth, "".join((*pieces, line.text)))
            pieces = []
    if pieces:
        yield Line(depth, "".join(pieces).rstrip(" "))


def _typed(line: Line) -> str:
    if line.depth:
        return ">" * line.depth + " " + line.text
    return f" {line.text}" if line.text.startswith(">") else line.text


def _soft_broken(line: Line) -> Iterator[str]:
    if line.text == SIGNATURE:
        yield _stuffed(line.depth, SIGNATURE)
        return
    current = ""
    for word in _WORDS.findall(line.text.rstrip(" ")):
        # a piece that reads "-- " would end the text: such a one grows by the next word instead
        if current and current != SIGNATURE and len(current) + len(word.rstrip(" ")) > _WIDTH - line.depth:
            yield _stuffed(line.depth, current)
            current = ""
        current += word
    yield _stuffed(line.depth, current)


def _stuffed(depth: int, text: str) -> str:
    """4.4: quotes always, and what would be taken for a quote, for stuffing or (by an mbox) for a separator."""
    if depth:
        return ">" * depth + (f" {text}" if text else "")
    return f" {text}" if text.startswith((" ", ">", "From ")) else text
