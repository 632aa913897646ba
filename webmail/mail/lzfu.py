"""Compressed RTF, as Outlook packs it (MS-OXRTFCP): a dictionary of 4 KiB that begins with usual words of RTF."""

from __future__ import annotations

import struct
from typing import Final

from webmail.errors import TooLarge

_HEADER: Final = struct.Struct("<IIII")
_PACKED: Final = 0x75465A4C
_STORED: Final = 0x414C454D
_SIZE: Final = 4096
# MS-OXRTFCP 2.1.2.1
_USUAL: Final = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS "
    b"Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0"
    b"\\fs20\\b\\i\\u\\tab\\tx"
)


def unpack(data: bytes, limit: int) -> bytes:
    """The RTF inside; what is cut off or broken ends early, what is no such thing is b"".

    limit: octets of the result. Raises TooLarge beyond it, whatever size the header tells.
    """
    if len(data) < _HEADER.size:
        return b""
    packed, size, kind, _ = _HEADER.unpack_from(data)
    body = data[_HEADER.size : min(len(data), packed + 4)]
    if kind == _STORED:
        if min(size, len(body)) > limit:
            raise TooLarge
        return bytes(body[:size])
    return _unpacked(body, limit) if kind == _PACKED else b""


def _unpacked(body: bytes, limit: int) -> bytes:
    """Eight tokens follow each control octet, lowest bit first: 0 an octet, 1 a place and length in the dictionary.

    The result itself is the dictionary: a place in the ring of 4 KiB is one of the last 4 KiB written.
    """
    out = bytearray(_USUAL)
    at, end = 0, len(body)
    while at < end:
        control = body[at]
        at += 1
        for bit in range(8):
            if not control >> bit & 1:
                out += body[at : at + 1]
                at += 1
                continue
            if at + 2 > end:
                return bytes(out[len(_USUAL) :])
            token = body[at] << 8 | body[at + 1]
            at += 2
            back = (len(out) - (token >> 4)) % _SIZE
            if not back:  # the place that will be written next: the end
                return bytes(out[len(_USUAL) :])
            _repeat(out, back, (token & 15) + 2)
        if len(out) - len(_USUAL) > limit:
            raise TooLarge
    return bytes(out[len(_USUAL) :])


def _repeat(out: bytearray, back: int, count: int) -> None:
    start = len(out) - back
    if start < 0:  # a place of the dictionary that was never written holds nothing
        out += bytes(count)
        return
    piece = out[start : start + count]
    while len(piece) < count:
        piece += piece[: count - len(piece)]
    out += piece
