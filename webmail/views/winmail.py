"""winmail.dat opened: the message that Outlook wrapped, its text and its files. Only for who asks (R15)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, render_template, request, url_for

from webmail import errors
from webmail.imap import fetch
from webmail.mail import parts, tnef
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, MessageRef, PartId
from webmail.mail.message import Message, Part
from webmail.mail.text import Block, blocks
from webmail.mail.tnef import Tnef
from webmail.reading import Inline
from webmail.sanitize.html import Cleaned, clean
from webmail.views import _file
from webmail.web import headers, people, session
from webmail.web.converters import Pick
from webmail.web.origin import own_host
from webmail.web.people import Head
from webmail.web.tiles import File, name_of, tile
from webmail.web.words import _

blueprint = Blueprint("winmail", __name__)

_ROOT: Final = "/m/<mailbox:mailbox>/<pick:pick>/part/<part:part_id>/winmail"
_PIECE: Final = 64 << 10


@dataclass(frozen=True, slots=True)
class WinmailPage:
    """The fields are those of the page of an inner message. title: the subject inside, or the name of the file."""

    title: str
    head: Head
    frame_url: str | None
    texts: tuple[tuple[Block, ...], ...]
    notes: tuple[str, ...]
    files: tuple[File, ...]
    outer_url: str
    download_url: str


@dataclass(frozen=True, slots=True)
class _Way:
    """Where a thing is: in this part of this message, then by these numbers of files within files."""

    ref: MessageRef
    part: PartId
    inner: PartId | None

    def numbers(self) -> tuple[int, ...]:
        return tuple(map(int, self.inner.split("."))) if self.inner else ()

    def url(self, endpoint: str, number: int | None = None, **more: Any) -> str:
        names = [str(one) for one in (self.inner, number) if one]
        at: dict[str, Any] = {"inner": PartId(".".join(names))} if names else {}
        return url_for(endpoint, mailbox=self.ref.mailbox, pick=self.ref, part_id=self.part, **at, **more)


@blueprint.get(_ROOT)
@blueprint.get(f"{_ROOT}/<part:inner>/message")
def show(mailbox: MailboxName, pick: Pick, part_id: PartId, inner: PartId | None = None) -> str:
    """What is inside this part, or in a message inside it. inner: numbers of files, as in 3.1."""
    way = _Way(pick.within(mailbox), part_id, inner)
    message, part = _part(way)
    found = tnef.inside(_octets(way.ref, part), way.numbers())
    return render_template("winmail/show.html", page=_page(way, message, part, found))


@blueprint.get(f"{_ROOT}/body")
@blueprint.get(f"{_ROOT}/<part:inner>/body")
def body(mailbox: MailboxName, pick: Pick, part_id: PartId, inner: PartId | None = None) -> str:
    """Its HTML, behind the same walls as every other (R1)."""
    way = _Way(pick.within(mailbox), part_id, inner)
    headers.use(headers.FRAME)
    cleaned = _cleaned(way, tnef.inside(_octets(way.ref, _part(way)[1]), way.numbers()))
    if cleaned is None:
        raise errors.PartMissing
    return render_template("winmail/body.html", body=cleaned.html, night=cleaned.night, lang="")


@blueprint.get(f"{_ROOT}/<part:inner>")
def file(mailbox: MailboxName, pick: Pick, part_id: PartId, inner: PartId) -> Response:
    """A file inside, under the rules for every file (R7, R8); dl=1: as a download."""
    way = _Way(pick.within(mailbox), part_id, inner)
    *above, number = way.numbers()
    found = tnef.file_in(tnef.inside(_octets(way.ref, _part(way)[1]), above), number)
    if found.message or request.args.get("dl") == "1":
        return _file.saved(_cut(found.data), f"{found.name}.dat" if found.message else found.name)
    return _file.opened(_cut(found.data), found.type, found.name, None)


def _part(way: _Way) -> tuple[Message, Part]:
    message = session.borrow(lambda conn: fetch.message(conn, way.ref))
    part = parts.find(message.root, way.part)
    if not tnef.is_tnef(part):
        raise errors.PartMissing
    return message, part


def _octets(ref: MessageRef, part: Part) -> bytes:
    """The whole file: what is inside refers to all places of it. Raises TooLarge beyond tnef.LARGEST (R15)."""
    if part.size > 2 * tnef.LARGEST:  # no transfer encoding makes it smaller by more
        raise errors.TooLarge
    octets = bytearray()
    for piece in _file.octets(ref, part):
        octets += piece
        if len(octets) > tnef.LARGEST:
            raise errors.TooLarge
    return bytes(octets)


def _cut(data: memoryview) -> Iterator[bytes]:
    return (bytes(data[at : at + _PIECE]) for at in range(0, len(data), _PIECE))


def _cleaned(way: _Way, found: Tnef) -> Cleaned | None:
    """The HTML inside, or None: there is none, or it is over the budget. Its remote pictures are never loaded."""
    if not found.html:
        return None
    try:
        return clean(found.html, inline=_inline(way, found), remote=None, own_host=own_host())
    except errors.TooLarge:
        return None


def _inline(way: _Way, found: Tnef) -> Inline:
    known = {file.content_id: number for number, file in enumerate(found.files, 1) if file.content_id}
    return lambda cid: way.url("winmail.file", known[cid]) if cid in known else None


def _page(way: _Way, message: Message, part: Part, found: Tnef) -> WinmailPage:
    cleaned = _cleaned(way, found)
    used = str(cleaned.html) if cleaned else ""
    tiles = [_tile(way, number, file) for number, file in enumerate(found.files, 1)]
    return WinmailPage(
        title=found.subject or name_of(part),
        head=people.head(Headers.parse(message.header), message.arrived),
        frame_url=way.url("winmail.body") if cleaned else None,
        texts=(blocks(found.text),) if found.text.strip() and not cleaned else (),
        notes=_notes(found, shown=bool(cleaned or found.text.strip())),
        files=tuple(one for one in tiles if f'"{one.url}"' not in used),
        outer_url=url_for("message.show", mailbox=way.ref.mailbox, pick=way.ref),
        download_url=way.url("winmail.file", dl=1) if way.inner else way.url("part.show", dl=1),
    )


def _tile(way: _Way, number: int, file: tnef.File) -> File:
    part = Part(PartId(str(number)), file.type, encoding="binary", size=len(file.data), filename=file.name)
    opens = "winmail.show" if file.message else "winmail.file"
    return tile(part, way.url(opens, number), way.url("winmail.file", number, dl=1))


def _notes(found: Tnef, *, shown: bool) -> tuple[str, ...]:
    notes = [_("Outlook packed this message in a file of its own kind. Nobody checked who wrote what is inside.")]
    if found.too_large:
        notes.append(_("A text inside is too large to show safely."))
    if not found.whole:
        notes.append(_("The file is damaged or cut off. We show what we could read; it can be downloaded as it came."))
    elif not shown and not found.too_large:
        below = _("There is no text inside. Its files are below.")
        notes.append(below if found.files else _("There is no text inside."))
    return tuple(notes)
