"""A letter with all that is sent of it: files and pictures with their octets, and what another program formatted."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace

from webmail import errors, reading
from webmail.actions import send
from webmail.actions.means import Means, Outgoing
from webmail.imap import fetch
from webmail.imap.connection import Connection
from webmail.mail import carry, formatted
from webmail.mail import draft as mail
from webmail.mail.headers import Headers
from webmail.mail.ids import WHOLE
from webmail.mail.message import Message, Part
from webmail.mail.outgoing import MARK
from webmail.sanitize import written as html
from webmail.views import _drafts, _identity
from webmail.views._drafts import File, Found
from webmail.web import letter, session
from webmail.web.letter import Letter


@dataclass(frozen=True, slots=True)
class Gathered:
    """written: the letter; with HTML where what another program formatted is written anew. files, pictures: of it.
    whole: none of them is missing. body: what another program formatted, as it is. lost: its draft has formatting that
    the letter has not."""

    written: Letter
    files: list[File]
    pictures: list[mail.Attachment] = field(default_factory=list)
    whole: bool = True
    body: mail.Kept | None = None
    lost: bool = False


class Incomplete(Exception):
    """A file of the letter is nowhere any more. found: the rest."""

    def __init__(self, found: Gathered) -> None:
        super().__init__()
        self.found = found


def prepared(means: Means, written: Letter, wish: str, fresh: list[mail.Attachment]) -> Outgoing | None:
    """The letter, claimed and in Drafts, as send.prepare gives it. fresh: files that came with the form.

    Raises what send.prepare does, and Incomplete.
    """
    try:
        return _prepared(means, written, wish, fresh)
    except errors.NoCopy as error:
        if not isinstance(error.cause, _drafts.GONE):
            raise
    # Its draft was saved again in that moment, here or elsewhere: now its files lie in the next copy.
    return _prepared(means, written, wish, fresh)


def _prepared(means: Means, written: Letter, wish: str, fresh: list[mail.Attachment]) -> Outgoing | None:
    found = session.borrow(lambda conn: gathered(conn, written, here=wish == "bare"))
    if not found.whole:
        raise Incomplete(found)
    return send.prepare(
        means, ready(found, fresh), draft_ref=written.draft, origin=written.marks,
        forwarded=written.mode == "forward", copy=wish != "bare", insist=wish == "again", formatted=found.lost,
    )  # fmt: skip


def gathered(conn: Connection, written: Letter, *, here: bool = True) -> Gathered:
    """Bring together what the letter is sent with. here: each file with its octets; else those of our own drafts stay
    where they are. Raises TooLarge before more is fetched than a letter may hold."""
    body = _as_it_is(conn, written)
    if body is None:
        written = _anew(conn, written)
    files, pictures = _attachments(conn, written, here), _pictures(conn, written)
    whole = len(files) >= written.files() and len(pictures) >= len(html.pictures(written.html))
    more = _left_over(conn, written) if body is None and _drafts.foreign(written) and not written.format else []
    lost = body is None and _drafts.foreign(written)
    return Gathered(written, [*files, *more], pictures, whole, body, lost)


def ready(found: Gathered, fresh: list[mail.Attachment]) -> mail.Draft:
    """The letter to be sent. fresh: files that came with the form. Raises TooLarge, BadAddress."""
    written, files = found.written, [*found.files, *fresh]
    _drafts.weigh([*files, *found.pictures, *([found.body] if found.body else [])])
    draft = letter.to_draft(written, _identity.sender(written), files, strict=True)
    return replace(_drafts.formatted_draft(draft, written, found.pictures), body=found.body)


# --- what another program formatted -----------------------------------------------------------------------------------


def _as_it_is(conn: Connection, written: Letter) -> mail.Kept | None:
    """The body with its octets, where nobody changed a word and mail servers pass it on as it is."""
    if written.format or written.formatted() is None:
        return None
    message, body = _drafts.foreign_body(conn, written)
    if message is None or body is None or body.id != written.formatted():
        return None
    if body.size > 2 * _drafts.limit():
        raise errors.TooLarge
    with suppress(*_drafts.GONE):
        fields = carry.typed(_header(conn, message, body))
        content = b"".join(fetch.section_chunks(conn, message.ref, body.id, mime=False))
        if fields is not None and formatted.travels(body, content):
            return mail.Kept(content, fields, len(content))
    return None


def _header(conn: Connection, message: Message, body: Part) -> bytes:
    if body is message.root:
        return message.header
    return b"".join(fetch.section_chunks(conn, message.ref, body.id, mime=True))


def _anew(conn: Connection, written: Letter) -> Letter:
    """Formatting that cannot travel as it is goes through the gate, as it does when the editor takes it up."""
    if written.format or not _drafts.foreign(written) or not written.untouched():
        return written
    message, body = _drafts.foreign_body(conn, written)
    looks = reading.editable(conn, message) if message and body else ""
    return replace(written, html=looks, format="html") if looks else written


def _left_over(conn: Connection, written: Letter) -> list[mail.Attachment]:
    """Pictures of a body of which only the words stay: they are files now, as when it is saved."""
    message, body = _drafts.foreign_body(conn, written)
    if message is None or body is None or message.repaired:
        return []
    return [_drafts.attachment(conn, Found(message, part, "d")) for part in formatted.belongings(body)]


# --- files ------------------------------------------------------------------------------------------------------------


def _attachments(conn: Connection, written: Letter, here: bool) -> list[File]:
    there = _drafts.found(conn, written)
    if sum(one.part.size for one in there) > 2 * _drafts.limit():
        raise errors.TooLarge
    files: list[File] = []
    for one in there:
        with suppress(*_drafts.GONE):
            stays = not here and one.value.startswith("d") and _written_here(one)
            files.append(_drafts.referred(one) if stays else _drafts.attachment(conn, one))
    return files + [file for _, file in _drafts.uploaded(written)]


def _written_here(one: Found) -> bool:
    """Its lines are as ours are: a file of another program is read, and written anew."""
    header = Headers.parse(one.message.header)
    ours = header.get(mail.REVISION) is not None or header.get(MARK) is not None
    return ours and one.part.encoding == "base64" and one.part.content is None and one.part.id != WHOLE


def _pictures(conn: Connection, written: Letter) -> list[mail.Attachment]:
    there = [(cid, one) for cid, one in _drafts.shows(conn, written) if one is not None]
    if sum(one.part.size for _, one in there if isinstance(one, Found)) > 2 * _drafts.limit():
        raise errors.TooLarge
    return [
        replace(_drafts.attachment(conn, one) if isinstance(one, Found) else one, content_id=cid) for cid, one in there
    ]
