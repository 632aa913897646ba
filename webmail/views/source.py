"""The source of a message: its header as a table that can be searched, and the ways to all of it (R7: only as text)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, render_template, request, url_for

from webmail.imap import fetch
from webmail.mail import headers
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName
from webmail.mail.names import clean_line
from webmail.web import session
from webmail.web.converters import Pick
from webmail.web.filters import size_text
from webmail.web.rows import NO_SUBJECT
from webmail.web.words import _

blueprint = Blueprint("source", __name__)

_LONGEST: Final = 10_000
_LONGEST_QUERY: Final = 200


@dataclass(frozen=True, slots=True)
class Field:
    """One field. value: decoded. raw: as it came, "" when that is the same. cut: it is longer than shown."""

    name: str
    value: str
    raw: str
    cut: bool


@dataclass(frozen=True, slots=True)
class SourcePage:
    """fields: those that hold the words asked for. total: of all. note: what is missing and why, or ""."""

    subject: str
    size: str
    query: str
    fields: tuple[Field, ...]
    total: int
    note: str
    back_url: str
    url: str
    text_url: str
    eml_url: str


@blueprint.get("/m/<mailbox:mailbox>/<pick:pick>/source")
def show(mailbox: MailboxName, pick: Pick) -> str:
    """The header in order; with ?q= the fields whose name or value holds these letters."""
    ref = pick.within(mailbox)
    message = session.borrow(lambda conn: fetch.message(conn, ref))
    facts = Headers.parse(message.header)
    query = " ".join(request.args.get("q", "").split())[:_LONGEST_QUERY]
    fields = [_field(name, value, raw) for (name, value), (_, raw) in zip(facts.items(), facts.fields, strict=True)]
    wanted = query.casefold()
    page = SourcePage(
        subject=facts.subject or _(NO_SUBJECT),
        size=size_text(message.size),
        query=query,
        fields=tuple(f for f in fields if wanted in f"{f.name}: {f.value}\n{f.raw}".casefold()),
        total=len(fields),
        note=_note(len(message.header), len(fields), any(field.cut for field in fields)),
        back_url=url_for("message.show", mailbox=mailbox, pick=pick),
        url=url_for("source.show", mailbox=mailbox, pick=pick),
        text_url=url_for("part.source", mailbox=mailbox, pick=pick),
        eml_url=url_for("part.eml", mailbox=mailbox, pick=pick),
    )
    return render_template("source/show.html", page=page)


def _field(name: str, value: str, octets: bytes) -> Field:
    raw = clean_line(octets[: 2 * _LONGEST].decode("utf-8", "backslashreplace"))
    cut = len(value) > _LONGEST or len(raw) > _LONGEST
    return Field(name, value[:_LONGEST], "" if raw == value else raw[:_LONGEST], cut)


def _note(octets: int, fields: int, cut: bool) -> str:
    """R15"""
    if octets >= headers.BUDGET or fields >= headers.MOST_FIELDS:
        return _("The header is longer than what is read here. The text and the .eml file have all of it.")
    return _("Very long fields are cut. The text and the .eml file have all of them.") if cut else ""
