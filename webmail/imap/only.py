"""What a list shows of its mailbox, as a search program (RFC 9051 6.4.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from webmail.imap import wire
from webmail.imap.decode import Selected
from webmail.imap.pages import Only
from webmail.mail.flags import PINNED

Criteria = tuple[wire.Word, ...]

_FLAGGED: Final[dict[Only, Criteria]] = {
    "all": (b"ALL",), "unread": (b"UNSEEN",), "starred": (b"FLAGGED",), "pinned": (wire.having(PINNED),),
}  # fmt: skip
_MIXED: Final = (b"HEADER", b"CONTENT-TYPE", b"multipart/mixed")
_HAS: Final = "$HasAttachment"


def criteria(only: Only, selected: Selected, mine: Sequence[str] = ()) -> Criteria:
    """The program of a filter. mine: addresses of the reader, those in ASCII counting.

    files: no search of IMAP looks into a message's structure. Where the server marks messages with files itself that is
    believed, elsewhere the outermost type tells, as the paper clip of a row does.
    """
    if only == "files":
        marked = any(flag.lower() == _HAS.lower() for flag in selected.permanent_flags)
        return (b"OR", b"KEYWORD", _HAS.encode(), *_MIXED) if marked else _MIXED
    if only == "mine":
        return _to(mine)
    return _FLAGGED[only]


def _to(mine: Sequence[str]) -> Criteria:
    """Any of these addresses in To or Cc. Of none, nothing is found."""
    asked = [wire.quoted(address) for address in mine if address.isascii() and address]
    terms = [(field, address) for address in asked for field in (b"TO", b"CC")]
    if not terms:
        return (b"NOT", b"ALL")
    # OR takes two: all but the last have one in front (RFC 9051 6.4.4).
    ored = [word for term in terms[:-1] for word in (b"OR", *term)]
    return (*ored, *terms[-1])
