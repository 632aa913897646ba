"""Our own reading of MIME structure (RFC 2046), for messages whose server structure is of no use.

Works on offsets into one buffer, from the outside in: the outer boundary is cut first, so an inner part can never reach
beyond it. Keeps to the budgets of R15; what lies beyond them stays as the octets of the last part that was within.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from webmail.mail import params, transfer
from webmail.mail.headers import BUDGET, Headers
from webmail.mail.ids import PartId
from webmail.mail.message import Part
from webmail.mail.names import safe_filename
from webmail.mail.parts import DEEPEST, MOST_PARTS

_MESSAGES_DEEP: Final = 3
"""Messages inside messages that are looked into: each level holds its octets once more."""

_LINE: Final = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_FIELD: Final = re.compile(rb"[!-9;-~]+[ \t]*:|[ \t]|>?From ")
_OLD_FROM: Final = re.compile(rb"From[ \t]*:")  # RFC 5322 4.5: white space before the colon
_SURE_FIELD: Final = re.compile(
    rb"(?:[^\r\n]+(?:\r\n|\n|\r)){0,2}"
    rb"(?:from|to|cc|subject|date|received|message-id|mime-version|return-path|x-[a-z-]+|content-[a-z-]+)[ \t]*:",
    re.IGNORECASE,
)
_EMPTY_LINES: Final = (b"\r\n\r\n", b"\n\r\n", b"\n\n", b"\r\r")
_GUESSED: Final = re.compile(rb"(?<![^\r\n])--([^\r\n]{1,200}?)(?:\r\n|\n|\r)content-[a-z-]{1,40}:", re.IGNORECASE)
_DELIMITER_REST: Final = re.compile(rb"(--)?[ \t]*(?:\r\n|\n|\r|\Z)")
_LINE_ENDS: Final = b"\r\n"


def parse(source: bytes) -> tuple[bytes, Part]:
    """Header octets (cut at 256 KiB) and the tree of parts, leaves with their decoded content. Never raises.

    Ids are IMAP section numbers (RFC 9051 6.4.5); a multipart at the root of a message is "TEXT", or "2.TEXT" inside
    message part 2. Leaves carry content, so their encoding is "binary" and their size is that of the content.
    A multipart without any part gets one: the text it then is.
    """
    reader = _Reader(source, MOST_PARTS)
    start = _after_mbox_line(source)
    body = _body_start(source, start, len(source))
    return source[start : min(body, start + BUDGET)], reader.message(start, len(source), "", 0, 0)


def suspicious(header: bytes, root: Part) -> bool:
    """True when the structure that the server told cannot be that of this header: fetch it all and parse() (R16).

    Clients and scanners disagree on broken MIME, and hostile mail lives in between: one parse must decide.
    """
    facts = Headers.parse(header)
    kind = facts.content_type
    if len(facts.all("content-type")) > 1 or kind.startswith("multipart/") != root.type.startswith("multipart/"):
        return True
    if not kind.startswith("multipart/"):
        expected = (kind, "text/plain", "application/octet-stream")
        return facts.get("content-type") is not None and root.type not in expected
    boundary = _boundary(facts)
    told = root.params.get("boundary")
    other = told is not None and told.split() != boundary.split()
    return kind != root.type or not root.children or not boundary or other


@dataclass(slots=True)
class _Reader:
    source: bytes
    left: int

    def message(self, start: int, end: int, prefix: str, depth: int, messages: int) -> Part:
        """The root part of a message. prefix: section of the message, "" for the outermost."""
        dot = f"{prefix}." if prefix else ""
        return self.entity(start, end, (f"{dot}1", f"{dot}TEXT", prefix), depth, messages, "text/plain")

    def entity(
        self, start: int, end: int, ids: tuple[str, str, str], depth: int, messages: int, default: str
    ) -> Part:  # fmt: skip
        """ids: as a leaf, as a multipart, and what the ids of its children begin with."""
        self.left -= 1
        body = _body_start(self.source, start, end)
        facts = Headers.parse(self.source[start : min(body, start + BUDGET)])
        type = facts.content_type if facts.get("content-type") is not None else default
        if type.startswith("multipart/") and depth < DEEPEST and self.left > 0:
            children = self._children(facts, body, end, ids[2], depth, messages, type)
            if children:
                return _part(facts, ids[1], type, b"", children)
            rest = self.source[body:end]
            found = (_text(f"{ids[2]}.1".lstrip("."), rest),) if rest.strip() else ()
            return _part(facts, ids[1], type, b"", found)
        octets = transfer.decode(facts.value("content-transfer-encoding") or "", self.source[body:end])
        inside: tuple[Part, ...] = ()
        if type in ("message/rfc822", "message/global") and messages < _MESSAGES_DEEP and self.left > 0:
            reader = _Reader(octets, self.left)
            inside = (reader.message(_after_mbox_line(octets), len(octets), ids[0], depth + 1, messages + 1),)
            self.left = reader.left
        return _part(facts, ids[0], type, octets, inside)

    def _children(
        self, facts: Headers, body: int, end: int, prefix: str, depth: int, messages: int, type: str
    ) -> tuple[Part, ...]:
        default = "message/rfc822" if type == "multipart/digest" else "text/plain"
        dot = f"{prefix}." if prefix else ""
        found: list[Part] = []
        for number, (start, stop) in enumerate(self._ranges(facts, body, end), 1):
            own = f"{dot}{number}"
            found.append(self.entity(start, stop, (own, own, own), depth + 1, messages, default))
        return tuple(found)

    def _ranges(self, facts: Headers, body: int, end: int) -> list[tuple[int, int]]:
        boundary = _boundary(facts).encode("utf-8", "replace")
        found = self._split(boundary, body, end) if boundary else []
        if not found and (guess := _GUESSED.search(self.source, body, end)):
            found = self._split(guess[1].rstrip(b" \t"), body, end)
        return found

    def _split(self, boundary: bytes, body: int, end: int) -> list[tuple[int, int]]:
        """Offsets of the parts between delimiter lines (RFC 2046 5.1.1); white space after one is transport's.

        Beyond the budget of parts everything that follows belongs to the last one.
        """
        found: list[tuple[int, int]] = []
        start: int | None = None
        for at, after, last in self._delimiters(b"--" + boundary, body, end):
            if start is not None and at > start:  # delimiters in a row are one
                found.append((start, max(start, self._before_line_end(at))))
            start = None
            if len(found) >= max(1, self.left):
                found[-1] = (found[-1][0], end)
                break
            if last:
                break
            start = after
        if start is not None:
            found.append((start, end))
        return found

    def _delimiters(self, wanted: bytes, body: int, end: int) -> Iterator[tuple[int, int, bool]]:
        """Where each delimiter line begins, where what follows it begins, and whether it is the closing one."""
        at = self.source.find(wanted, body, end)
        while at >= 0:
            after = at + len(wanted)
            rest = _DELIMITER_REST.match(self.source, after, end)
            if rest is not None and (at == 0 or self.source[at - 1] in _LINE_ENDS):
                after = rest.end()
                yield at, after, rest[1] is not None
            at = self.source.find(wanted, after, end)

    def _before_line_end(self, position: int) -> int:
        """The line end before a delimiter belongs to the delimiter."""
        if self.source[position - 2 : position] == b"\r\n":
            return position - 2
        return position - 1 if self.source[position - 1 : position] in (b"\n", b"\r") else position


def _part(facts: Headers, id: str, type: str, octets: bytes, children: tuple[Part, ...]) -> Part:
    type_params = facts.params("content-type")[1]
    disposition, disposition_params = facts.params("content-disposition")
    name = params.filename(type_params, disposition_params)
    if name is None and children and type.startswith("message/"):
        name = _message_name(octets)
    multipart = type.startswith("multipart/") and not octets
    return Part(
        id=PartId(id),
        type=type,
        params=type_params,
        encoding="7bit" if multipart else "binary",
        size=len(octets),
        disposition=disposition or None,
        filename=safe_filename(name, "attachment", type) if name else None,
        content_id=(facts.get("content-id") or "").strip("<> ") or None,
        children=children,
        content=None if multipart else octets,
    )


def _text(id: str, octets: bytes) -> Part:
    return Part(id=PartId(id), type="text/plain", encoding="binary", size=len(octets), content=octets)


def _message_name(octets: bytes) -> str | None:
    subject = Headers.parse(octets).subject
    return f"{subject}.eml" if subject else None


def _boundary(facts: Headers) -> str:
    value = facts.value("content-type") or ""
    return params.exact(params.split(value.partition(";")[2])).get("boundary", "").rstrip()


def _after_mbox_line(source: bytes) -> int:
    """Past the line that an mbox file puts before each message (RFC 4155), which is no header."""
    match = _LINE.match(source)
    mbox = match is not None and match[0].startswith((b"From ", b">From ")) and not _OLD_FROM.match(source)
    return match.end() if match is not None and mbox else 0


def _body_start(source: bytes, start: int, end: int) -> int:
    """Where the header ends: after the first empty line, or before a line that cannot be a field.

    Such a line in the middle of plain fields is skipped: it is damage, not the body.
    """
    position = start
    while position < end:
        match = _LINE.match(source, position, end)
        line = match[0] if match else b""
        after = position + len(line)
        if not line.strip(_LINE_ENDS):
            return after
        if _FIELD.match(line) is None and _SURE_FIELD.match(source, after, end) is None:
            return position
        position = after
        if position - start > BUDGET:
            found = [(at, len(blank)) for blank in _EMPTY_LINES if (at := source.find(blank, position, end)) >= 0]
            return sum(min(found)) if found else end
    return end
