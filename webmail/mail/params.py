"""Parameters of Content-Type and Content-Disposition: RFC 2045 5.1, RFC 2231, and what senders write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import unquote_to_bytes

from webmail.mail.charset import decode
from webmail.mail.names import clean_line
from webmail.mail.words import decode_words

MOST: Final = 200
"""Parameters read from one header; continuations beyond it are a bomb, not a name (R15)."""

LONGEST: Final = 32 * 1024
"""Characters of one field with parameters that are read; a header is parsed for each of its parts."""

_PARAMETER: Final = re.compile(
    r"""\s*([!\#-:<>-~]{1,80})\s*=\s*   # attribute
        (?:"((?:[^"\\]|\\.)*)"       # quoted string
        |([^;]*))                    # or anything up to the semicolon: unquoted spaces are common in file names
        [^;]*""",
    re.VERBOSE | re.DOTALL,
)
_SECTION: Final = re.compile(r"^(?P<name>[^*]+)(?:\*(?P<number>\d{1,4}))?(?P<encoded>\*)?$")
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


def parse(value: str) -> tuple[str, dict[str, str]]:
    """Main value in lower case and its parameters: "Text/Plain; charset=x" -> ("text/plain", {"charset": "x"})."""
    main, _, rest = value[:LONGEST].partition(";")
    return clean_line(main).lower(), collect(split(rest))


def split(rest: str) -> list[tuple[str, str]]:
    """Raw parameters in order, as written after the first semicolon; unquoted, not yet decoded."""
    found: list[tuple[str, str]] = []
    position = 0
    rest = rest[:LONGEST]
    while position < len(rest) and len(found) < MOST:
        match = _PARAMETER.match(rest, position)
        if match is None:
            semicolon = rest.find(";", position)
            if semicolon < 0:
                break
            position = semicolon + 1
            continue
        quoted = match[2]
        found.append((match[1], _ESCAPED.sub(r"\1", quoted) if quoted is not None else match[3].strip().strip('"')))
        position = match.end() + 1
    return found


def collect(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Parameters with lower-case names and decoded values: continuations joined, charsets and encoded words applied.

    pairs: as written, "filename*0*" and all; a name given both plainly and by RFC 2231 takes the latter (RFC 6266 4.3).
    Values are one line each, without controls and bidi marks.
    """
    return {name: clean_line(decode_words(value)) for name, value in exact(pairs).items()}


def exact(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """As collect(), but the value is what was written: for boundary, where every space counts."""
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for attribute, value in pairs:
        match = _SECTION.match(attribute.lower())
        if match is None:
            continue
        if match["number"] is None and match["encoded"] is None:
            plain.setdefault(match["name"], value)
        else:
            one = sections.setdefault(match["name"], {})
            one.setdefault(int(match["number"] or 0), (value, bool(match["encoded"])))
    return plain | {name: _joined(pieces) for name, pieces in sections.items()}


def filename(type_params: Mapping[str, str], disposition_params: Mapping[str, str]) -> str | None:
    """The name that a part claims: Content-Disposition's filename, else Content-Type's name; not yet made safe."""
    return disposition_params.get("filename") or type_params.get("name") or disposition_params.get("name") or None


def _joined(pieces: Mapping[int, tuple[str, bool]]) -> str:
    charset, octets = "", b""
    for position, number in enumerate(sorted(pieces)):
        value, encoded = pieces[number]
        if encoded and position == 0 and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        octets += unquote_to_bytes(value) if encoded else value.encode("utf-8", "replace")
    return decode(octets, charset or None)
