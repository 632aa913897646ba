"""What FETCH is asked for (RFC 3501 6.4.5), read from the command."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from demo.imap.grammar import Arguments
from demo.imap.wire import Malformed

_MACROS: Final = {
    "FAST": ("FLAGS", "INTERNALDATE", "RFC822.SIZE"),
    "ALL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"),
    "FULL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"),
}
_SIMPLE: Final = {"UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODYSTRUCTURE", "BODY"}
_NAME: Final = re.compile(rb"[A-Za-z0-9.]+")
_PART: Final = re.compile(rb"\d{1,5}(?:\.\d{1,5})*")
_TEXT: Final = re.compile(rb"HEADER\.FIELDS\.NOT|HEADER\.FIELDS|HEADER|TEXT|MIME", re.I)
_PARTIAL: Final = re.compile(rb"<(\d{1,10})\.(\d{1,10})>")


@dataclass(frozen=True, slots=True)
class Section:
    """part: (2, 1) for "2.1". text: "", HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, TEXT or MIME. fields: lower case."""

    part: tuple[int, ...] = ()
    text: str = ""
    fields: tuple[bytes, ...] = ()

    def written(self) -> bytes:
        """As the answer repeats it."""
        words = [str(number).encode() for number in self.part] + ([self.text.encode()] if self.text else [])
        names = b" (%b)" % b" ".join(name.upper() for name in self.fields) if self.fields else b""
        return b".".join(words) + names


@dataclass(frozen=True, slots=True)
class Item:
    """label: the name in the answer without its section. peek: True when asking does not set \\Seen."""

    label: str
    section: Section | None = None
    partial: tuple[int, int] | None = None
    peek: bool = True


_RFC822: Final = {
    "RFC822": Item("RFC822", Section(), peek=False),
    "RFC822.HEADER": Item("RFC822.HEADER", Section(text="HEADER")),
    "RFC822.TEXT": Item("RFC822.TEXT", Section(text="TEXT"), peek=False),
}


def read_items(args: Arguments) -> list[Item]:
    """One item, a macro, or a list of items. Raises Malformed."""
    if args.peek(b"("):
        return args.group(lambda: _item(args))
    at = args.at
    name = args.word()
    if name in _MACROS:
        return [Item(label) for label in _MACROS[name]]
    args.at = at
    return [_item(args)]


def _item(args: Arguments) -> Item:
    name = args.match(_NAME, "a fetch item").decode("ascii").upper()
    if name in _RFC822:
        return _RFC822[name]
    if name in ("BODY", "BODY.PEEK") and args.skip(b"["):
        section = _section(args)
        args.need(b"]")
        return Item("BODY", section, _partial(args), name == "BODY.PEEK")
    if name not in _SIMPLE:
        raise Malformed(f"Unknown parameter {name}")
    return Item(name)


def _section(args: Arguments) -> Section:
    part: tuple[int, ...] = ()
    if numbers := _PART.match(args.data, args.at):
        args.at = numbers.end()
        part = tuple(int(number) for number in numbers[0].split(b"."))
        if not args.skip(b"."):
            return Section(part)
    if not part and args.peek(b"]"):
        return Section()
    name = args.match(_TEXT, "a section").decode("ascii").upper()
    if name == "MIME" and not part:
        raise Malformed("MIME needs a part number")
    if not name.startswith("HEADER.FIELDS"):
        return Section(part, name)
    args.space()
    return Section(part, name, tuple(field.lower() for field in args.group(args.astring)))


def _partial(args: Arguments) -> tuple[int, int] | None:
    found = _PARTIAL.match(args.data, args.at)
    if not found:
        return None
    args.at = found.end()
    return int(found[1]), int(found[2])
