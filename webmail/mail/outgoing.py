"""From the copy in Drafts to the octets that others get: the same, less the fields that are its writer's own."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Final

from webmail.errors import BadAddress, UnsafeText
from webmail.mail import address
from webmail.mail.headers import Headers

MARK: Final = "X-Pennypost-Send"
"""Header of a copy that waits to be sent; its value is the letter's name in the journal."""

ORIGIN: Final = "X-Pennypost-Origin"
"""Header of our drafts alone: which message it answers or passes on, so that sending it later still marks that."""

REPORT: Final = "X-Pennypost-Report"
"""Header of our drafts alone: the mail server shall tell what became of it (RFC 3461)."""

RECEIPT: Final = "Disposition-Notification-To"
"""Asks the readers of a letter to confirm that they read it (RFC 8098 2.1). A draft has it too, as elsewhere."""

_OWN: Final = "x-pennypost-"
_BLIND: Final = frozenset({"bcc", "resent-bcc"})
_NOBODY: Final = b"To: undisclosed-recipients:;\r\n"
_FIELD: Final = re.compile(rb"([!-9;-~]+)[ \t]*:(?:[^\r\n]|\r\n[ \t])*\r\n")


def submitted(stored: bytes) -> bytes:
    """What goes to the submission server: without Bcc (RFC 5322 3.6.3) and without our own fields.

    stored: canonical CRLF octets, or the header alone with its empty line: behind that nothing is changed. Raises
    UnsafeText when the header cannot be told from the body.
    """
    return _without(stored, _BLIND, somebody=True)


def filed(stored: bytes) -> bytes:
    """What goes into Sent: with Bcc, for the writer's own memory. Raises as submitted does."""
    return _without(stored, (), somebody=False)


def _without(stored: bytes, names: Container[str], *, somebody: bool) -> bytes:
    """The message less the fields of these names, and less all of our own."""
    head, gap, body = stored.partition(b"\r\n\r\n")
    kept, position, head = [], 0, head + b"\r\n"
    seen: set[str] = set()
    while position < len(head):
        field = _FIELD.match(head, position)
        if field is None or not gap:
            raise UnsafeText
        name = field[1].decode("ascii").lower()
        if name not in names and not name.startswith(_OWN):
            seen.add(name)
            kept.append(field[0])
        position = field.end()
    if somebody and not seen & {"to", "cc"}:
        # Some servers refuse a letter to nobody in sight.
        kept.append(_NOBODY)
    return b"".join((*kept, b"\r\n", body))


def sender(header: Headers) -> str:
    """The first From, as SMTP takes it. Raises BadAddress."""
    people = header.addresses("from")
    if not people or not address.valid(people[0].address):
        raise BadAddress
    return address.wire(people[0].address)


def recipients(header: Headers) -> tuple[str, ...]:
    """Everybody in To, Cc and Bcc, once, as SMTP takes them. Raises BadAddress for what cannot be one."""
    people = [person.address for name in ("to", "cc", "bcc") for person in header.addresses(name)]
    wrong = tuple(each for each in people if each and not address.valid(each))
    if wrong:
        raise BadAddress(wrong)
    return tuple(dict.fromkeys(address.wire(each) for each in people if each))
