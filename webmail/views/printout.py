"""Messages for paper: a document of its own, walled like the frame of a letter, with everything unfolded.

It can hold the HTML itself, because it holds nothing else that a letter could want: no form, no token, no script, no
network. A printed frame would be cut at its first page.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, abort, render_template, request

from webmail import errors, reading
from webmail.imap import fetch
from webmail.imap.connection import Connection
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, MessageRef
from webmail.mail.text import Block
from webmail.reading import Bodies
from webmail.sanitize.html import SafeHtml
from webmail.web import consent, converters, headers, inline, people, session
from webmail.web.cards import Cards, cards
from webmail.web.converters import Pick
from webmail.web.origin import own_host
from webmail.web.pictures import Remotes, keep
from webmail.web.services import services
from webmail.web.tiles import name_of, size_of
from webmail.web.words import _, ngettext, number

blueprint = Blueprint("printout", __name__)

MOST: Final = 50
MOST_LETTERS: Final = 8 * 1024 * 1024
"""Characters of HTML and text in one run; what is over is named and left out (R15)."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message. rows: (label, value) of its header. html or texts: its body. files: (name, size)."""

    subject: str
    rows: tuple[tuple[str, str], ...]
    html: SafeHtml | None
    texts: tuple[tuple[Block, ...], ...]
    files: tuple[tuple[str, str], ...]
    cards: Cards
    note: str

    @property
    def weight(self) -> int:
        """Characters, roughly."""
        return len(str(self.html or "")) + sum(_length(text) for text in self.texts)


@dataclass(frozen=True, slots=True)
class PrintPage:
    """What is printed, each letter on a new sheet. notes: what is missing and why."""

    letters: tuple[Letter, ...]
    notes: tuple[str, ...]


@blueprint.get("/m/<mailbox:mailbox>/<pick:pick>/print")
def one(mailbox: MailboxName, pick: Pick) -> str:
    """This message, with its remote images when the reader agreed to load them. Printing marks nothing as read."""
    ref = pick.within(mailbox)
    images = consent.given(ref)
    direct = images and not services().settings.image_proxy
    headers.use(headers.PRINT_WITH_IMAGES if direct else headers.PRINT)
    return render_template("printout/show.html", page=PrintPage((_letter(ref, images),), ()))


@blueprint.get("/m/<mailbox:mailbox>/print")
def several(mailbox: MailboxName) -> str:
    """?uid=<pick>&uid=<pick>…: the messages that were chosen in the list, in that order."""
    try:
        asked = [converters.pick_from_text(text) for text in request.args.getlist("uid")[:1000]]
    except ValueError:
        abort(400)
    if not asked:
        abort(400)
    picks = list(dict.fromkeys(asked))
    letters: list[Letter] = []
    missing = weight = 0
    for pick in picks[:MOST]:
        try:
            letter = _letter(pick.within(mailbox), images=False)
        except errors.MessageMissing:
            missing += 1
            continue
        weight += letter.weight
        if weight > MOST_LETTERS and letters:
            break
        letters.append(letter)
    headers.use(headers.PRINT)
    left = len(picks) - len(letters) - missing
    return render_template("printout/show.html", page=PrintPage(tuple(letters), _notes(missing, left)))


def _notes(missing: int, left: int) -> tuple[str, ...]:
    notes = []
    if missing:
        notes.append(
            ngettext("%(count)s message is no longer here.", "%(count)s messages are no longer here.", missing)
        )
    if left:
        notes.append(
            ngettext(
                "%(count)s of the chosen messages is not in this run: it holds at most %(most)s, fewer where they are "
                "very large. Choose them again to print them.",
                "%(count)s of the chosen messages are not in this run: it holds at most %(most)s, fewer where they are "
                "very large. Choose them again to print them.",
                left,
                most=number(MOST),
            )
        )
    return tuple(notes)


def _letter(ref: MessageRef, images: bool) -> Letter:
    return session.borrow(lambda conn: _read(conn, ref, images))


def _read(conn: Connection, ref: MessageRef, images: bool) -> Letter:
    message = fetch.message(conn, ref)
    remotes = Remotes(ref) if images else None
    bodies = reading.bodies(
        conn, message, plain=False, inline=inline.urls(message), remote=remotes, own_host=own_host()
    )
    if bodies.html is not None:
        keep(ref, images, bodies.html, str(bodies.html.html), remotes)
    facts = Headers.parse(message.header)
    files: Any = (*bodies.shown.attachments, *bodies.too_large)
    shown = cards(reading.told(conn, message, files), ref, facts, message.flags, answers=False)
    head = people.head(facts, message.arrived)
    return Letter(
        subject=head.subject,
        rows=tuple(row for row in head.details if row[0] != "Message-ID"),
        html=bodies.html.html if bodies.html else None,
        texts=bodies.texts,
        files=tuple((name_of(part), size_of(part)) for part in files),
        cards=shown,
        note=_note(bodies),
    )


def _note(bodies: Bodies) -> str:
    if bodies.too_large:
        return _("A part of this message was too large to print. It can be downloaded.")
    return "" if bodies.html or bodies.texts else _("This message has no text.")


def _length(blocks: tuple[Block, ...]) -> int:
    return sum(len(block.text) + _length(block.children) for block in blocks)
