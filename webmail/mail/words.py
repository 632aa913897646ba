"""Encoded words (RFC 2047): =?charset?encoding?text?= in a header becomes text. Never raises."""

from __future__ import annotations

import binascii
import re
from typing import Final

from webmail.mail.charset import decode

# The text of a word holds no space by the RFC; senders that forget to encode it are read all the same.
_WORD: Final = re.compile(r"=\?([^?\s=]{1,60})\?([bBqQ])\?([^?\r\n]*)\?=")
_MOST: Final = 20_000
_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/]+")

Run = tuple[str, str, bytes]


def decode_words(text: str) -> str:
    """Text with its encoded words decoded; white space between two of them is dropped (RFC 2047 6.2).

    Neighbours of the same charset are joined as octets first: many senders cut a character in two.
    """
    if "=?" not in text:
        return text
    out: list[str] = []
    charset, octets, position = "", b"", 0
    for count, word in enumerate(_WORD.finditer(text)):
        if count >= _MOST:
            break
        between = text[position : word.start()]
        label = word[1].split("*")[0].lower()
        if octets and (between.strip() or label != charset):
            out.append(decode(octets, charset))
            octets = b""
        if between.strip() or position == 0:
            out.append(between)
        charset, octets, position = label, octets + _octets(word[2], word[3]), word.end()
    if octets:
        out.append(decode(octets, charset))
    out.append(text[position:])
    return "".join(out)


def _octets(encoding: str, text: str) -> bytes:
    # surrogateescape never occurs here: the caller decoded the header; other characters are a broken sender's raw text
    raw = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return binascii.a2b_qp(raw.replace(b"=\r", b"").replace(b"=\n", b""), header=True)
    return unbase64(raw)


def unbase64(raw: bytes) -> bytes:
    """Base64 with patience: foreign octets skipped, padding mended, a tail of one letter dropped."""
    letters = _NOT_BASE64.sub(b"", raw)
    letters = letters[: -1 if len(letters) % 4 == 1 else None]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))
