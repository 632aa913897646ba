"""Undoing a Content-Transfer-Encoding (RFC 2045 6), whole, or piece by piece so that no large file stands in memory."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Iterator
from typing import Final, Protocol

_NOT_BASE64: Final = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_BASE64_LINE: Final = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_PADDING: Final = re.compile(rb"=+")
_SOFT_BREAK: Final = re.compile(rb"=[ \t]+(?=\r?\n)")
_TOKEN: Final = re.compile(r"[a-z0-9-]+")
_ALIASES: Final = {"b": "base64", "base-64": "base64", "q": "quoted-printable", "quotedprintable": "quoted-printable"}
_UU: Final = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})


def normal(label: str) -> str:
    """The encoding's name as we spell it: lower case, comments and stray punctuation gone; "7bit" for none."""
    match = _TOKEN.search(label.lower())
    return _ALIASES.get(match[0], match[0]) if match else "7bit"


def decode(encoding: str, data: bytes) -> bytes:
    """Decoded octets. Unknown encodings pass unchanged (RFC 2045 6.4); of broken data what can be read is; no raise."""
    return b"".join(decoded_chunks(encoding, (data,)))


def longest(encoding: str, octets: int) -> int:
    """The most that so many octets take in this encoding, line ends included: more is more octets for sure.

    Base64 carries 57 octets in a line of 78, if lines are not shorter than usual; quoted-printable three for one, and
    a soft break in each line of 76; uuencode 45 in 63.
    """
    return {"base64": 2, "quoted-printable": 4}.get(normal(encoding), 2 if normal(encoding) in _UU else 1) * octets


def decoded_chunks(encoding: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same for a stream; the pieces that come out have other sizes than those that went in."""
    name = normal(encoding)
    decoder: _Decoder
    if name == "base64":
        decoder = _Base64()
    elif name == "quoted-printable":
        decoder = _QuotedPrintable()
    elif name in _UU:
        decoder = _Uuencode()
    else:
        yield from chunks
        return
    for chunk in chunks:
        if piece := decoder.feed(chunk):
            yield piece
    if piece := decoder.close():
        yield piece


class _Decoder(Protocol):
    def feed(self, chunk: bytes) -> bytes: ...

    def close(self) -> bytes: ...


class _Base64:
    """Foreign octets are skipped (RFC 2045 6.8). After padding only whole lines of base64 count: some senders pad each
    line, and list servers append a plain footer, which would otherwise come out as garbage at the end of the file."""

    def __init__(self) -> None:
        self.rest = b""
        self.line = b""
        self.padded = self.over = False

    def feed(self, chunk: bytes) -> bytes:
        if self.padded:
            return self._lines(chunk)
        out: list[bytes] = []
        position = 0
        # Most chunks of a large file have no padding: looking for an octet is far cheaper than a pattern.
        for pad in _PADDING.finditer(chunk) if b"=" in chunk else ():
            out.append(self._letters(chunk[position : pad.start()]))
            position = pad.end()
            if len(self.rest) > 1:
                out.append(self._flush())
                self.padded = True
                out.append(self._lines(chunk[position:]))
                return b"".join(out)
        out.append(self._letters(chunk[position:]))
        return b"".join(out)

    def close(self) -> bytes:
        if not self.padded:
            return self._flush()
        return self._lines(b"\n")

    def _letters(self, chunk: bytes) -> bytes:
        letters = self.rest + chunk.translate(None, _NOT_BASE64)
        whole = len(letters) - len(letters) % 4
        self.rest = letters[whole:]
        return binascii.a2b_base64(letters[:whole])

    def _flush(self) -> bytes:
        rest, self.rest = self.rest, b""
        return binascii.a2b_base64(rest + b"=" * (4 - len(rest))) if len(rest) > 1 else b""

    def _lines(self, chunk: bytes) -> bytes:
        out: list[bytes] = []
        *lines, self.line = (self.line + chunk).split(b"\n") if not self.over else [b""]
        for line in map(bytes.strip, lines):
            if line and (len(line) % 4 or _BASE64_LINE.fullmatch(line) is None):
                self.over = True
                break
            out.append(binascii.a2b_base64(line))
        return b"".join(out)


class _QuotedPrintable:
    """Whole lines at a time, because an escape or a soft break may lie across two pieces."""

    def __init__(self) -> None:
        self.rest: list[bytes] = []

    def feed(self, chunk: bytes) -> bytes:
        whole, newline, tail = chunk.rpartition(b"\n")
        if not newline:
            self.rest.append(chunk)
            return b""
        lines = b"".join(self.rest) + whole + newline
        self.rest = [tail]
        return self._decoded(lines)

    def close(self) -> bytes:
        return self._decoded(b"".join(self.rest))

    @staticmethod
    def _decoded(lines: bytes) -> bytes:
        # gateways pad soft breaks with white space (RFC 2045 6.7 rule 3), which a2b_qp would take for text
        return binascii.a2b_qp(_SOFT_BREAK.sub(b"=", lines))


class _Uuencode:
    """begin 644 name … end. Without a begin line the whole is taken as encoded lines."""

    def __init__(self) -> None:
        self.line = b""
        self.over = False

    def feed(self, chunk: bytes) -> bytes:
        out: list[bytes] = []
        *lines, self.line = (self.line + chunk).split(b"\n")
        for line in lines:
            if self.over or line.startswith(b"begin ") or not line.strip():
                continue
            self.over = line.strip() == b"end"
            if not self.over:
                out.append(self._one(line.rstrip(b"\r")))
        return b"".join(out)

    def close(self) -> bytes:
        return self.feed(b"\n")

    @staticmethod
    def _one(line: bytes) -> bytes:
        try:
            return binascii.a2b_uu(line)
        except binascii.Error:
            # broken encoders leave letters after the octets that the first letter counts
            counted = (((line[0] - 32) & 63) * 4 + 5) // 3
            try:
                return binascii.a2b_uu(line[:counted])
            except binascii.Error:
                return b""
