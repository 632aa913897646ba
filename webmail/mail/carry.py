"""What a draft of another program brings along and we do not understand: kept, so that the program finds it again."""

from __future__ import annotations

import re
from typing import Final

from webmail.mail.headers import Headers

_OURS: Final = frozenset({
    "from", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to", "references", "mime-version",
    "disposition-notification-to",
})  # fmt: skip
_UNTRUE: Final = frozenset({
    "received", "return-path", "delivered-to", "authentication-results", "dkim-signature", "user-agent", "x-mailer",
    "status", "x-status", "x-uid", "x-keywords", "lines",
})  # fmt: skip
"""Said by whoever carried or made the old one; of the new one they would be wrong."""

_PLAIN: Final = re.compile(rb"[\t\x20-\x7e]*")
_MOST_FIELDS: Final = 64
_MOST_OCTETS: Final = 16 << 10
_LONGEST_TOKEN: Final = 900


def carried(header: bytes, written: frozenset[str] = frozenset()) -> tuple[tuple[str, bytes], ...]:
    """Fields of an old draft that go into the new one, unfolded; written: further names, lower case, that it has.

    At most 64 of 16 KB together; what could not be written again as it is, is left out.
    """
    found: list[tuple[str, bytes]] = []
    left = _MOST_OCTETS
    for name, value in Headers.parse(header).fields:
        left -= len(name) + len(value)
        if name.lower() in _OURS | _UNTRUE | written or name.lower().startswith(("content-", "arc-", "x-pennypost-")):
            continue
        plain = _PLAIN.fullmatch(value) and all(len(token) <= _LONGEST_TOKEN for token in value.split())
        if plain and len(name) <= 70 and left >= 0 and len(found) < _MOST_FIELDS:
            found.append((name, value))
    return tuple(found)


def typed(header: bytes) -> tuple[tuple[str, bytes], ...] | None:
    """The fields that say what the body is, to be written before the same body; None when they cannot be."""
    fields = [(name, value) for name, value in Headers.parse(header).fields if name.lower().startswith("content-")]
    names = [name.lower() for name, _ in fields]
    sound = all(_PLAIN.fullmatch(value) and len(value) <= _LONGEST_TOKEN for _, value in fields)
    return tuple(fields) if sound and names.count("content-type") == 1 and len(set(names)) == len(names) else None
