"""A message inside a message: opened as what it is, with its own people, text and files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request, url_for

from webmail import errors, reading
from webmail.imap import fetch
from webmail.imap.connection import Connection
from webmail.mail import parts
from webmail.mail.cards import Told
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, MessageRef, PartId
from webmail.mail.message import Message, Part
from webmail.mail.text import Block
from webmail.reading import Bodies
from webmail.sanitize.html import Cleaned
from webmail.views._notes import QUOTED
from webmail.web import headers, paper, people, preferences, session
from webmail.web.cards import Cards, cards
from webmail.web.converters import Pick
from webmail.web.origin import own_host
from webmail.web.people import Head
from webmail.web.tiles import File, tile_in
from webmail.web.words import _

blueprint = Blueprint("inner", __name__)


@dataclass(frozen=True, slots=True)
class InnerPage:
    """The fields are those of the message page. outer_url: the message it came in. download_url: it as a file."""

    head: Head
    frame_url: str | None
    paper_url: str
    white: bool
    texts: tuple[tuple[Block, ...], ...]
    notes: tuple[str, ...]
    files: tuple[File, ...]
    cards: Cards
    outer_url: str
    download_url: str


@blueprint.get("/m/<mailbox:mailbox>/<pick:pick>/part/<part:part_id>/message")
def show(mailbox: MailboxName, pick: Pick, part_id: PartId) -> str:
    """The message in this part. Its remote images are never loaded: consent is for the message that was opened."""
    ref = pick.within(mailbox)
    message, bodies, told = session.borrow(lambda conn: _read(conn, ref, part_id))
    return render_template("inner/show.html", page=_page(message, bodies, told, ref, part_id))


@blueprint.get("/m/<mailbox:mailbox>/<pick:pick>/part/<part:part_id>/message/body")
def body(mailbox: MailboxName, pick: Pick, part_id: PartId) -> str:
    """Its HTML body, behind the same two walls as every other (R1)."""
    ref = pick.within(mailbox)
    headers.use(headers.FRAME)
    cleaned, lang = session.borrow(lambda conn: _html(conn, ref, part_id))
    return render_template("inner/body.html", body=cleaned.html, night=cleaned.night, looks=cleaned.looks, lang=lang)


def _read(conn: Connection, ref: MessageRef, part_id: PartId) -> tuple[Message, Bodies, tuple[Told, ...]]:
    message = _inner(conn, ref, part_id)
    bodies = reading.bodies(
        conn, message, plain=False, inline=_inline(message), remote=None, own_host=own_host(), folded=_(QUOTED)
    )
    return message, bodies, reading.told(conn, message, _files(bodies))


def _html(conn: Connection, ref: MessageRef, part_id: PartId) -> tuple[Cleaned, str]:
    message = _inner(conn, ref, part_id)
    cleaned = reading.html_body(
        conn, message, inline=_inline(message), remote=None, own_host=own_host(), folded=_(QUOTED)
    )
    return cleaned, reading.language_of(message)


def _inner(conn: Connection, ref: MessageRef, part_id: PartId) -> Message:
    outer = fetch.message(conn, ref)
    part = parts.find(outer.root, part_id)
    if not part.type.startswith("message/"):
        raise errors.PartMissing
    return fetch.inner(conn, outer, part)


def _inline(message: Message) -> reading.Inline:
    """Pictures of this message only: one that the outer message holds is none of its own."""
    shown = parts.choose(message.root)

    def url(content_id: str) -> str | None:
        part = shown.inline.get(content_id)
        return url_for("part.show", mailbox=message.ref.mailbox, pick=message.ref, part_id=part.id) if part else None

    return url


def _page(message: Message, bodies: Bodies, told: tuple[Told, ...], ref: MessageRef, part_id: PartId) -> InnerPage:
    facts = Headers.parse(message.header)
    # Nobody checked who wrote it: an invitation in it is shown, and answered where it was sent to.
    shown = cards(told, ref, facts, frozenset(), answers=False)
    here: dict[str, Any] = {"mailbox": ref.mailbox, "pick": ref, "part_id": part_id}
    usual = preferences.current().paper
    return InnerPage(
        head=people.head(facts, message.arrived),
        frame_url=url_for("inner.body", **here) if bodies.html else None,
        paper_url=url_for("inner.show", **here, **paper.other(request.args, usual)),
        white=paper.is_white(request.args, usual),
        texts=bodies.texts,
        notes=_notes(bodies),
        files=tuple(tile_in(ref, part) for part in _files(bodies) if part.id not in shown.covered),
        cards=shown,
        outer_url=url_for("message.show", mailbox=ref.mailbox, pick=ref, **paper.choice(request.args)),
        download_url=url_for("part.show", **here, dl=1),
    )


def _files(bodies: Bodies) -> tuple[Part, ...]:
    return (*bodies.shown.attachments, *bodies.too_large)


def _notes(bodies: Bodies) -> tuple[str, ...]:
    notes = [_("This message came as a file in another. Nobody checked who wrote it.")]
    if bodies.too_large:
        notes.append(_("A part of it is too large or too complicated to show safely. You can download it below."))
    return tuple(notes)
