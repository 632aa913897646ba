"""Whether this account has met a sender, asked of the mailboxes themselves: the one that is open, and Sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from webmail.imap import decode, mailboxes, wire
from webmail.imap.connection import Connection
from webmail.imap.selection import select
from webmail.mail.address import Address
from webmail.mail.headers import Headers
from webmail.mail.ids import MessageRef
from webmail.mail.mailbox import Role

_MOST: Final = 40
_SHORTEST: Final = 4


@dataclass(frozen=True, slots=True)
class Met:
    """before: an earlier message from this address is in the open mailbox, or one to it in Sent.

    alike: writers of earlier messages there with the same name or local part, newest first; only when not met before.
    """

    before: bool
    alike: tuple[Address, ...] = ()


def ask(conn: Connection, ref: MessageRef, sender: Address) -> Met:
    """At most five commands: SEARCH FROM; if nobody, SEARCH and FETCH for names alike, SELECT Sent and SEARCH TO.

    SEARCH looks for substrings, which errs towards "met".

    Raises MailboxMissing, MailboxRebuilt, the errors of the wire.
    """
    if not sender.address:
        return Met(before=False)
    select(conn, ref.mailbox, uidvalidity=ref.uidvalidity)
    if any(uid < ref.uid for uid in _search(conn, b"FROM", wire.text(sender.address))):
        return Met(before=True)
    people = _alike(conn, ref, sender)
    sent = next((m.name for m in mailboxes.list_mailboxes(conn) if m.role is Role.SENT), None)
    if sent is not None and sent != ref.mailbox:
        select(conn, sent, read_only=True)
        if _search(conn, b"TO", wire.text(sender.address)):
            return Met(before=True)
    return Met(before=False, alike=people)


def _alike(conn: Connection, ref: MessageRef, sender: Address) -> tuple[Address, ...]:
    words = [word for word in (sender.name, sender.local + "@") if len(word) >= _SHORTEST]
    if not words:
        return ()
    terms = [part for word in words for part in (b"FROM", wire.text(word))]
    found = _search(conn, *((b"OR", *terms) if len(words) > 1 else terms))
    people: dict[str, Address] = {}
    for part in wire.uid_sets([uid for uid in found if uid < ref.uid][-_MOST:]):
        told = conn.command(b"UID FETCH", part, b"(UID BODY.PEEK[HEADER.FIELDS (FROM)])").data.get("FETCH", ())
        for one in reversed(decode.fetched(told)):
            for person in Headers.parse(one.section("HEADER") or b"").addresses("from"):
                people.setdefault(person.address.lower(), person)
    return tuple(people.values())


def _search(conn: Connection, *criteria: bytes) -> list[int]:
    plain = all(word.isascii() for word in criteria)
    charset = () if plain else (b"CHARSET", b"UTF-8")
    return decode.numbers(conn.command(b"UID SEARCH", *charset, *criteria).data)
