"""winmail.dat: a message as Outlook wraps it (MS-OXTNEF), with its text and its files. Read only when somebody asks."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from webmail.errors import PartMissing, TooLarge
from webmail.mail import lzfu, mapi, rtf
from webmail.mail.charset import decode, printable
from webmail.mail.message import Part
from webmail.mail.names import clean_line, safe_filename

LARGEST: Final = 32 << 20
"""Octets of a file that is opened; what is larger is only downloaded (R15)."""

BODY_LIMIT: Final = 2 << 20
"""Octets of the text, and of the HTML."""

RTF_LIMIT: Final = 1 << 20
"""Octets of RTF, unpacked: reading it costs most."""

MOST_FILES: Final = 250
DEEPEST: Final = 5
_MOST_ATTRIBUTES: Final = 10_000

_TYPES: Final = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_SIGNATURE: Final = 0x223E9F78
_HEAD: Final = struct.Struct("<BII")
_UNKNOWN: Final = "application/octet-stream"

# Attributes, MS-OXTNEF 2.1.3.3; the upper half is the type.
_SUBJECT: Final = 0x00018004
_BODY: Final = 0x0002800C
_PROPERTIES: Final = 0x00069003
_OEM: Final = 0x00069007
_BEGIN: Final = 0x00069002
_TITLE: Final = 0x00018010
_CONTENT: Final = 0x0006800F
_FILE_PROPERTIES: Final = 0x00069005

_MESSAGE: Final = bytes.fromhex("0703020000000000c000000000000046")
"""IID_IMessage: what follows is a whole winmail.dat."""


@dataclass(frozen=True, slots=True)
class File:
    """name: safe to show and save. type: as told, lower case. message: data is a winmail.dat of its own."""

    name: str
    type: str
    data: memoryview
    content_id: str | None = None
    message: bool = False


@dataclass(frozen=True, slots=True)
class Tnef:
    """html: as written, to be cleaned like any; None for none. text: the words, "" for none.

    whole: everything could be read. too_large: a text was left out for its size.
    """

    subject: str = ""
    text: str = ""
    html: str | None = None
    files: tuple[File, ...] = ()
    whole: bool = True
    too_large: bool = False


@dataclass(slots=True)
class _Draft:
    """One attachment, while its attributes come in. They come in any order."""

    title: bytes = b""
    content: memoryview | None = None
    facts: Mapping[int, mapi.Value] = field(default_factory=dict)


def is_tnef(part: Part) -> bool:
    """By its type; by its name where the type says nothing."""
    return part.type in _TYPES or (part.type == _UNKNOWN and (part.filename or "").lower() == "winmail.dat")


@dataclass(slots=True)
class _Found:
    """What the attributes hold, not yet read any further. whole: none was cut off."""

    codec: str = "cp1252"
    subject: bytes = b""
    body: bytes = b""
    facts: Mapping[int, mapi.Value] = field(default_factory=dict)
    drafts: list[_Draft] = field(default_factory=list)
    sound: bool = True
    whole: bool = False

    @property
    def title(self) -> str:
        told = self.facts.get(mapi.SUBJECT)
        return clean_line(told.text(self.codec) if told else self.subject.decode(self.codec, "replace"))


def read(data: bytes | memoryview) -> Tnef:
    """What is inside, as far as it can be read. Never raises; octets that are no TNEF give Tnef(whole=False).

    A message inside is not looked into but for its subject: read(file.data) opens it.
    """
    found = _found(memoryview(data))
    html, text, too_large = _bodies(found)
    files = tuple(_file(draft, found.codec, number) for number, draft in enumerate(found.drafts[:MOST_FILES], 1))
    whole = found.whole and found.sound and len(found.drafts) <= MOST_FILES
    return Tnef(found.title, text, html, files, whole, too_large)


def inside(data: bytes, way: Sequence[int]) -> Tnef:
    """The message inside to which these numbers of files lead, each in the one before. Raises PartMissing."""
    tnef = read(data)
    for number in way:
        file = file_in(tnef, number)
        if not file.message or len(way) > DEEPEST:
            raise PartMissing
        tnef = read(file.data)
    return tnef


def file_in(tnef: Tnef, number: int) -> File:
    """Its file with this number, counted from 1. Raises PartMissing."""
    if not 1 <= number <= len(tnef.files):
        raise PartMissing
    return tnef.files[number - 1]


def _found(data: memoryview) -> _Found:
    found = _Found()
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        return found
    for attribute, value in _attributes(data):
        if attribute == 0:
            found.whole = True
        elif attribute == _OEM and len(value) >= 4:
            found.codec = rtf.codec(struct.unpack_from("<I", value)[0])
        elif attribute == _SUBJECT:
            found.subject = _string(value)
        elif attribute == _BODY:
            found.body = _string(value)
        elif attribute == _PROPERTIES:
            found.facts, found.sound = mapi.properties(value)
        elif attribute in (_BEGIN, _TITLE, _CONTENT, _FILE_PROPERTIES):
            _collect(found.drafts, attribute, value)
    return found


def _attributes(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Attribute and value, each; at last (0, b"") if nothing was cut off. Each takes eleven octets or more."""
    at = 6
    for _ in range(_MOST_ATTRIBUTES):
        if at + _HEAD.size > len(data):
            break
        level, attribute, size = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        if level not in (1, 2) or at + size > len(data):
            return
        yield attribute, data[at : at + size]
        at += size + 2  # a checksum, which broken gateways get wrong
    if at >= len(data):
        yield 0, data[:0]


def _collect(drafts: list[_Draft], attribute: int, value: memoryview) -> None:
    if attribute == _BEGIN or not drafts:
        drafts.append(_Draft())
    draft = drafts[-1]
    if attribute == _TITLE:
        draft.title = _string(value)
    elif attribute == _CONTENT:
        draft.content = value
    elif attribute == _FILE_PROPERTIES:
        draft.facts = mapi.properties(value)[0]


def _bodies(found: _Found) -> tuple[str | None, str, bool]:
    """HTML, text, and whether one was too large. RTF makes up for those that lack."""
    facts, too_large = found.facts, False
    html = None
    if mapi.HTML in facts:
        html, too_large = _html(facts, found.codec)
    text = facts[mapi.BODY].text(found.codec) if mapi.BODY in facts else ""
    text = text or found.body.decode(found.codec, "replace")
    if len(text) > BODY_LIMIT:
        text, too_large = "", True
    if not html and mapi.RTF in facts:
        try:
            written = rtf.read(lzfu.unpack(bytes(facts[mapi.RTF].octets), RTF_LIMIT))
            html, text = written.html, text or written.text
        except TooLarge:
            too_large = True
    return html, printable(text).replace("\r\n", "\n").strip("\n"), too_large


def _html(facts: Mapping[int, mapi.Value], codec: str) -> tuple[str | None, bool]:
    value = facts[mapi.HTML]
    if len(value.octets) > BODY_LIMIT:
        return None, True
    if value.unicode:
        return value.text(codec), False
    page = facts.get(mapi.CODEPAGE)
    named = rtf.codec(struct.unpack("<I", page.octets)[0]) if page is not None and len(page.octets) == 4 else None
    return decode(bytes(value.octets).rstrip(b"\0"), named), False


def _file(draft: _Draft, codec: str, number: int) -> File:
    facts = draft.facts

    def told(*identifiers: int) -> str:
        return next((facts[one].text(codec) for one in identifiers if one in facts and facts[one].octets), "")

    name = told(mapi.LONG_NAME, mapi.SHORT_NAME) or draft.title.decode(codec, "replace") or told(mapi.DISPLAY_NAME)
    value = facts.get(mapi.DATA)
    if value is not None and value.object and value.octets[:16] == _MESSAGE:
        data = value.octets[16:]
        return File(
            safe_filename(_found(data).title or name, f"message {number}"), "message/rfc822", data, message=True
        )
    if value is not None:
        data = value.octets[16:] if value.object else value.octets
    else:
        data = draft.content if draft.content is not None else memoryview(b"")
    type = told(mapi.TYPE).strip().lower() or _UNKNOWN
    extension = told(mapi.EXTENSION)
    if "." not in name and extension.startswith("."):
        name += extension
    content_id = clean_line(told(mapi.CONTENT_ID)).strip("<>") or None
    return File(safe_filename(name, f"file {number}", type), type, data, content_id)


def _string(value: memoryview) -> bytes:
    return bytes(value).partition(b"\0")[0]
