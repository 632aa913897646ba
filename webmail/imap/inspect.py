"""What a search cannot ask the server: files by structure, and letters outside ASCII where the server knows none."""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from webmail.imap import decode, wire
from webmail.imap.connection import Connection
from webmail.imap.structure import Unusable, structure
from webmail.mail import mime, parts
from webmail.mail.conditions import NONE, File, HasFile, Leaf, Node, Words, settled
from webmail.mail.headers import Headers
from webmail.mail.ids import Uid
from webmail.mail.message import Part

_OCTETS: Final = 32 << 10
"""Of each message that is read."""


def sorted_out(
    conn: Connection, root: Node, loose: Sequence[Leaf], uids: Sequence[Uid]
) -> Iterator[tuple[Node, list[Uid]]]:
    """The messages by what is left of the conditions once it is known of each which of `loose` it meets; without those
    that cannot fit any more. One FETCH for all of them, one more where letters are compared here.

    Raises the errors of the wire.
    """
    facts = _structures(conn, uids) if any(isinstance(leaf, HasFile | File) for leaf in loose) else {}
    texts = _sources(conn, uids) if any(isinstance(leaf, Words) for leaf in loose) else {}
    groups: dict[tuple[bool, ...], list[Uid]] = defaultdict(list)
    for uid in uids:
        if uid in facts or uid in texts:
            known = (facts.get(uid), texts.get(uid))
            groups[tuple(_meets(leaf, *known) for leaf in loose)].append(uid)
    for vector, members in groups.items():
        left = settled(root, dict(zip(loose, vector, strict=True)).get)
        if left != NONE:
            yield left, members


@dataclass(frozen=True, slots=True)
class _Read:
    """A message as far as it was read."""

    header: Headers
    root: Part

    def holds(self, field: str, words: str) -> bool:
        return any(words in text.casefold() for text in self._texts(field))

    def _texts(self, field: str) -> Iterator[str]:
        for name in (field,) if field else ("subject", "from", "to", "cc", "body"):
            if name == "body":
                yield from (_text(part) for part in self.root.walk() if part.type.startswith("text/"))
            elif name == "subject":
                yield self.header.subject
            elif name in ("from", "to", "cc", "bcc"):
                yield from (f"{who.name or ''} <{who.address}>" for who in self.header.addresses(name))


def _meets(leaf: Leaf, files: tuple[Part, ...] | None, read: _Read | None) -> bool:
    if isinstance(leaf, HasFile):
        return bool(files)
    if isinstance(leaf, File):
        wanted = leaf.name.casefold()
        return any(wanted in (part.filename or "").casefold() for part in files or ())
    return isinstance(leaf, Words) and read is not None and read.holds(leaf.field, leaf.text.casefold())


def _structures(conn: Connection, uids: Sequence[Uid]) -> dict[Uid, tuple[Part, ...]]:
    """The files of each message, as its page lists them. One whose structure nobody understands has none."""
    found: dict[Uid, tuple[Part, ...]] = {}
    for part in wire.uid_sets(uids):
        reply = conn.command(b"UID FETCH", part, b"(UID BODYSTRUCTURE)", otherwise=None)
        for one in decode.fetched(reply.data.get("FETCH", ())):
            if one.uid is None:
                continue
            try:
                found[one.uid] = tuple(parts.choose(structure(one.structure)).attachments) if one.structure else ()
            except Unusable:
                found[one.uid] = ()
    return found


def _sources(conn: Connection, uids: Sequence[Uid]) -> dict[Uid, _Read]:
    found: dict[Uid, _Read] = {}
    for part in wire.uid_sets(uids):
        reply = conn.command(b"UID FETCH", part, b"(UID BODY.PEEK[]<0.%d>)" % _OCTETS, otherwise=None)
        for one in decode.fetched(reply.data.get("FETCH", ())):
            source = one.section("")
            if one.uid is not None and source is not None:
                header, root = mime.parse(source)
                found[one.uid] = _Read(Headers.parse(header), root)
    return found


def _text(part: Part) -> str:
    text = parts.text_of(part, b"")
    return html.unescape(text) if part.type == "text/html" else text
