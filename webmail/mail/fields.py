"""Writing header fields: encoded words (RFC 2047), parameters (RFC 2231), addresses, folding (RFC 5322 2.2.3).

Written here because the standard library loses spaces in long foreign names and lets an encoded CR LF out (3.11, 3.12).
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote

from webmail.errors import BadAddress, UnsafeText
from webmail.mail.address import Address, valid, wire
from webmail.mail.names import clean_line

WIDTH: Final = 76
_LONGEST_TOKEN: Final = 70
_WORD_ROOM: Final = 75 - len("=?utf-8?q??=")
_UNSAFE: Final = re.compile("[\r\n\0\ud800-\udfff]")
_NAME: Final = re.compile(r"[!-9;-~]{1,70}")
_ATOMS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_Q_SAFE: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$&+.^_`{|}~-]{1,60}")
_ID: Final = re.compile(r"<[!-;=?-~]{1,900}>")


def text(value: str) -> list[str]:
    """Tokens of unstructured text. Raises UnsafeText."""
    plain = clean_line(safe(value))
    words = plain.split(" ")
    if plain.isascii() and "=?" not in plain and all(len(word) <= _LONGEST_TOKEN for word in words):
        return words
    return list(encoded_words(plain))


def addresses(people: Iterable[Address]) -> list[str]:
    """Tokens of an address list. Raises UnsafeText, and BadAddress for what is no address."""
    tokens: list[str] = []
    for person in people:
        if tokens:
            tokens[-1] += ","
        tokens += _person(person)
    return tokens


def ids(values: Iterable[str]) -> list[str]:
    """Message-IDs, each a token; what cannot be one is left out. Raises UnsafeText."""
    return [value for value in map(safe, values) if _ID.fullmatch(value)]


def parameter(name: str, value: str) -> list[str]:
    """Tokens of one parameter: plain, quoted, or RFC 2231 with continuations. Raises UnsafeText."""
    safe(value)
    if _TOKEN.fullmatch(value):
        return [f"{name}={value}"]
    if value.isascii() and value.isprintable() and len(value) <= 60:
        return [f'{name}="' + re.sub(r'(["\\])', r"\\\1", value) + '"']
    pieces = list(_percent_pieces(value, 50))
    if len(pieces) == 1:
        return [f"{name}*=utf-8''{pieces[0]}"]
    pieces[0] = f"utf-8''{pieces[0]}"
    return [f"{name}*{number}*={piece};" for number, piece in enumerate(pieces[:-1])] + [
        f"{name}*{len(pieces) - 1}*={pieces[-1]}"
    ]


def line(name: str, tokens: Iterable[str]) -> bytes:
    """One folded field with its CRLF; lines break only between tokens. Raises UnsafeText for a name that is none."""
    if not _NAME.fullmatch(name):
        raise UnsafeText
    lines = [f"{name}:"]
    for token in tokens:
        if len(lines[-1]) + 1 + len(token) > WIDTH and lines[-1].strip() and lines[-1] != f"{name}:":
            lines.append("")
        lines[-1] += f" {token}"
    return "\r\n".join(lines).encode() + b"\r\n"


def safe(value: str) -> str:
    """The same text; raises UnsafeText when it holds CR, LF, NUL or a lone surrogate (R10)."""
    if _UNSAFE.search(value):
        raise UnsafeText
    return value


def encoded_words(value: str) -> Iterator[str]:
    """RFC 2047 words, each within 75 characters and of whole characters; B or Q, whichever is shorter."""
    in_q = sum(map(_length_in_q, value))
    in_b = (len(value.encode()) + 2) // 3 * 4
    encode, cost, room = (_q, _length_in_q, _WORD_ROOM) if in_q <= in_b else (_b, _length, _WORD_ROOM // 4 * 3)
    piece, used = "", 0
    for character in value:
        needs = cost(character)
        if used + needs > room:
            yield encode(piece)
            piece, used = "", 0
        piece, used = piece + character, used + needs
    if piece:
        yield encode(piece)


def _q(piece: str) -> str:
    letters = (chr(o) if o in _Q_SAFE else "_" if o == 0x20 else f"={o:02X}" for o in piece.encode())
    return f"=?utf-8?q?{''.join(letters)}?="


def _b(piece: str) -> str:
    return f"=?utf-8?b?{b64encode(piece.encode()).decode('ascii')}?="


def _length(character: str) -> int:
    return len(character.encode())


def _length_in_q(character: str) -> int:
    return sum(1 if octet in _Q_SAFE or octet == 0x20 else 3 for octet in character.encode())


def _person(person: Address) -> list[str]:
    name = clean_line(safe(person.name))
    spec = wire(safe(person.address))
    if not valid(spec):
        raise BadAddress((person.address,))
    return [*_phrase(name), f"<{spec}>"] if name else [spec]


def _phrase(name: str) -> list[str]:
    if "=?" not in name and all(len(word) <= _LONGEST_TOKEN for word in name.split(" ")):
        if _ATOMS.fullmatch(name):
            return name.split(" ")
        if name.isascii() and len(name) <= _LONGEST_TOKEN:
            return ['"' + re.sub(r'(["\\])', r"\\\1", name) + '"']
    return list(encoded_words(name))


def _percent_pieces(value: str, room: int) -> Iterator[str]:
    """Percent-encoded text cut between characters, because some readers decode each piece alone."""
    current = ""
    for character in value:
        piece = quote(character, safe="!#$&+-.^_`|~")
        if current and len(current) + len(piece) > room:
            yield current
            current = ""
        current += piece
    if current:
        yield current
