"""A winmail.dat, written octet by octet: a letter as Outlook packs it (MS-OXTNEF, MS-OXRTFCP, MS-OXRTFEX)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

Property = tuple[int, int, bytes]
"""Identifier, type, value as it lies in the file."""

STRING, UNICODE, BINARY, OBJECT, LONG = 0x1E, 0x1F, 0x102, 0x0D, 0x03
_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")


def attribute(level: int, number: int, value: bytes) -> bytes:
    """One attribute of the stream. level: 1 for the message, 2 for a file."""
    return struct.pack("<BII", level, number, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def properties(*these: Property) -> bytes:
    """A block of MAPI properties, all of variable length but LONG."""
    block = struct.pack("<I", len(these))
    for number, kind, value in these:
        block += struct.pack("<HH", kind, number)
        if kind != LONG:
            block += struct.pack("<II", 1, len(value))
        block += value + bytes(-len(value) % 4)
    return block


def text(number: int, words: str) -> Property:
    """A Unicode string."""
    return number, UNICODE, words.encode("utf-16-le") + b"\0\0"


def file(name: str, data: bytes, *more: Property) -> bytes:
    """An attachment under its short and its long name."""
    short = name.encode("ascii", "replace")[-12:]
    return (
        attribute(2, 0x69002, bytes(14))
        + attribute(2, 0x18010, short + b"\0")
        + attribute(2, 0x6800F, data)
        + attribute(2, 0x69005, properties(text(0x3707, name), *more))
    )


def message(name: str, inner: bytes) -> bytes:
    """A message inside: a stream of its own behind the identifier of its interface."""
    facts = properties(text(0x3001, name), (0x3701, OBJECT, _MESSAGE + inner))
    return attribute(2, 0x69002, bytes(14)) + attribute(2, 0x69005, facts)


def winmail(subject: str, body: Sequence[Property], files: Iterable[bytes] = (), page: int = 1252) -> bytes:
    """The stream. body: properties of the text, as packed(), HTML (0x1013) or text (0x1000)."""
    head = struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x69007, struct.pack("<II", page, 0))
    facts = attribute(1, 0x69003, properties(text(0x37, subject), *body))
    return head + facts + b"".join(files)


def packed(rtf: bytes) -> Property:
    """RTF as compressed RTF whose tokens are all letters: legal, and longer than it was."""
    tokens = b"".join(b"\0" + rtf[at : at + 8] for at in range(0, len(rtf), 8))
    if len(rtf) % 8 == 0:
        tokens += b"\0"
    end = (207 + len(rtf)) % 4096 << 4
    # The last control octet announces the end: a place that is about to be written.
    last = len(tokens) - 1 - len(rtf) % 8
    body = tokens[:last] + bytes((1 << len(rtf) % 8,)) + tokens[last + 1 :] + struct.pack(">H", end)
    return 0x1009, BINARY, struct.pack("<IIII", len(body) + 12, len(rtf), 0x75465A4C, 0) + body


def hidden_html(html: str) -> bytes:
    """HTML inside RTF, as Outlook does it: tags in groups, words beside them."""
    words = "".join(f"\\u{ord(c)}?" if ord(c) > 126 else c for c in html)
    for tag in ("<p>", "</p>", "<b>", "</b>"):
        words = words.replace(tag, f"{{\\*\\htmltag64 {tag}}}")
    shadow = "\\htmlrtf {\\b\\htmlrtf0 "
    return f"{{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{shadow}{words}\\htmlrtf }}\\htmlrtf0 }}".encode("ascii")
