"""Questions before a letter goes out: each is asked once, and answered by sending again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from flask import request
from werkzeug.datastructures import FileStorage

from webmail import errors
from webmail.imap import correspondents
from webmail.mail import doubts
from webmail.mail.address import Address, parse_typed
from webmail.mail.doubts import Doubt, Found
from webmail.views import _identity
from webmail.web import session
from webmail.web.letter import Letter
from webmail.web.words import _, ngettext

_SENTENCES: Final[Mapping[Doubt, Callable[[str], str]]] = {
    Doubt.MANY: lambda count: ngettext(
        "%(count)s person will see the others' addresses. Bcc hides them.",
        "%(count)s people will see each other's addresses. Bcc hides them.",
        int(count),
    ),
    # Translators: addresses: of people whom an answer goes to.
    Doubt.STRANGER: lambda people: _("You answer to all, and never wrote with %(addresses)s.", addresses=people),
    # Translators: word: of the letter, in its language: "attached".
    Doubt.FILE: lambda word: _("You wrote “%(word)s”, but no file is attached.", word=word),
    Doubt.SUBJECT: lambda nothing: _("It has no subject."),
}
"""By what was found: how many, who, which word."""


def about(written: Letter, files: Sequence[FileStorage]) -> tuple[Found, ...]:
    """What to ask about the letter of this form. files: those that came with it."""
    off = _identity.quiet()
    try:
        to, cc, bcc = (parse_typed(text) for text in (written.to, written.cc, written.bcc))
    except errors.BadAddress:
        return ()
    wanted = written.mode == "reply-all" and Doubt.STRANGER.value not in {*off, *asked()}
    return doubts.found(
        to=to, cc=cc, bcc=bcc, subject=written.subject, text=written.body,
        files=len(written.keep) + sum(bool(file.filename) for file in files),
        strangers=_strangers((*to, *cc, *bcc)) if wanted else (), asked=asked(), off=off,
    )  # fmt: skip


def _strangers(people: Sequence[Address]) -> list[Address]:
    """Nobody, when the book cannot be had, or holds nobody yet: then every answer would be a question."""
    try:
        book = session.borrow(correspondents.known)
    except errors.MailError:
        return []
    mine = {person.address.lower() for person in _identity.addresses()}
    return [one for one in people if len(book) and one.address.lower() not in mine and not book.knows(one.address)]


def asked() -> tuple[str, ...]:
    """Names of the questions that this form has answered by being sent again."""
    names = {doubt.value for doubt in Doubt}
    return tuple(dict.fromkeys(name for name in request.form.getlist("asked") if name in names))


def sentences(found: Collection[Found]) -> tuple[str, ...]:
    """Each as a sentence."""
    return tuple(_SENTENCES[one.doubt](one.detail) for one in found)
