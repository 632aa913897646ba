"""What may go on the wire: the one guard that every argument passes (R9), and the forms that arguments take."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from webmail import errors
from webmail.mail import flags as known
from webmail.mail.ids import WHOLE, MailboxName, MessageRef, PartId
from webmail.mail.labels import is_label
from webmail.mail.mailbox import decode_name

_UNSAFE: Final = re.compile(rb"[\r\n\0]")
_ESCAPED: Final = re.compile(rb'(["\\])')
_SECTION: Final = re.compile(r"[1-9][0-9]{0,8}(\.[1-9][0-9]{0,8}){0,200}(\.TEXT)?|TEXT")
_ENTRY: Final = re.compile(r"[a-z0-9-]{1,60}(/[a-z0-9-]{1,60}){0,3}")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

CLOSE: Final = b")"
"""An argument of its own where a list ends behind a literal."""

LONGEST_SET: Final = 4000
"""Octets of one UID set; servers take lines of 8000 (RFC 2683 3.2.1.5)."""


class Literal(bytes):
    """An argument that travels counted, not delimited (RFC 9051 4.3): no octet in it can end the command."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """A literal that never lies in memory whole. size: octets that chunks() gives, no more and no fewer."""

    size: int
    chunks: Callable[[], Iterator[bytes]]


Word = bytes | Streamed


def guard(argument: Word) -> Word:
    """The argument unchanged. Raises UnsafeText on NUL anywhere, and on CR, LF or 8-bit outside a literal. What is
    streamed is looked at on its way (client.py)."""
    if isinstance(argument, Streamed):
        return argument
    if isinstance(argument, Literal):
        if argument.find(b"\0") >= 0:
            raise errors.UnsafeText
    elif _UNSAFE.search(argument) or not argument.isascii():
        raise errors.UnsafeText
    return argument


def text(value: str) -> Literal:
    """Text that somebody typed or sent (a search term, a login), as UTF-8. Raises UnsafeText on CR, LF, NUL."""
    octets = value.encode("utf-8", "surrogateescape")
    if _UNSAFE.search(octets):
        raise errors.UnsafeText
    return Literal(octets)


def quoted(value: str) -> bytes:
    """ASCII text as a quoted string (RFC 9051 4.3). Raises UnsafeText for what cannot be one."""
    octets = value.encode("utf-8", "surrogateescape")
    if _UNSAFE.search(octets) or not octets.isascii():
        raise errors.UnsafeText
    return b'"' + _ESCAPED.sub(rb"\\\1", octets) + b'"'


def searched(value: str) -> bytes:
    """Text to search for: quoted where it is plain ASCII, else as text() sends it (R9). Raises UnsafeText."""
    literal = text(value)
    return b'"' + _ESCAPED.sub(rb"\\\1", literal) + b'"' if value.isascii() and value.isprintable() else literal


def mailbox(name: MailboxName) -> bytes:
    """A mailbox name, quoted; as a literal when it has 8-bit octets (RFC 9051 5.1). Raises UnsafeText."""
    try:
        octets = name.encode("latin-1")
    except UnicodeEncodeError:
        raise errors.UnsafeText from None
    if _UNSAFE.search(octets) or not octets:
        raise errors.UnsafeText
    if not octets.isascii():
        return Literal(octets)
    return b'"' + _ESCAPED.sub(rb"\\\1", octets) + b'"'


def flag_list(flags: Iterable[str]) -> bytes:
    """`(\\Seen $Forwarded)`. Only the constants of mail/flags.py and labels exist here; anything else raises
    UnsafeText."""
    return b"(" + b" ".join(map(_flag, flags)) + b")"


def having(flag: str, yes: bool = True) -> bytes:
    """The search key (RFC 9051 6.4.4) for messages that have this flag, or have it not. Raises as flag_list does."""
    word = _flag(flag)
    if word.startswith(b"\\"):
        return (b"" if yes else b"UN") + word[1:].upper()
    return (b"KEYWORD " if yes else b"UNKEYWORD ") + word


def _flag(flag: str) -> bytes:
    if not (flag in known.SYSTEM or flag in known.KEYWORDS or flag in known.CHOSEN or is_label(flag)):
        raise errors.UnsafeText
    return flag.encode("ascii")


def section(part: PartId) -> bytes:
    """A section number (RFC 9051 6.4.5), nothing for the whole message. Raises PartMissing for anything else."""
    if part == WHOLE:
        return b""
    if not _SECTION.fullmatch(part):
        raise errors.PartMissing
    return part.encode("ascii")


def fields(names: bytes, most: int, cut: bool = True) -> bytes:
    """FETCH item for these header fields, constants; cut: at most so many octets of them (R15)."""
    return b"BODY.PEEK[HEADER.FIELDS (%b)]%b" % (names, b"<0.%d>" % most if cut else b"")


def url(ref: MessageRef, part: PartId, mime: bool) -> bytes:
    """Part of a message as a quoted IMAP URL of this server (RFC 5092 6): names in UTF-8, all but letters escaped.

    mime: its MIME header in place of its body. Raises PartMissing, UnsafeText.
    """
    name = quote(decode_name(ref.mailbox).encode("utf-8", "surrogatepass"), safe="/")
    place = b"%b%b" % (section(part), b".MIME" if mime else b"")
    return b'"/%b;UIDVALIDITY=%d/;UID=%d/;SECTION=%b"' % (name.encode("ascii"), ref.uidvalidity, ref.uid, place)


def entry(name: str) -> bytes:
    """A metadata entry of ours, which only its owner sees (RFC 5464 6.2.2). name: small letters, digits, "-", "/"."""
    if not _ENTRY.fullmatch(name):
        raise errors.UnsafeText
    return b"/private/vendor/pennypost/" + name.encode("ascii")


def uid_sets(uids: Iterable[int]) -> Iterator[bytes]:
    """The UIDs as sequence sets (RFC 9051 9), runs as ranges, each set short enough for one command line."""
    pieces: list[bytes] = []
    length = 0
    for first, last in _runs(uids):
        piece = b"%d" % first if first == last else b"%d:%d" % (first, last)
        if length + len(piece) > LONGEST_SET:
            yield b",".join(pieces)
            pieces, length = [], 0
        pieces.append(piece)
        length += len(piece) + 1
    if pieces:
        yield b",".join(pieces)


def _runs(uids: Iterable[int]) -> Iterator[tuple[int, int]]:
    first = last = 0
    for uid in sorted({int(uid) for uid in uids}):
        if not 0 < uid < 1 << 32:
            raise errors.UnsafeText
        if first and uid == last + 1:
            last = uid
            continue
        if first:
            yield first, last
        first = last = uid
    if first:
        yield first, last


def date_time(when: datetime) -> bytes:
    """`"03-Mar-2026 10:00:00 +0100"` (RFC 9051 9, date-time); months in English whatever the locale says.

    when: aware. Raises ValueError when it is naive, because a guessed zone would be a wrong arrival time.
    """
    offset = when.utcoffset()
    if offset is None:
        raise ValueError("a naive datetime has no place in a mailbox")
    minutes = round(offset.total_seconds() / 60)
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"
    day = f"{when.day:02d}-{_MONTHS[when.month - 1]}-{when.year:04d}"
    return f'"{day} {when.hour:02d}:{when.minute:02d}:{when.second:02d} {zone}"'.encode("ascii")
