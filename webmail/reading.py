"""The reading pipeline: from a message's structure to bodies that may be shown. No Flask, no sentence, no URL."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from webmail import errors
from webmail.imap import fetch
from webmail.imap.connection import Connection
from webmail.mail import calendar, cards, parts, transfer
from webmail.mail.cards import Told
from webmail.mail.flowed import unflow
from webmail.mail.headers import Headers
from webmail.mail.language import language
from webmail.mail.message import Message, Part
from webmail.mail.parts import Shown
from webmail.mail.quotes import is_forwarded
from webmail.mail.text import Block, blocks
from webmail.sanitize.fold import Fold
from webmail.sanitize.html import Cleaned, clean
from webmail.sanitize.rules import MAX_BYTES
from webmail.sanitize.to_text import to_text
from webmail.sanitize.written import inside, written

# R15: what is larger is offered as a download instead. Octets without their transfer encoding.
HTML_LIMIT: Final = MAX_BYTES
TEXT_LIMIT: Final = 2 * 1024 * 1024

_MARKUP: Final = re.compile(r"</(?:p|a|b|i|u|div|span|ul|ol|li|html|body)>|<br ?/?>", re.IGNORECASE)

Inline = Callable[[str], str | None]
Remote = Callable[[str], str] | None


@dataclass(frozen=True, slots=True)
class Bodies:
    """What of a message is shown.

    html: the cleaned HTML body, None when there is none, when plain text was preferred, or when it was over the budget.
    texts: plain bodies as blocks; empty beside html, except for what stands behind it (a list's footer).
    too_large: parts that were not read because of the budget. both: it can be shown as plain text and as HTML.
    """

    shown: Shown
    html: Cleaned | None
    texts: tuple[tuple[Block, ...], ...]
    too_large: tuple[Part, ...]
    both: bool


def bodies(
    conn: Connection,
    message: Message,
    *,
    plain: bool,
    inline: Inline,
    remote: Remote,
    own_host: str,
    known: Cleaned | None = None,
    folded: str = "",
) -> Bodies:
    """Fetch and prepare the bodies. plain: the text part, or the words of the HTML where there is none.

    inline: Content-ID -> same-origin URL, or None. remote: address of a picture -> where it is loaded from, None for no
    picture at all. own_host: our own name, from which a message may not load anything by itself (R5).
    known: its HTML as it was cleaned before, with the same inline and remote. folded: what stands for the quote that
    ends an HTML body, which is folded then.

    Raises the errors of the wire; a body over a budget is no error but listed in too_large.
    """
    shown = parts.choose(message.root)
    too_large: list[Part] = []
    html, source = None, None
    if shown.html is not None and not plain:
        html, source = _html(conn, message, shown.html, inline, remote, own_host, too_large, known, folded)
    words = shown.text or (shown.html if plain else None)
    wanted = [] if html is not None or words is None else [words]
    texts = [_text(conn, message, part, too_large) for part in (*wanted, *shown.more)]
    return Bodies(
        parts.settle(shown, source),
        html,
        tuple(text for text in texts if text),
        tuple(too_large),
        shown.html is not None and not (shown.text is None and shown.html in too_large),
    )


def language_of(message: Message) -> str:
    """Its language tag, "" where nobody can tell: as its header says, else as the charset of its body gives away."""
    shown = parts.choose(message.root)
    body = shown.html or shown.text
    return language(Headers.parse(message.header).get("content-language"), body.charset if body else None)


def listed(conn: Connection, message: Message) -> tuple[Part, ...]:
    """The files that stand below the message: as in bodies(), pictures that its HTML shows are none of them (R16).

    Raises the errors of the wire.
    """
    shown, source = parts.choose(message.root), None
    if shown.html is not None and any(part.type.startswith("image/") for part in shown.inline.values()):
        with suppress(errors.TooLarge):
            source = _string(conn, message, shown.html, HTML_LIMIT)
    return parts.settle(shown, source).attachments


def has_html(message: Message) -> bool:
    """Whether there is an HTML body to be shown in a frame."""
    return parts.choose(message.root).html is not None


def html_body(
    conn: Connection, message: Message, *, inline: Inline, remote: Remote, own_host: str, folded: str = ""
) -> Cleaned:
    """The HTML body alone. folded: as in bodies().

    Raises PartMissing when there is none, TooLarge when it is over the budget.
    """
    shown = parts.choose(message.root)
    if shown.html is None:
        raise errors.PartMissing
    source = _string(conn, message, shown.html, HTML_LIMIT)
    return _cleaned(conn, source, inline, remote, own_host, folded)


def _cleaned(conn: Connection, source: str, inline: Inline, remote: Remote, own_host: str, folded: str) -> Cleaned:
    began = time.monotonic()
    try:
        return clean(source, inline=inline, remote=remote, own_host=own_host, fold=_fold(folded))
    finally:
        conn.meter.cleaned(time.monotonic() - began)


def _fold(label: str) -> Fold | None:
    """A message that is passed on is the point of the letter, and stays open."""
    return (lambda first: "" if is_forwarded(first) else label) if label else None


def quotable(conn: Connection, message: Message) -> str:
    """The text to quote in an answer: the text part, else the cleaned HTML as text (R27). "" when there is neither."""
    shown = parts.choose(message.root)
    try:
        if shown.text is not None:
            text = _string(conn, message, shown.text, TEXT_LIMIT)
            return unflow(text, delsp=_delsp(shown.text)) if _flowed(shown.text) else text
        if shown.html is not None:
            source = _string(conn, message, shown.html, HTML_LIMIT)
            return to_text(str(clean(source, inline=lambda _: None, remote=None).html))
    except errors.TooLarge:
        pass
    return ""


def editable(conn: Connection, message: Message) -> str:
    """The HTML of a message as its reader may go on writing it, pictures by Content-ID; "" where there is none (R27).

    Raises the errors of the wire.
    """
    shown = parts.choose(message.root)
    if shown.html is None:
        return ""
    with suppress(errors.TooLarge):
        return written(inside(_string(conn, message, shown.html, HTML_LIMIT)), shown.inline.__contains__)
    return ""


def told(conn: Connection, message: Message, listed: Sequence[Part]) -> tuple[Told, ...]:
    """What the calendars and vCards among these parts say; () without another command where there are none.

    A part that is too large, refused, gone or no card is left to be a file. Raises the errors of the wire.
    """
    found = []
    for part in cards.candidates(listed):
        with suppress(errors.TooLarge, errors.PartMissing, errors.ServerRefused):
            each = cards.read(part, fetch.body(conn, message, part, 2 * calendar.LARGEST))
            found += [_plain(each)] if each else []
    return cards.distinct(found)


def _plain(each: Told) -> Told:
    """Some programs write a description in HTML: what is shown of it is its text."""
    if each.calendar is None:
        return each
    events = [
        replace(event, description=to_text(str(clean(event.description, inline=lambda _: None, remote=None).html)))
        if _MARKUP.search(event.description)
        else event
        for event in each.calendar.events
    ]
    return replace(each, calendar=replace(each.calendar, events=tuple(events)))


def _html(
    conn: Connection,
    message: Message,
    part: Part,
    inline: Inline,
    remote: Remote,
    own_host: str,
    too_large: list[Part],
    known: Cleaned | None,
    folded: str,
) -> tuple[Cleaned | None, str | None]:
    try:
        source = _string(conn, message, part, HTML_LIMIT)
        return known or _cleaned(conn, source, inline, remote, own_host, folded), source
    except errors.TooLarge:
        too_large.append(part)
        return None, None


def _text(conn: Connection, message: Message, part: Part, too_large: list[Part]) -> tuple[Block, ...]:
    try:
        text = _string(conn, message, part, TEXT_LIMIT)
        if part.type == "text/html":
            # A second HTML body (behind the first, or in a bundle) is shown as text: one frame is enough.
            text = to_text(str(clean(text, inline=lambda _: None, remote=None).html))
    except errors.TooLarge:
        too_large.append(part)
        return ()
    return blocks(text, flowed=_flowed(part), delsp=_delsp(part))


def _flowed(part: Part) -> bool:
    """RFC 3676 4.1"""
    return part.type == "text/plain" and part.params.get("format", "").lower() == "flowed"


def _delsp(part: Part) -> bool:
    return part.params.get("delsp", "").lower() == "yes"


def _string(conn: Connection, message: Message, part: Part, limit: int) -> str:
    """The part as text: transfer encoding and charset undone, once each (ASVS 1.1.1). limit: octets between the two;
    what cannot keep it is not even fetched. Raises TooLarge.
    """
    data = fetch.body(conn, message, part, transfer.longest(part.encoding, limit))
    octets = parts.decode_content(part, data)
    if len(octets) > limit:
        raise errors.TooLarge
    return parts.text_in(part, octets)
