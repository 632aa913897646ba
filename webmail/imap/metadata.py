"""Small notes of ours on the server (RFC 5464), beside the mail or a mailbox, for their owner's eyes only."""

from __future__ import annotations

from typing import Final

from webmail import errors
from webmail.imap import decode, faults, wire
from webmail.imap.connection import Connection
from webmail.imap.fetched import records
from webmail.mail.ids import MailboxName

LONGEST: Final = 32 << 10
"""Octets of a note that are asked for or stored."""


def get(conn: Connection, name: str, mailbox: MailboxName | None = None) -> bytes | None:
    """A note; None when there is none, when it is longer than LONGEST, or when the server keeps no notes.

    name: a constant of small letters, below /private/vendor/pennypost. mailbox: None for a note on the account.
    Raises UnsafeText and the errors of the wire.
    """
    entry = wire.entry(name)
    if not _offered(conn, mailbox):
        return None
    reply = conn.command(b"GETMETADATA", b"(MAXSIZE %d)" % LONGEST, _place(mailbox), entry, otherwise=None)
    for record in records(reply.data.get("METADATA", ())):
        told = decode.items(record)
        listed = told[1] if len(told) == 2 and isinstance(told[1], tuple) else ()
        for key, value in zip(listed[::2], listed[1::2], strict=False):
            if isinstance(key, bytes) and key.lower() == entry and value is not None:
                return value if isinstance(value, bytes) else str(value).encode()
    return None


def below(conn: Connection, name: str, most: int) -> dict[str, bytes]:
    """All notes on the account below a name, by their whole names: at most so many, none that is longer than LONGEST.

    name: as in get. Raises UnsafeText and the errors of the wire.
    """
    entry = wire.entry(name)
    if not _offered(conn, None):
        return {}
    options = b"(MAXSIZE %d DEPTH infinity)" % LONGEST
    reply = conn.command(b"GETMETADATA", options, _place(None), entry, otherwise=None)
    found: dict[str, bytes] = {}
    for record in records(reply.data.get("METADATA", ())):
        told = decode.items(record)
        listed = told[1] if len(told) == 2 and isinstance(told[1], tuple) else ()
        for key, value in zip(listed[::2], listed[1::2], strict=False):
            if isinstance(key, bytes) and isinstance(value, bytes) and key.lower().startswith(entry + b"/"):
                found[name + key[len(entry) :].decode("latin-1").lower()] = value
    return dict(list(found.items())[:most])


def put(conn: Connection, name: str, value: bytes | None, mailbox: MailboxName | None = None) -> bool:
    """Keep a note, or (None) take it away; False when the server keeps no such notes.

    name, mailbox: as in get. value: without NUL. Raises TooLarge, QuotaExceeded ([TOOMANY]), UnsafeText, MailboxMissing
    and the errors of the wire.
    """
    entry = wire.entry(name)
    if value is not None and len(value) > LONGEST:
        raise errors.TooLarge
    if not _offered(conn, mailbox):
        return False
    words = b"NIL" if value is None else wire.Literal(value)
    reply = conn.command(b"SETMETADATA", _place(mailbox), b"(" + entry, words, wire.CLOSE, otherwise=None)
    if reply.status == "OK":
        return True
    refused = _refusal(reply.text)
    # No rights, no private notes, no notes of this kind: all of them mean that this server keeps none for us.
    if type(refused) in (errors.ServerRefused, errors.MailboxReadOnly):
        return False
    raise refused


def _offered(conn: Connection, mailbox: MailboxName | None) -> bool:
    return "METADATA" in conn.capabilities or (mailbox is None and "METADATA-SERVER" in conn.capabilities)


def _place(mailbox: MailboxName | None) -> bytes:
    return b'""' if mailbox is None else wire.mailbox(mailbox)


def _refusal(said: bytes) -> errors.MailError:
    """[METADATA MAXSIZE 1024], [METADATA TOOMANY], [METADATA NOPRIVATE] (RFC 5464 4.3)."""
    text = said.decode("utf-8", "replace")
    if faults.code(said) == "METADATA":
        word = said.upper().partition(b"[METADATA ")[2]
        kinds: tuple[tuple[bytes, type[errors.MailError]], ...] = (
            (b"MAXSIZE", errors.TooLarge),
            (b"TOOMANY", errors.QuotaExceeded),
        )
        return next((kind(text) for start, kind in kinds if word.startswith(start)), errors.ServerRefused(text))
    return faults.refusal(said)
