"""Letters in a mailbox that wait to be sent: found by the keyword of RFC 5550, or by a header field."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from webmail.imap import decode, search, wire
from webmail.imap.connection import Connection
from webmail.imap.decode import Selected
from webmail.imap.selection import select
from webmail.mail import flags
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, MessageRef, Uid

_FACTS: Final = b"(UID FLAGS BODY.PEEK[HEADER])"
_MOST: Final = 200
"""Letters on their way that are looked at; nobody has more."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A letter that was put aside to be sent."""

    ref: MessageRef
    header: Headers
    flags: flags.Flags

    @property
    def pending(self) -> bool:
        """It says of itself that it waits to be sent, or that it was."""
        return flags.SUBMIT_PENDING in self.flags or flags.SUBMITTED in self.flags


def copies(conn: Connection, mailbox: MailboxName, field: str, values: Collection[str]) -> list[Copy]:
    """Those with the keyword, and those whose header field has one of the values; where the mailbox keeps no keywords,
    every one that has the field. Raises MailboxMissing, UnsafeText and the errors of the wire.
    """
    selected = select(conn, mailbox, fresh=True)
    if not selected.messages:
        return []
    if keeps(selected):
        # $Submitted is only ever set beside the other.
        uids = set(search.uids(conn, b"KEYWORD " + flags.SUBMIT_PENDING.encode()))
    else:
        uids = set(search.uids(conn, b"HEADER " + field.encode("ascii") + b' ""'))
    for value in sorted(values)[:_MOST]:
        uids |= set(_with_field(conn, field, value))
    found = []
    for part in wire.uid_sets(sorted(uids)[:_MOST]):
        for one in decode.fetched(conn.command(b"UID FETCH", part, _FACTS).data.get("FETCH", ())):
            header = one.section("HEADER")
            if one.uid is not None and one.uid in uids and header is not None:
                ref = MessageRef(mailbox, selected.uidvalidity, one.uid)
                found.append(Copy(ref, Headers.parse(header), one.flags or frozenset()))
    return found


def keeps(selected: Selected) -> bool:
    """Whether this mailbox keeps the keyword."""
    return not selected.read_only and (selected.keywords or flags.SUBMIT_PENDING in selected.permanent_flags)


def _with_field(conn: Connection, field: str, value: str) -> list[Uid]:
    reply = conn.command(b"UID SEARCH", b"HEADER", wire.text(field), wire.text(value))
    return [Uid(number) for number in decode.numbers(reply.data)]
