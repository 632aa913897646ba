"""What a message shows: its body among its parts, and which are its attachments. Every leaf is shown or listed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import unquote

from webmail.errors import PartMissing
from webmail.mail import transfer
from webmail.mail.charset import decode
from webmail.mail.ids import PartId
from webmail.mail.message import Part
from webmail.mail.names import safe_filename

MOST_PARTS: Final = 1000
DEEPEST: Final = 50
"""Budgets of R15 for multiparts; whoever makes Parts keeps to them."""

_CARDS: Final = frozenset({"text/calendar", "text/x-vcalendar", "text/vcard", "text/x-vcard", "text/directory"})
"""Texts that are written for programs."""

_CID: Final = re.compile(r"cid:([^\s\"'<>)]{1,500})", re.IGNORECASE)
_META: Final = re.compile(rb"<meta\b[^>]{0,300}?charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shown:
    """text and html: the same words twice, as multipart/alternative gives them; either may be None.

    more: further bodies in order, text/plain or text/html, that belong below the first one whichever of the two is
    shown (footers of mailing lists, text between pictures). attachments: everything else, in order.
    inline: Content-ID -> part, for all parts that have one; those only meant for pictures in the HTML are not in
    attachments (settle() knows better once the HTML is at hand).
    """

    text: Part | None
    html: Part | None
    more: tuple[Part, ...]
    attachments: tuple[Part, ...]
    inline: Mapping[str, Part] = field(default_factory=dict)


@dataclass(slots=True)
class _Body:
    text: Part | None = None
    html: Part | None = None

    def parts(self) -> Iterator[Part]:
        return (part for part in (self.text, self.html) if part is not None)


@dataclass(slots=True)
class _Found:
    """What one branch holds. unlisted: pictures of a multipart/related, shown inside its HTML."""

    bodies: list[_Body] = field(default_factory=list)
    files: list[Part] = field(default_factory=list)
    unlisted: list[Part] = field(default_factory=list)

    def add(self, other: _Found) -> None:
        self.bodies += other.bodies
        self.files += other.files
        self.unlisted += other.unlisted

    @property
    def shows_html(self) -> bool:
        return any(body.html is not None for body in self.bodies)

    @property
    def shows_text(self) -> bool:
        return any(body.text is not None for body in self.bodies)


def choose(root: Part) -> Shown:
    """Body, further bodies, attachments and inline parts of a message.

    A leaf is a body when it is text/plain or text/html, has no name and is not marked "attachment". A message/rfc822 is
    an attachment, and is not looked into. When there is no body at all, the first readable text that is not marked
    "attachment" is shown and stays listed.
    """
    found = _visit(root, 0)
    order = {id(part): index for index, part in enumerate(root.walk())}
    files = sorted(found.files, key=lambda part: order[id(part)])
    inline: dict[str, Part] = {}
    for part in _leaves(root):
        if part.content_id and not part.type.startswith("multipart/"):
            inline.setdefault(part.content_id, part)
    if not found.bodies:
        found.bodies += [_body(part) for part in files if _readable(part)][:1]
    first, *rest = found.bodies or [_Body()]
    more = tuple(part for body in rest for part in body.parts())
    twice = [part for part in found.unlisted if inline.get(part.content_id or "") is not part]
    return Shown(first.text, first.html, more, (*files, *twice), inline)


def to_read(shown: Shown, *, plain: bool) -> tuple[Part, ...]:
    """The parts that are read to show this. plain: the text rather than the HTML, where there are both."""
    first = shown.text if shown.html is None or (plain and shown.text is not None) else shown.html
    return (*(() if first is None else (first,)), *shown.more)


def settle(shown: Shown, html: str | None) -> Shown:
    """The same, once the HTML that is shown is known (None: none is).

    Pictures it does not mention become attachments; pictures it does mention stop being listed.
    """
    used = {unquote(cid).strip() for cid in _CID.findall(html)} if html else set()
    listed = [part for part in shown.attachments if not (part.content_id in used and _picture(part))]
    bodies = {id(part) for part in (shown.text, shown.html, *shown.more)}
    known = {id(part) for part in shown.attachments} | bodies
    lost = [part for cid, part in shown.inline.items() if cid not in used and id(part) not in known]
    return replace(shown, attachments=(*listed, *lost))


def find(root: Part, part_id: PartId) -> Part:
    """The part with this section number. Raises PartMissing."""
    for part in root.walk():
        if part.id == part_id:
            return part
    raise PartMissing


def decode_content(part: Part, data: bytes) -> bytes:
    """Octets of a part without its transfer encoding; data: as fetched. A part that carries its content gives that.

    Never raises: broken base64 gives what can be read of it, an unknown encoding passes (RFC 2045 6.4).
    """
    return part.content if part.content is not None else transfer.decode(part.encoding, data)


def text_of(part: Part, data: bytes) -> str:
    """Text of a text part, line ends as LF; data: as fetched. Without a label HTML may name its charset itself."""
    return text_in(part, decode_content(part, data))


def text_in(part: Part, octets: bytes) -> str:
    """The same, of octets whose transfer encoding is undone."""
    label = part.charset
    if not label and part.type == "text/html" and (match := _META.search(octets[:4096])):
        label = match[1].decode("ascii", "replace")
    return decode(octets, label).replace("\r\n", "\n").replace("\r", "\n")


def download_name(part: Part) -> str:
    """A safe file name for a part, its own or one made of its number and type (R8)."""
    return safe_filename(part.filename, f"part {part.id}", part.type)


def _visit(part: Part, depth: int) -> _Found:
    if part.type.startswith("multipart/") and part.children:
        if depth >= DEEPEST:
            return _Found(files=list(_leaves(part)))
        if part.type == "multipart/alternative":
            return _alternative(part, depth)
        if part.type == "multipart/related":
            return _related(part, depth)
        found = _Found()
        for child in part.children:
            found.add(_visit(child, depth + 1))
        return found
    if _is_body(part):
        return _Found(bodies=[_body(part)])
    empty = part.type.startswith("multipart/") and not part.content
    return _Found() if empty else _Found(files=[part])


def _alternative(part: Part, depth: int) -> _Found:
    """The last is the best (RFC 2046 5.1.4). What is passed over is listed, so that nothing is out of reach."""
    branches = [_visit(child, depth + 1) for child in part.children]
    html = next((branch for branch in reversed(branches) if branch.shows_html), None)
    text = next((branch for branch in reversed(branches) if branch.shows_text and branch is not html), None)
    chosen = _Found(bodies=_merged(text or _Found(), html or _Found()))
    shown = {id(leaf) for body in chosen.bodies for leaf in body.parts()}
    for branch in branches:
        chosen.files += branch.files
        chosen.unlisted += branch.unlisted
        chosen.files += [leaf for body in branch.bodies for leaf in body.parts() if id(leaf) not in shown]
    return chosen


def _merged(text: _Found, html: _Found) -> list[_Body]:
    if not html.bodies or not text.bodies:
        return html.bodies or text.bodies
    plain = next(body.text for body in text.bodies if body.text is not None)
    first = next(body for body in html.bodies if body.html is not None)
    return [_Body(plain, first.html), *(body for body in html.bodies if body is not first)]


def _related(part: Part, depth: int) -> _Found:
    """One root and what it refers to by cid: (RFC 2387). start names the root; it is the first part otherwise."""
    start = part.params.get("start", "").strip("<> ")
    root = next((child for child in part.children if start and child.content_id == start), part.children[0])
    found = _visit(root, depth + 1)
    shows_html = found.shows_html
    for child in part.children:
        if child is root:
            continue
        if shows_html and child.content_id and _picture(child) and child.disposition != "attachment":
            found.unlisted.append(child)
        else:
            found.add(_visit(child, depth + 1))
    return found


def _body(part: Part) -> _Body:
    return _Body(html=part) if part.type == "text/html" else _Body(text=part)


def _is_body(part: Part) -> bool:
    return part.type in ("text/plain", "text/html") and part.disposition != "attachment" and not part.filename


def _readable(part: Part) -> bool:
    return part.type.startswith("text/") and part.disposition != "attachment" and part.type not in _CARDS


def _picture(part: Part) -> bool:
    return part.type.startswith("image/")


def _leaves(root: Part) -> Iterator[Part]:
    """Leaves in order; a message inside is one leaf."""
    waiting = [root]
    while waiting:
        part = waiting.pop()
        if part.type.startswith("multipart/") and part.children:
            waiting.extend(reversed(part.children))
        else:
            yield part
