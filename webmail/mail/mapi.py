"""A block of MAPI properties as TNEF carries it (MS-OXTNEF 2.1.3.4): identifier -> value, of the kinds that we read."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

BODY: Final = 0x1000
RTF: Final = 0x1009
HTML: Final = 0x1013
SUBJECT: Final = 0x0037
DISPLAY_NAME: Final = 0x3001
DATA: Final = 0x3701
EXTENSION: Final = 0x3703
SHORT_NAME: Final = 0x3704
LONG_NAME: Final = 0x3707
TYPE: Final = 0x370E
CONTENT_ID: Final = 0x3712
CODEPAGE: Final = 0x3FDE

_OBJECT: Final = 0x000D
_STRING: Final = 0x001E
_UNICODE: Final = 0x001F
_BINARY: Final = 0x0102
_VARIABLE: Final = frozenset({_OBJECT, _STRING, _UNICODE, _BINARY})
_SEVERAL: Final = 0x1000
_LONG: Final = 0x0003
# Octets of a value; in the file each is filled up to a multiple of four.
_SIZES: Final = {
    0x0001: 4, 0x0002: 2, _LONG: 4, 0x0004: 4, 0x0005: 8, 0x0006: 8, 0x0007: 8, 0x000A: 4, 0x000B: 2, 0x0014: 8,
    0x0040: 8, 0x0048: 16,
}  # fmt: skip
_NAMED: Final = 0x8000
_MOST: Final = 5000
_U32: Final = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Value:
    """octets: of the first value, where there are several. object: it begins with the identifier of its interface."""

    octets: memoryview
    unicode: bool = False
    object: bool = False

    def text(self, codec: str) -> str:
        """As a string, without what follows a NUL. codec: of strings that are not Unicode."""
        found = bytes(self.octets).decode("utf-16-le" if self.unicode else codec, "replace")
        return found.partition("\0")[0]


class _Cut(Exception):
    """The block ends in the middle of a value, or has a type whose size nobody knows."""


@dataclass(slots=True)
class _Reader:
    data: memoryview
    at: int = 0

    def take(self, size: int) -> memoryview:
        piece = self.data[self.at : self.at + size]
        if len(piece) < size:
            raise _Cut
        self.at += size + -size % 4
        return piece

    def number(self) -> int:
        return int(_U32.unpack(self.take(4))[0])


def properties(data: memoryview) -> tuple[dict[int, Value], bool]:
    """The properties up to the first that cannot be read, and whether all could. Never raises.

    Named properties (0x8000 and above) are passed over; of two with one identifier the first counts.
    """
    found: dict[int, Value] = {}
    reader = _Reader(data)
    try:
        count = reader.number()
        for _ in range(min(count, _MOST)):
            kind, number = struct.unpack("<HH", reader.take(4))
            if number >= _NAMED:
                _pass_name(reader)
            value = _value(reader, kind)
            if value is not None and number < _NAMED:
                found.setdefault(number, value)
    except _Cut:
        return found, False
    return found, count <= _MOST


def _pass_name(reader: _Reader) -> None:
    reader.take(16)
    by_name = reader.number()
    size = reader.number()
    if by_name:
        reader.take(size)


def _value(reader: _Reader, kind: int) -> Value | None:
    """One property's value, the first of several; None for several of none."""
    several, plain = bool(kind & _SEVERAL), kind & ~_SEVERAL
    if plain not in _VARIABLE and plain not in _SIZES:
        raise _Cut
    count = reader.number() if several or plain in _VARIABLE else 1
    first = None
    for _ in range(count):  # each takes at least four octets, so the block's end ends this too
        size = reader.number() if plain in _VARIABLE else _SIZES[plain]
        octets = reader.take(size)
        first = first if first is not None else octets
    return None if first is None else Value(first, plain == _UNICODE, plain == _OBJECT)
