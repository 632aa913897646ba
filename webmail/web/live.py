"""Server-sent events (HTML Standard 9.2): what happened in an account, as lines for the pages that are open."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from webmail.imap.log import Changed, Counts, Event, Mail
from webmail.imap.pages import Stamp
from webmail.mail.mailbox import Mailbox
from webmail.web import converters

HEARTBEAT = b":\n\n"
START = b"retry: 3000\n\n"


def line(number: str, event: Event) -> bytes:
    """One event. number: what the browser gives back as Last-Event-ID."""
    kind, data = _told(event)
    return message(kind, data, number)


def message(kind: str, data: Mapping[str, Any], number: str = "") -> bytes:
    """One message of the stream; without a number it is not counted."""
    text = json.dumps(data, separators=(",", ":"))
    return (f"id: {number}\n" if number else "").encode() + f"event: {kind}\ndata: {text}\n\n".encode()


def counts(folders: Sequence[Mailbox], number: str) -> bytes:
    """The counts of all folders."""
    known = (m for m in folders if m.selectable and m.unseen is not None)
    told = {converters.mailbox_to_url(m.name): {"unread": m.unseen, "total": m.messages} for m in known}
    return message("counts", {"folders": told}, number)


def token(stamp: Stamp) -> str:
    """A short word for the state of a mailbox; the page carries it, so that a stream begins where the page ended."""
    return hashlib.blake2b(repr(stamp).encode(), digest_size=9).hexdigest()


def _told(event: Event) -> tuple[str, dict[str, Any]]:
    if isinstance(event, Counts):
        name = converters.mailbox_to_url(event.mailbox)
        return "counts", {"folders": {name: {"unread": event.unseen, "total": event.messages}}}
    if isinstance(event, Changed):
        return "changed", {"m": converters.mailbox_to_url(event.mailbox)}
    if isinstance(event, Mail):
        data: dict[str, Any] = {"m": converters.mailbox_to_url(event.mailbox), "v": event.uidvalidity}
        if event.added:
            data["added"] = event.added
        if event.flags:
            data["flags"] = {str(uid): sorted(flags) for uid, flags in event.flags.items()}
        if event.removed:
            data["removed"] = event.removed
        return "mail", data
    return "folders", {}
