"""Address fields as ENVELOPE tells them (RFC 3501 7.4.2): names stay encoded, groups are marked. One pass.

The standard library's parser is no use here: it calls itself once for every piece it does not understand.
"""

from __future__ import annotations

import re
from typing import Final

from demo.imap.wire import nstring, string

_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)|<[^<>]*>|[,:;]|[^\s",:;<>()]+|.', re.S)


def address_list(value: bytes | None) -> bytes:
    """The address structure of one unfolded field, or NIL."""
    found = _Addresses()
    for token in _TOKEN.findall(value or b""):
        found.take(token)
    found.flush()
    return b"(%b)" % b"".join(found.told) if found.told else b"NIL"


class _Addresses:
    """Collects words until something says that an address is complete."""

    def __init__(self) -> None:
        self.told: list[bytes] = []
        self._words: list[bytes] = []
        self._angle: bytes | None = None
        self._comment: bytes | None = None
        self._group = False

    def take(self, token: bytes) -> None:
        if token == b",":
            self.flush()
        elif token == b":" and not self._group and self._angle is None:
            self._tell(None, b" ".join(map(_unquoted, self._words)), None)
            self._words, self._group = [], True
        elif token == b";":
            self.flush()
            if self._group:
                self._tell(None, None, None)
            self._group = False
        elif token.startswith(b"<"):
            self._angle = token[1:-1].strip()
        elif token.startswith(b"(") and len(token) > 1:
            self._comment = token[1:-1]
        elif token.strip():
            self._words.append(token)

    def flush(self) -> None:
        name: bytes | None = b" ".join(map(_unquoted, self._words))
        address = self._angle
        if address is None:
            address, name = b"".join(self._words), self._comment
        if address or name:
            user, _, host = address.partition(b"@")
            self._tell(name or None, user, host)
        self._words, self._angle, self._comment = [], None, None

    def _tell(self, name: bytes | None, user: bytes | None, host: bytes | None) -> None:
        host_word = b"NIL" if host is None else string(host)
        self.told.append(b"(%b NIL %b %b)" % (nstring(name), nstring(user), host_word))


def _unquoted(word: bytes) -> bytes:
    return re.sub(rb"\\(.)", rb"\1", word[1:-1]) if word.startswith(b'"') and len(word) > 1 else word
