"""Where the parts of a message are: a tree of offsets, so that every section is answered with its exact octets.

The standard library's parser gives decoded parts without their places, which is no use for BODY[2.1]<0.2048>; hence
this one, which only looks for header ends and boundary lines (RFC 2046 5.1).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from demo.imap.fields import Field, parameters, split_header

MAX_DEPTH: Final = 60  # deeper parts are taken as one piece, so that nobody's recursion ends


@dataclass(slots=True)
class Node:
    """One part: header in source[start:body], body in source[body:end]. children: of a multipart, or one message."""

    source: bytes
    start: int
    body: int
    end: int
    fields: tuple[Field, ...]
    type: bytes = b"text"
    subtype: bytes = b"plain"
    params: tuple[tuple[bytes, bytes], ...] = ()
    children: list[Node] = field(default_factory=list)

    @property
    def multipart(self) -> bool:
        return self.type == b"multipart"

    @property
    def message(self) -> bool:
        """True for an embedded message that was looked into."""
        return self.type == b"message" and bool(self.children)

    @property
    def header_octets(self) -> bytes:
        return self.source[self.start : self.body]

    @property
    def body_octets(self) -> bytes:
        return self.source[self.body : self.end]

    def get(self, name: bytes) -> bytes | None:
        """The unfolded value of the first field of this name (lower case), or None."""
        return next((one.value for one in self.fields if one.name == name), None)

    def part(self, numbers: tuple[int, ...]) -> Node | None:
        """The part of an IMAP section (RFC 3501 6.4.5): embedded messages are seen through, one part is its own 1."""
        node = self
        for level, number in enumerate(numbers):
            if level and node.message:
                node = node.children[0]
            if node.multipart:
                if not 1 <= number <= len(node.children):
                    return None
                node = node.children[number - 1]
            elif number != 1:
                return None
        return node


def parse(source: bytes) -> Node:
    """The tree of a whole message with CRLF line ends. Never raises: what cannot be understood is one text part."""
    return _parse(source, 0, len(source), b"text/plain", MAX_DEPTH)


def _parse(source: bytes, start: int, end: int, default: bytes, depth: int) -> Node:
    body = _header_end(source, start, end)
    node = Node(source, start, body, end, split_header(source[start:body]))
    value, node.params = parameters(node.get(b"content-type") or default)
    kind, _, subtype = value.partition(b"/")
    if kind and subtype:
        node.type, node.subtype = kind.lower(), subtype.lower()
    elif node.get(b"content-type"):
        node.params = ()
    if node.type == b"text" and not any(name == b"charset" for name, _ in node.params):
        node.params += ((b"charset", b"us-ascii"),)
    if depth and node.multipart:
        inside = b"message/rfc822" if node.subtype == b"digest" else b"text/plain"
        places = _split(source, body, end, dict(node.params).get(b"boundary", b"")) or [(end, end)]
        node.children = [_parse(source, a, b, inside, depth - 1) for a, b in places]
    elif node.multipart:
        node.type, node.subtype = b"application", b"octet-stream"
    elif depth and (node.type, node.subtype) == (b"message", b"rfc822"):
        node.children = [_parse(source, body, end, b"text/plain", depth - 1)]
    return node


def _header_end(source: bytes, start: int, end: int) -> int:
    if source.startswith(b"\r\n", start, end):
        return start + 2
    blank = source.find(b"\r\n\r\n", start, end)
    return end if blank < 0 else blank + 4


def _split(source: bytes, body: int, end: int, boundary: bytes) -> list[tuple[int, int]]:
    """Places of the parts between boundary lines. The line end before a boundary belongs to the boundary."""
    if not boundary:
        return []
    line = re.compile(rb"\r\n--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r\n|\Z)")
    places: list[tuple[int, int]] = []
    opened: int | None = None
    for found in line.finditer(source, max(body - 2, 0), end):
        if opened is not None:
            places.append((min(opened, found.start()), found.start()))
        opened = None if found[1] else min(found.end() + 2, end)
        if found[1]:
            break
    if opened is not None:  # the closing boundary is missing: the rest is the last part
        places.append((opened, end))
    return places
