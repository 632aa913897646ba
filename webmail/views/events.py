"""The stream of what happens on other devices, for one open page."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, request

from webmail import errors
from webmail.imap import fetch, mailboxes
from webmail.imap.connection import Connection
from webmail.mail.ids import MailboxName
from webmail.web import converters, hearing, live

blueprint = Blueprint("events", __name__)

_LOOK = 4.0
"""Seconds after which a stream looks whether its sign-in is still there."""

_BEATS = 3
"""A heartbeat every so many looks: proxies cut what is silent, and a browser that left is noticed by writing."""


@blueprint.get("/events")
def stream() -> Response:
    """text/event-stream. m: the folder that the page shows; at: its state when the page was made (data-at).

    A lost stream goes on behind Last-Event-ID, or says "changed" when what was missed is no longer known.
    """
    try:
        mailbox = converters.mailbox_from_url(request.args.get("m") or "INBOX")
    except ValueError:
        mailbox = MailboxName("INBOX")
    lines = hearing.listening(mailbox, _begin(mailbox), _LOOK)
    return Response(_beating(lines), mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _begin(mailbox: MailboxName) -> hearing.Greeting:
    at, shown = request.args.get("at", ""), converters.mailbox_to_url(mailbox)

    def greet(conn: Connection, position: str, *, known: bool) -> bytes:
        # The mailbox is open from here on: what happens to it after this position is heard.
        now = _state(conn, mailbox)
        said = live.START + live.counts(mailboxes.list_mailboxes(conn), position)
        if not known or (at and at != now):
            said += live.message("changed", {"m": shown}, position)
        return said

    return greet


def _state(conn: Connection, mailbox: MailboxName) -> str:
    try:
        fetch.select(conn, mailbox, fresh=True)
    except (errors.MailboxMissing, errors.ServerRefused):
        return ""
    return live.token(conn.box.stamp) if conn.box else ""


def _beating(lines: Iterator[bytes | None]) -> Iterator[bytes]:
    silent = 0
    for line in lines:
        silent = 0 if line else silent + 1
        if line:
            yield line
        elif silent % _BEATS == 0:
            yield live.HEARTBEAT
