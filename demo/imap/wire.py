"""Octets on the wire: how strings and dates are written, and how a command with its literals is read (RFC 3501 9)."""

from __future__ import annotations

import asyncio
import re
import socket
from datetime import datetime
from typing import Final

LITERAL_LIMIT: Final = 64 * 1024 * 1024
_LITERAL: Final = re.compile(rb"\{(\d{1,10})(\+?)\}\r?\n\Z")
_PLAIN: Final = re.compile(rb"[ !#-\[\]-~]{0,1000}\Z")  # printable ASCII without " and \
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Refused(Exception):
    """The command was understood and is not done: a tagged NO. The text may begin with a code such as [TRYCREATE].

    tag: of the command, when it was refused before it was parsed.
    """

    def __init__(self, text: str, tag: bytes = b"*") -> None:
        super().__init__(text)
        self.tag = tag


class Malformed(Exception):
    """The command was not understood: a tagged BAD."""


class Closed(Exception):
    """The other side went away, or talked in a way after which the stream has no meaning."""


def literal(data: bytes) -> bytes:
    """A counted string, fit for any octets but NUL."""
    return b"{%d}\r\n%b" % (len(data), data)


def string(data: bytes) -> bytes:
    """Quoted where that is safe, a literal otherwise (RFC 3501 4.3)."""
    if _PLAIN.match(data):
        return b'"%b"' % data
    if len(data) <= 1000 and data.isascii() and not re.search(rb"[\x00-\x1f\x7f]", data):
        return b'"%b"' % data.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return literal(data)


def nstring(data: bytes | None) -> bytes:
    """A string, or NIL for nothing."""
    return b"NIL" if data is None else string(data)


def mailbox(name: str) -> bytes:
    """A mailbox name, which is kept in modified UTF-7 and so always ASCII (RFC 3501 5.1.3)."""
    raw = name.encode("ascii")
    return raw if re.fullmatch(rb"[A-Za-z0-9&/._+,-]+", raw) and raw.upper() != b"NIL" else string(raw)


def date_time(when: datetime) -> bytes:
    """INTERNALDATE's form, in the zone of the value: "05-Jul-2026 09:41:00 +0200"."""
    zone = when.strftime("%z")[:5]
    return b'"%s"' % f"{when.day:02}-{_MONTHS[when.month - 1]}-{when.year:04} {when:%H:%M:%S} {zone}".encode()


def month(name: str) -> int:
    """1 for "jan"; Malformed for what is no month."""
    try:
        return _MONTHS.index(name.capitalize()) + 1
    except ValueError:
        raise Malformed("Invalid date") from None


def number_set(numbers: list[int]) -> bytes:
    """Ascending numbers as "1:3,7"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] + 1 == number:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return b",".join(b"%d" % a if a == b else b"%d:%d" % (a, b) for a, b in runs)


def _acknowledge_at_once(writer: asyncio.StreamWriter) -> None:
    """The line end after a literal is a packet of its own, which the client's Nagle keeps back until we acknowledge.

    Linux would take its time, 40 ms, for each APPEND; elsewhere nothing is done.
    """
    if hasattr(socket, "TCP_QUICKACK"):
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


async def read_line(reader: asyncio.StreamReader) -> bytes:
    """One line with its end. Raises Closed at the end of the stream or over the limit of the reader."""
    try:
        return await reader.readuntil(b"\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError) as error:
        raise Closed from error


async def read_command(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: int) -> bytes:
    """One command with its literals in place, as the grammar reads it, without the last line end.

    limit: octets that literals may hold together. Raises Closed past it when the client does not wait for our answer
    (RFC 7888): the stream cannot be followed any more.
    """
    pieces: list[bytes] = []
    while True:
        line = await read_line(reader)
        pieces.append(line)
        counted = _LITERAL.search(line)
        if not counted:
            pieces[-1] = line.rstrip(b"\r\n")  # of the last line only: a literal may end with line ends too
            return b"".join(pieces)
        size = int(counted[1])
        limit -= size
        if limit < 0:
            if counted[2]:
                raise Closed
            raise Refused("[TOOBIG] That is more than this demo server takes", pieces[0].partition(b" ")[0])
        if not counted[2]:
            writer.write(b"+ OK\r\n")
            await writer.drain()
            _acknowledge_at_once(writer)
        try:
            pieces.append(await reader.readexactly(size))
        except asyncio.IncompleteReadError as error:
            raise Closed from error
