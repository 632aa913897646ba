"""Header fields as octets: cut apart, and their parameters read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_FIELD: Final = re.compile(rb"([!-9;-~]+)[ \t]*:(.*?)(?:\r\n(?![ \t])|\Z)", re.S)
_PARAM: Final = re.compile(rb';\s*([^\s;=()<>@,:\\"/\[\]?]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;"]*)', re.S)
_PIECE: Final = re.compile(rb"(.+?)\*(\d+)(\*?)")
_COMMENT: Final = re.compile(rb"\((?:[^()\\]|\\.)*\)")


@dataclass(frozen=True, slots=True)
class Field:
    """name: lower case. raw: the whole field with its line ends. value: unfolded, without outer white space."""

    name: bytes
    raw: bytes
    value: bytes


def split_header(header: bytes) -> tuple[Field, ...]:
    """The fields in order; lines that are none are passed over."""
    found = []
    at = 0
    while at < len(header):
        field = _FIELD.match(header, at)
        if field:
            value = re.sub(rb"\r\n[ \t]", b" ", field[2]).strip(b" \t\r\n")
            found.append(Field(field[1].lower(), field[0], value))
            at = field.end()
        else:
            line = header.find(b"\r\n", at)
            at = len(header) if line < 0 else line + 2
    return tuple(found)


def parameters(value: bytes) -> tuple[bytes, tuple[tuple[bytes, bytes], ...]]:
    """A structured value and its parameters: names in lower case, values unquoted, RFC 2231 continuations joined.

    An encoded value keeps its percent signs and its name the star, as Dovecot does: decoding is the reader's work.
    """
    bare = _COMMENT.sub(b"", value) if b'"' not in value else value
    head = re.split(rb"[;\s]", bare.strip(), maxsplit=1)[0]
    plain: dict[bytes, bytes] = {}
    pieces: dict[bytes, dict[int, tuple[bytes, bool]]] = {}
    for name, raw in _PARAM.findall(bare):
        text = re.sub(rb"\\(.)", rb"\1", raw[1:-1]) if raw.startswith(b'"') else raw
        piece = _PIECE.fullmatch(name)
        if piece:
            pieces.setdefault(piece[1].lower(), {})[int(piece[2])] = (text, bool(piece[3]))
        else:
            plain.setdefault(name.lower(), text)
    for name, numbered in pieces.items():
        encoded = any(star for _, star in numbered.values())
        joined = b"".join(numbered[number][0] for number in sorted(numbered))
        plain.setdefault(name + b"*" if encoded else name, joined)
    return head, tuple(plain.items())
