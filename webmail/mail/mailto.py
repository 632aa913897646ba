"""mailto: links as the beginning of a letter (RFC 6068). Nothing in one can send, attach or hide anything (R21)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from webmail.errors import BadAddress
from webmail.mail import address
from webmail.mail.names import clean_line
from webmail.mail.words import decode_words

LONGEST: Final = 16_384
"""Characters of a link that are read."""

MOST: Final = 100
"""Addresses of one field."""

_LONGEST_SUBJECT: Final = 500
_LONGEST_BODY: Final = 10_000
_LONGEST_ADDRESS: Final = 500
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Mailto:
    """Field values as they would be typed; what is no address stays to be seen, and is refused when it is sent."""

    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    body: str = ""


def read(uri: str) -> Mailto | None:
    """The letter that a link asks for; None for what is no mailto: link. Never raises.

    Only to, cc, bcc, subject and body are read. A "+" is a plus (RFC 6068 5); "&amp;" is taken for "&", as pages often
    have it twice.
    """
    if uri[:7].lower() != "mailto:":
        return None
    path, _, query = uri[7:LONGEST].partition("#")[0].partition("?")
    pairs = [pair.partition("=")[::2] for pair in query.split("&")[:MOST]]
    found = [("to", path), *((name.lower().removeprefix("amp;"), value) for name, value in pairs)]
    return Mailto(
        **{name: ", ".join(_people(value for key, value in found if key == name)) for name in ("to", "cc", "bcc")},
        subject=_subject(next((value for key, value in found if key == "subject"), "")),
        body=_body(value for key, value in found if key == "body"),
    )


def _people(values: Iterable[str]) -> list[str]:
    """The comma between two addresses is never escaped, one inside an address always is (RFC 6068 2)."""
    pieces = [piece for value in values for piece in value.split(",")]
    typed = [clean_line(unquote(piece))[:_LONGEST_ADDRESS] for piece in pieces[: 2 * MOST]]
    return [_person(piece) for piece in typed if piece][:MOST]


def _person(typed: str) -> str:
    try:
        return ", ".join(address.form(person) for person in address.parse_typed(typed))
    except BadAddress:
        return typed


def _subject(value: str) -> str:
    return clean_line(decode_words(unquote(value)))[:_LONGEST_SUBJECT]


def _body(values: Iterable[str]) -> str:
    lines = _LINE_END.split("\n".join(map(unquote, values))[:_LONGEST_BODY])
    return "\n".join(clean_line(line) if line.strip() else "" for line in lines)
