"""Letters that begin from another one: the templates to choose from, the letter made of one, and one kept as such."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from flask import request, url_for

from webmail import errors
from webmail.actions import templates
from webmail.imap import fetch, mailboxes
from webmail.imap.connection import Connection
from webmail.mail import parts
from webmail.mail.ids import MessageRef
from webmail.mail.mailbox import Mailbox, is_templates
from webmail.mail.message import Message
from webmail.views import _drafts, _identity, _rich
from webmail.views._drafts import Tile
from webmail.web import letter, session, uploads
from webmail.web.letter import TEMPLATE, Letter
from webmail.web.rows import NO_SUBJECT, Choice
from webmail.web.words import _

_MOST: Final = 50


def offered(conn: Connection, written: Letter, folders: Sequence[Mailbox]) -> tuple[Choice, ...]:
    """The newest templates, as links, for a letter that is not begun yet. Nothing while they cannot be had."""
    folder = next((mailbox for mailbox in folders if is_templates(mailbox)), None)
    if folder is None or written.mode != "new" or written.draft is not None:
        return ()
    with suppress(errors.MailError):
        rows = fetch.page(conn, folder.name, size=_MOST).rows
        return tuple(
            Choice(
                row.subject or _(NO_SUBJECT),
                url_for("compose.answer", mailbox=row.ref.mailbox, pick=row.ref, mode=TEMPLATE),
            )
            for row in rows
        )
    return ()


def begun(message: Message, taken_up: Letter, address: str, own: str) -> Letter:
    """A new letter with all of this message: people, subject, words and files, which stay where they are until it is
    saved or sent. taken_up: the message as a draft of its own. address: the writer's. own: Message-ID of the message,
    where it is a template: saving the letter as one replaces it."""
    files = parts.choose(message.root).attachments
    return replace(
        taken_up, message_id=letter.new_message_id(address), mode=TEMPLATE, draft=None, origin=message.ref,
        in_reply_to="", references=(), keep=tuple(letter.keep_of("o", part) for part in files), rich="",
        template=own,
    )  # fmt: skip


def is_one(conn: Connection, ref: MessageRef) -> bool:
    """Whether this message lies among the templates."""
    return any(mailbox.name == ref.mailbox and is_templates(mailbox) for mailbox in mailboxes.list_mailboxes(conn))


def named(written: Letter) -> Letter:
    """The letter that knows its template: the one that it began from, or one more."""
    own = written.template or letter.new_message_id(session.current().address)
    return replace(written, template=own)


def keep(written: Letter) -> bool:
    """A letter that was just saved, with its files, as its template; True: in place of the one that it began from.

    Raises what templates.keep and its files raise."""
    fresh = [] if written.draft else uploads.uploads(request.files.getlist("att"))
    lone, writer = replace(written, message_id=written.template, template=""), _identity.sender(written)

    def work(conn: Connection) -> bool:
        made, _ = _drafts.made(conn, lone, writer, fresh)
        return templates.keep(conn, letter.as_template(made))

    return session.borrow(work)


def around(
    written: Letter, conn: Connection
) -> tuple[tuple[Mailbox, ...], tuple[Tile, ...], tuple[Choice, ...], tuple[_rich.Picture, ...]]:
    """What stands around the words of a letter: folders, files, templates, and its pictures."""
    folders = mailboxes.list_mailboxes(conn)
    return folders, _drafts.shown(conn, written), offered(conn, written, folders), _rich.shown(conn, written)
