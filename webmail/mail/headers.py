"""Raw header octets to decoded facts. Never raises, whatever the octets are (RFC 5322 2.2, 4.5; RFC 6532)."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from webmail.mail import address, date, params
from webmail.mail.address import Address
from webmail.mail.charset import codec_of, decode
from webmail.mail.names import clean_line
from webmail.mail.words import decode_words

BUDGET: Final = 256 * 1024
"""Octets of header that are read (R15)."""

MOST_FIELDS: Final = 2000
MOST_IDS: Final = 1000

_LINE_END: Final = re.compile(rb"\r\n|\n|\r")
_FIELD: Final = re.compile(rb"([!-9;-~]{1,200})[ \t]*:(.*)", re.DOTALL)
_FOLD: Final = re.compile(r"\s+")
_MESSAGE_ID: Final = re.compile(r"<([^<>\s]{1,990})>")
_TYPE: Final = re.compile(r"[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}")


@dataclass(frozen=True, slots=True)
class Headers:
    """The header of one message or part.

    fields: name and value as octets, in order; the value is unfolded to one line but not decoded.
    """

    fields: tuple[tuple[str, bytes], ...] = ()

    @classmethod
    def parse(cls, raw: bytes) -> Headers:
        """Read everything up to the first empty line, or to the end.

        Tolerates: an mbox From_ line, bare CR or LF, NUL, raw 8-bit; skips lines that are no fields; cuts at 256 KiB.
        """
        fields: list[tuple[str, bytes]] = []
        for line in _logical_lines(raw[:BUDGET].replace(b"\0", b"").removeprefix(BOM_UTF8)):
            match = _FIELD.match(line)
            if match is not None and len(fields) < MOST_FIELDS:
                fields.append((match[1].decode("ascii"), match[2].strip()))
        return cls(tuple(fields))

    def get(self, name: str) -> str | None:
        """First occurrence, decoded (RFC 2047), on one line, without controls and bidi marks; None when absent."""
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> tuple[str, ...]:
        """Every occurrence, in order, decoded as by get()."""
        return tuple(clean_line(decode_words(self._text(value))) for value in self._raw(name))

    def items(self) -> tuple[tuple[str, str], ...]:
        """Every field in order, name as written and value decoded, for a view of the details."""
        return tuple((name, clean_line(decode_words(self._text(value)))) for name, value in self.fields)

    def addresses(self, name: str) -> tuple[Address, ...]:
        """Addresses of every occurrence, groups flattened, at most 1000."""
        found: list[Address] = []
        for value in self._raw(name):
            if len(found) < address.MOST:
                found.extend(address.parse(self._text(value)))
        return tuple(found[: address.MOST])

    def value(self, name: str) -> str | None:
        """First occurrence as text, unfolded, encoded words left alone: what a parser of parameters needs."""
        return next((self._text(value) for value in self._raw(name)), None)

    def params(self, name: str) -> tuple[str, dict[str, str]]:
        """Main value and parameters of a structured field ("attachment", {"filename": ...}); ("", {}) when absent."""
        return params.parse(self.value(name) or "")

    @property
    def subject(self) -> str:
        """Decoded subject; empty when absent."""
        return self.get("subject") or ""

    @property
    def date(self) -> datetime | None:
        """Date field, aware; None when absent or beyond repair."""
        return date.parse(self.value("date") or "")

    @property
    def message_id(self) -> str | None:
        """With its angle brackets. One written without them, or with spaces inside, is given as it stands."""
        text = self.value("message-id")
        if text is None:
            return None
        match = _MESSAGE_ID.search(text)
        return match[0] if match else clean_line(text) or None

    @property
    def references(self) -> tuple[str, ...]:
        """Message-IDs of References, oldest first, each with its brackets."""
        return self._ids("references")

    @property
    def in_reply_to(self) -> str | None:
        """First Message-ID of In-Reply-To; the RFC allows more, nobody needs them."""
        return next(iter(self._ids("in-reply-to")), None)

    @property
    def content_type(self) -> str:
        """Media type in lower case; text/plain when absent or no media type (RFC 2045 5.2)."""
        main = self.params("content-type")[0]
        return main if _TYPE.fullmatch(main) else "text/plain"

    def _ids(self, name: str) -> tuple[str, ...]:
        found = (match[0] for value in self._raw(name) for match in _MESSAGE_ID.finditer(self._text(value)))
        return tuple(dict.fromkeys(found))[:MOST_IDS]

    def _raw(self, name: str) -> Iterator[bytes]:
        wanted = name.lower()
        return (value for field, value in self.fields if field.lower() == wanted)

    def _text(self, value: bytes) -> str:
        """Raw octets of a field: ASCII, else UTF-8 (RFC 6532), else the charset the body declares, else a guess."""
        if value.isascii():
            return decode(value, None) if b"\x1b" in value else value.decode("ascii")
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            pass
        return decode(value, self._body_charset())

    def _body_charset(self) -> str | None:
        declared = next(self._raw("content-type"), b"").decode("ascii", "ignore")
        label = params.parse(declared)[1].get("charset")
        return label if codec_of(label) not in (None, "utf-8") else None


def _logical_lines(raw: bytes) -> Iterator[bytes]:
    """Unfolded fields up to the first empty line. Folding white space is kept as one space (RFC 5322 2.2.3)."""
    pieces: list[bytes] = []
    for line in _LINE_END.split(raw):
        if not line and not pieces:
            continue
        if not line:
            break
        if line[:1] in b" \t" and pieces:
            pieces.append(b" " + line.strip(b" \t"))
            continue
        if pieces:
            yield b"".join(pieces)
        pieces = [line.rstrip(b" \t")]
    if pieces:
        yield b"".join(pieces)
