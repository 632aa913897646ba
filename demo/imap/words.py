"""What a message says, decoded and case-folded, for SEARCH. Wrong charsets and encodings give what can be had."""

from __future__ import annotations

import base64
import binascii
import quopri
from email.errors import HeaderParseError
from email.header import decode_header
from functools import lru_cache

from demo.imap.store import StoredMessage
from demo.imap.structure import Node


def field_text(message: StoredMessage, name: bytes) -> list[str]:
    """Every field of this name."""
    return [_decoded(one.value) for one in message.structure.fields if one.name == name]


@lru_cache(maxsize=2000)
def _decoded(value: bytes) -> str:
    raw = _charset(value, "utf-8")
    try:
        pieces = decode_header(raw)
    except (HeaderParseError, binascii.Error, ValueError):
        return raw.casefold()
    words = (piece if isinstance(piece, str) else _charset(piece, label or "utf-8") for piece, label in pieces)
    return "".join(words).casefold()


@lru_cache(maxsize=2000)
def body_text(message: StoredMessage) -> str:
    """The text parts, embedded messages with their headers."""
    return "\n".join(_texts(message.structure))


def all_text(message: StoredMessage) -> str:
    """Header and body."""
    header = "\n".join(f"{one.name.decode('latin-1')}: {_decoded(one.value)}" for one in message.structure.fields)
    return header + "\n" + body_text(message)


def _texts(node: Node) -> list[str]:
    if node.children:
        inner = [text for child in node.children for text in _texts(child)]
        header = [_decoded(one.value) for one in node.children[0].fields] if node.message else []
        return header + inner
    if node.type != b"text":
        return []
    label = dict(node.params).get(b"charset", b"utf-8").decode("latin-1")
    return [_charset(_unpacked(node), label).casefold()]


def _unpacked(node: Node) -> bytes:
    encoding = (node.get(b"content-transfer-encoding") or b"").strip().lower()
    try:
        if encoding == b"base64":
            return base64.b64decode(node.body_octets)
        if encoding == b"quoted-printable":
            return quopri.decodestring(node.body_octets)
    except (binascii.Error, ValueError):
        pass
    return node.body_octets


def _charset(data: bytes, label: str) -> str:
    for name in (label, "utf-8"):
        try:
            return data.decode(name)
        except (LookupError, ValueError):
            continue
    return data.decode("latin-1")
