"""What kind of picture some octets are, by themselves: names and labels are the sender's word."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

MOST_PIXELS: Final = 50_000_000
"""Beyond this a few kilobytes become gigabytes in the reader's browser (R15)."""

_SOF: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class Picture:
    """type: "image/png", "image/jpeg", "image/gif" or "image/webp". width, height: pixels, of its header."""

    type: str
    width: int
    height: int


def picture(octets: bytes) -> Picture | None:
    """None for anything else, for a header that is cut off, and for one that promises too many pixels."""
    try:
        found = _told(octets)
    except (struct.error, IndexError):
        return None
    if found is None or found.width < 1 or found.height < 1 or found.width * found.height > MOST_PIXELS:
        return None
    return found


def _told(octets: bytes) -> Picture | None:
    if octets.startswith(b"\x89PNG\r\n\x1a\n") and octets[12:16] == b"IHDR":
        return Picture("image/png", *struct.unpack_from(">II", octets, 16))
    if octets[:6] in (b"GIF87a", b"GIF89a"):
        return Picture("image/gif", *struct.unpack_from("<HH", octets, 6))
    if octets.startswith(b"\xff\xd8\xff"):
        return _jpeg(octets)
    if octets[:4] == b"RIFF" and octets[8:12] == b"WEBP":
        return _webp(octets)
    return None


def _jpeg(octets: bytes) -> Picture | None:
    """ITU T.81 B.1: segments up to the first frame header."""
    at = 2
    while octets[at] == 0xFF:
        marker = octets[at + 1]
        if marker == 0xFF or 0xD0 <= marker <= 0xD8 or marker == 0x01:
            at += 1 if marker == 0xFF else 2
            continue
        if marker in _SOF:
            height, width = struct.unpack_from(">HH", octets, at + 5)
            return Picture("image/jpeg", width, height)
        at += 2 + max(2, struct.unpack_from(">H", octets, at + 2)[0])
    return None


def _webp(octets: bytes) -> Picture | None:
    """RFC 9649 2.5 to 2.7: the extended, the lossless and the lossy header."""
    kind = octets[12:16]
    if kind == b"VP8X":
        width = 1 + int.from_bytes(octets[24:27], "little")
        return Picture("image/webp", width, 1 + int.from_bytes(octets[27:30], "little")) if len(octets) >= 30 else None
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", octets, 21)[0]
        return Picture("image/webp", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", octets, 26)
        return Picture("image/webp", width & 0x3FFF, height & 0x3FFF)
    return None
