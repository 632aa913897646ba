"""What the pages of writing share: the files of a letter, wherever they are, and its way into Drafts."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from flask import Response, after_this_request, request

from webmail import errors
from webmail.actions import drafts
from webmail.imap import fetch
from webmail.imap.connection import Connection
from webmail.mail import build, carry, formatted, parts, transfer
from webmail.mail import draft as mail
from webmail.mail.address import Address
from webmail.mail.ids import WHOLE, MessageRef, PartId
from webmail.mail.message import Message, Part
from webmail.sanitize import written as html
from webmail.views import _answer, _identity, _sending
from webmail.web import filters, letter, session, tiles, uploads
from webmail.web.letter import Letter
from webmail.web.services import services
from webmail.web.words import _

GONE: Final = (errors.PartMissing, errors.MessageMissing, errors.MailboxRebuilt, errors.MailboxMissing)
_ENCODINGS: Final = frozenset({"base64", "quoted-printable", "7bit", "8bit"})
PICTURE: Final = "@picture.invalid"
"""Behind the token of an uploaded picture: its Content-ID."""

_IN_MEMORY: Final = 512 << 10
_A_SECOND: Final = 250_000
"""Octets of files that may travel for every second of writing, where the server cannot refer to what it has."""

_LONGEST_REST: Final = 300

File = mail.Attachment | mail.Kept


@dataclass(frozen=True, slots=True)
class Tile:
    """A file that is kept already: in the draft, in the forwarded message, or uploaded. keep: value of its input.

    octets: decoded, about; size: the same in words.
    """

    keep: str
    name: str
    kind: str
    colour: int
    size: str
    octets: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A kept file where it is on the server."""

    message: Message
    part: Part
    value: str


def limit() -> int:
    """Octets of all files of one letter: the site's limit, or what the submission server takes (SIZE, RFC 1870)."""
    most, offer = services().settings.upload_limit_mb * 1_000_000, _sending.outbox().offer(_sending.how())
    return min(most, build.room(offer.size)) if offer and offer.size else most


def saved_now() -> str:
    """ "Saved in Drafts 09:52" """
    return _("Saved in Drafts %(time)s", time=filters.clock(datetime.now(filters.zone_of(request))))


# --- the files of a letter --------------------------------------------------------------------------------------------


def found(conn: Connection, written: Letter) -> list[Found]:
    """The kept files, found where they are. One that is gone with its message is simply gone from the list."""
    there: list[Found] = []
    messages: dict[MessageRef, Message] = {}
    for ref, part_id, value in written.kept():
        for home in _homes(conn, written, ref, value):
            with suppress(*GONE):
                if home not in messages:
                    messages[home] = fetch.message(conn, home)
                there.append(Found(messages[home], _part(messages[home], part_id, value), value))
                break
    return there


def _part(message: Message, part_id: PartId, value: str) -> Part:
    return _answer.part_of(message, part_id) if part_id == WHOLE else letter.find(message.root, part_id, value)


def _homes(conn: Connection, written: Letter, ref: MessageRef, value: str) -> Iterator[MessageRef]:
    """Where to look for a file: in its message; one of the draft also in what the same page saved meanwhile (the answer
    was lost), and in what another window saved."""
    yield ref
    if value.startswith("d"):
        latest = drafts.latest(conn, written.message_id, written.revision.writer)
        yield from (home for home in (latest, written.other) if home is not None)


def shown(conn: Connection, written: Letter) -> tuple[Tile, ...]:
    """The same as tiles, and the uploaded ones, in the order of the form."""
    known = {one.value: _tile(one.part, one.value) for one in found(conn, written)}
    for token, file in uploaded(written):
        part = Part(PartId("1"), file.type, {}, "binary", file.size, filename=file.filename, content=None)
        known[f"u{token}"] = replace(_tile(part, f"u{token}"), size=filters.size_text(file.size))
    return tuple(known[value] for value in dict.fromkeys(written.keep) if value in known)


def shows(conn: Connection, written: Letter) -> list[tuple[str, Found | mail.Attachment | None]]:
    """Every Content-ID in the formatted text, with its picture: uploaded by itself, in the draft, or in the message
    that is answered; None where it is gone."""
    if not written.format or not (wanted := html.pictures(written.html)):
        return []
    known = {f"{token}{PICTURE}": file for token, file in _uploads_in(wanted)}
    inline: dict[str, Found] = {}
    homes = [(ref, "d") for ref in _homes(conn, written, written.draft, "d")] if written.draft else []
    for home, place in (*homes, *([(written.origin, "o")] if written.origin else [])):
        if set(wanted) <= {*known, *inline}:
            break
        with suppress(*GONE):
            message = fetch.message(conn, home)
            for cid, part in parts.choose(message.root).inline.items():
                if part.type.startswith("image/"):
                    inline.setdefault(cid, Found(message, part, place))
    return [(cid, known.get(cid) or inline.get(cid)) for cid in wanted]


def _uploads_in(wanted: Iterable[str]) -> Iterator[tuple[str, mail.Attachment]]:
    for cid in wanted:
        token = cid.removesuffix(PICTURE)
        if re.fullmatch("[0-9a-f]{32}", token) and cid.endswith(PICTURE):
            with suppress(errors.PartMissing):
                file = services().spool.find(session.current().address, token)
                if file.type.startswith("image/"):
                    yield token, mail.Attachment(file.name, file.type, file, content_id=cid)


def attachment(conn: Connection, one: Found) -> mail.Attachment:
    """A kept file with its octets, on disk when there are many. Raises TooLarge and the errors of the wire."""
    copied = _copied(conn, one)
    if one.part.id == WHOLE:
        # Its header is read once more, so that it tells nobody who got it unseen.
        octets = copied if isinstance(copied, bytes) else b"".join(copied.chunks())
        return _answer.attachment(one.part, tiles.name_of(one.part), octets)
    return mail.Attachment(tiles.name_of(one.part), one.part.type, copied)


class _Copied:
    """Octets brought from the server, on disk when there are many (mail/draft.py, Octets)."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._file = file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115

        @after_this_request
        def close(response: Response) -> Response:
            file.close()
            return response

        try:
            self.size = sum(map(file.write, chunks))
            file.flush()
        except OSError:
            raise errors.NoRoom from None

    def chunks(self) -> Iterator[bytes]:
        self._file.seek(0)
        return iter(lambda: self._file.read(fetch.CHUNK), b"")


def _copied(conn: Connection, one: Found) -> bytes | mail.Octets:
    if one.part.content is not None:
        return one.part.content
    left = 2 * limit()

    def counted() -> Iterator[bytes]:
        nonlocal left
        for chunk in fetch.part_chunks(conn, one.message.ref, one.part):
            left -= len(chunk)
            if left < 0:
                raise errors.TooLarge
            yield chunk

    return _Copied(transfer.decoded_chunks(one.part.encoding, counted()))


def uploaded(written: Letter) -> Iterator[tuple[str, mail.Attachment]]:
    """The files that were uploaded by themselves and wait here, each with its token."""
    for token in written.uploaded():
        with suppress(errors.PartMissing):
            file = services().spool.find(session.current().address, token)
            yield token, mail.Attachment(file.name, file.type, file)


def _tile(part: Part, value: str) -> Tile:
    octets = part.size * 57 // 78 if part.encoding == "base64" else part.size
    return Tile(value, tiles.name_of(part), tiles.kind_of(part), tiles.colour_of(part), tiles.size_of(part), octets)


# --- into Drafts ------------------------------------------------------------------------------------------------------


def store(written: Letter, *, insist: bool = True, beside: bool = False) -> Letter:
    """The letter with its kept and new files into Drafts; the same letter, pointing there. Files that the server has
    stay where they are. insist: also when its draft is gone. beside: as a draft of its own, replacing none.
    Raises what saving does."""
    fresh, writer = uploads.uploads(request.files.getlist("att")), _identity.sender(written)
    written = replace(written, keep=tuple(dict.fromkeys(written.keep)))

    def work(conn: Connection) -> MessageRef | None:
        draft, lost = made(conn, written, writer, fresh)
        base = None if beside else written.draft
        revision = replace(written.revision, digest=written.digest())
        return drafts.save(conn, draft, base, revision, insist=insist, formatted=lost)

    saved = session.borrow(work)
    if saved is None:
        return written
    shown_there = (token for token, _ in _uploads_in(html.pictures(written.html)))
    for token in (*written.uploaded(), *shown_there):
        services().spool.drop(session.current().address, token)
    message, thrifty = session.borrow(lambda conn: (fetch.message(conn, saved), drafts.thrifty(conn)))
    there = parts.choose(message.root)
    following = mail.Revision(written.revision.writer, written.revision.number + 1)
    keep = tuple(letter.keep_of("d", part) for part in there.attachments)
    rich = rich_of(message, there, written.body) if written.formatted() else ours(written)
    rest = 0 if thrifty else min(sum(part.size for part in there.attachments) // _A_SECOND, _LONGEST_REST)
    return replace(written, draft=saved, keep=keep, rich=rich, revision=following, other=None, rest=rest)


def made(conn: Connection, written: Letter, writer: Address, fresh: list[mail.Attachment]) -> tuple[mail.Draft, bool]:
    """The letter to be stored, and whether it loses formatting. fresh: files that came with the form. Raises TooLarge
    and the errors of the wire."""
    there: dict[str, File] = {one.value: _kept(conn, one) for one in found(conn, written)}
    there |= {f"u{token}": file for token, file in uploaded(written)}
    body, more, lost = (None, [], foreign(written)) if written.format else _body(conn, written)
    inside = [_kept(conn, one) if isinstance(one, Found) else one for _, one in shows(conn, written) if one]
    # In the order of the form, which tells its files apart by that.
    files: list[File] = [*(there[value] for value in written.keep if value in there), *more, *fresh]
    weigh(files + inside)
    draft = formatted_draft(letter.to_draft(written, writer, files, strict=False), written, inside)
    return replace(draft, body=body), lost


def formatted_draft(draft: mail.Draft, written: Letter, pictures: Iterable[File]) -> mail.Draft:
    """The same with its looks, where the letter has some."""
    if not written.format:
        return draft
    return replace(draft, html=html.document(written.html), pictures=tuple(pictures))


def foreign(written: Letter) -> bool:
    """Whether its draft has the formatting of another program, of which ours, or plain text, may say less."""
    return bool(written.rich) and not written.own()


def lying_at(written: Letter, ref: MessageRef | None) -> Letter:
    """The same letter, whose draft is now there, with the files that are in it."""
    if ref is None:
        return written
    try:
        root = session.borrow(lambda conn: fetch.message(conn, ref)).root
    except errors.MailError:
        return replace(written, draft=ref)
    keep = tuple(letter.keep_of("d", part) for part in parts.choose(root).attachments)
    return replace(written, draft=ref, keep=keep, rich=ours(written))


def complete(before: Letter, after: Letter) -> bool:
    """Whether every file is in Drafts that the form had."""
    return after is before or len(after.keep) >= before.files() + fresh_files()


def fresh_files() -> int:
    """Files that this post brings along, whether or not they arrived whole."""
    return sum(bool(file.filename) for file in request.files.getlist("att"))


def rich_of(message: Message, there: parts.Shown, text: str) -> str:
    """Letter.rich of a draft as it is in the mailbox; "" for plain text."""
    if there.html is None:
        return ""
    body = formatted.body_of(message.root, there)
    sound = body is not None and not message.repaired and (body is not message.root or carry.typed(message.header))
    return letter.rich_of(body.id if body and sound else None, text)


def ours(written: Letter) -> str:
    """Letter.rich of a draft that was just formatted here; "" for plain text."""
    return letter.rich_of(letter.OURS, written.body) if written.format else ""


def referred(one: Found) -> mail.Kept:
    """The file as it lies there, with a header of our own."""
    return build.kept_file(one.part, one.message.ref, tiles.name_of(one.part))


def weigh(files: list[File]) -> None:
    """Encoded, 78 octets stand for 57 (RFC 2045 6.8). Raises TooLarge."""
    octets = sum(file.size * 57 // 78 if isinstance(file, mail.Kept) else file.size for file in files)
    if octets > limit():
        raise errors.TooLarge


def _kept(conn: Connection, one: Found) -> File:
    """A file that need not travel; one in an encoding that we do not know is brought here and written anew."""
    part, message = one.part, one.message
    if part.id == WHOLE or part.content is not None or part.encoding not in _ENCODINGS:
        return attachment(conn, one)
    if one.value.startswith("o") or part is message.root:
        return referred(one)
    return mail.Kept(mail.Piece(message.ref, part.id), None, part.size)


def _body(conn: Connection, written: Letter) -> tuple[mail.Kept | None, list[File], bool]:
    """The formatted body as long as it may stay; else what is left of it as files, and that something is lost."""
    message, body = foreign_body(conn, written)
    if message is None:
        return None, [], False
    if body is not None and body.id == written.formatted():
        fields = carry.typed(message.header) if body is message.root else None
        return mail.Kept(mail.Piece(message.ref, body.id), fields, body.size), [], False
    if body is None or message.repaired:
        return None, [], parts.choose(message.root).html is not None
    return None, [_kept(conn, Found(message, part, "d")) for part in formatted.belongings(body)], True


def foreign_body(conn: Connection, written: Letter) -> tuple[Message | None, Part | None]:
    """The draft that another program formatted, and the part of it that is its body (formatted.body_of); None where
    there is none."""
    if not written.rich or written.draft is None:
        return None, None
    try:
        message = fetch.message(conn, written.draft)
    except GONE:
        return None, None
    return message, formatted.body_of(message.root, parts.choose(message.root))
