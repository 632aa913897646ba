"""One search through many mailboxes: at once where the server does that (MULTISEARCH, RFC 7377), else many in a row
without waiting for each answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from webmail.imap import decode, find, listing, selection, wire
from webmail.imap.connection import Connection
from webmail.imap.decode import Selected
from webmail.imap.fetched import records
from webmail.imap.find import Hits, Kept, Swept, arguments, newest
from webmail.mail.conditions import Node, leaves
from webmail.mail.ids import MailboxName, MessageRef, Uid, UidValidity
from webmail.mail.program import Asker, is_exact

MOST: Final = 50
"""Mailboxes of one command, so that what the first of them hold is shown before the last were searched."""

_WHICH: Final = re.compile(rb'MAILBOX (?:"(?P<quoted>(?:\\.|[^"\\])*)"|\{\d+\}|(?P<atom>[^ ()"]+))', re.IGNORECASE)
_VALIDITY: Final = re.compile(rb"UIDVALIDITY (\d{1,10})", re.IGNORECASE)
_FOUND: Final = re.compile(rb"\bALL ([\d:,]+)$", re.IGNORECASE)


def sweep(conn: Connection, names: Sequence[MailboxName], root: Node, asker: Asker) -> Mapping[MailboxName, Swept]:
    """What each of them holds; those that the server does not speak of hold nothing that fits.

    Empty where the server does not offer it, or refuses: then each is asked by itself. names: at most MOST. root: of
    leaves that are exact. Raises the errors of the wire.
    """
    if "MULTISEARCH" not in conn.capabilities or not names or not all(is_exact(leaf) for leaf in leaves(root)):
        return {}
    places = [wire.mailbox(name) for name in names]
    if any(isinstance(place, wire.Literal) for place in places):
        return {}
    words, charset = arguments(root, replace(asker, within="WITHIN" in conn.capabilities, fuzzy=False))
    within = (b"IN", b"(mailboxes", b"(" + places[0], *places[1:], wire.CLOSE, wire.CLOSE)
    reply = conn.command(b"ESEARCH", *within, b"RETURN", b"(ALL)", *charset, *words, otherwise=None)
    if reply.status != "OK":
        return {}
    found = {name: Swept(UidValidity(0), (), 0) for name in names}
    for record in records(reply.data.get("ESEARCH", ())):
        told = _told(record)
        if told is not None and told[0] in found:
            found[told[0]] = told[1]
    return found


def _told(record: Sequence[Any]) -> tuple[MailboxName, Swept] | None:
    """`(TAG "a" MAILBOX "x" UIDVALIDITY 5) UID ALL 1:3`; the name may be a literal."""
    line = b"".join(each[0] if isinstance(each, tuple) else each or b"" for each in record)
    which, validity, told = _WHICH.search(line), _VALIDITY.search(line), _FOUND.search(line.strip())
    if which is None or validity is None:
        return None
    literal = next((each[1] for each in record if isinstance(each, tuple)), b"")
    octets = re.sub(rb"\\(.)", rb"\1", which["quoted"]) if which["quoted"] is not None else which["atom"] or literal
    uids, total = newest(told[1]) if told else ([], 0)
    name = octets.decode("latin-1")
    return MailboxName("INBOX" if name.upper() == "INBOX" else name), Swept(UidValidity(int(validity[1])), uids, total)


# --- one after the other ----------------------------------------------------------------------------------------------

Chosen = tuple[MailboxName, Node]
"""A mailbox, and what to look for in it."""


def in_turn(conn: Connection, chosen: Sequence[Chosen], asker: Asker, size: int) -> Mapping[MailboxName, Hits]:
    """The newest `size` matches of each of these mailboxes: two round trips for all of them, however many they are.

    Left out is what cannot be asked so, or is not answered as usual: find.page asks for it in the careful way. Where it
    was searched lately and nothing has happened since, it is not searched again. Raises the errors of the wire.
    """
    asker = find.able(conn, asker)
    visits: list[tuple[Chosen, Kept | None, list[tuple[bytes, ...]]]] = []
    for name, root in chosen:
        if find.asks_plainly(conn, root) and not conn.waits(wire.mailbox(name)):
            kept = find.known(conn, name, root)
            command = find.asking(conn, root, asker)
            if not any(map(conn.waits, command)):
                visits.append(((name, root), kept, [] if kept else [command]))
    found: dict[MailboxName, tuple[Selected, Kept]] = {}
    answers = selection.visit(conn, [(one[0], commands) for one, _, commands in visits]) if visits else ()
    for ((name, root), kept, _), (selected, replies) in zip(visits, answers, strict=True):
        if selected is not None and kept is not None and find.still(conn, selected, kept):
            found[name] = selected, kept
        elif selected is not None and replies and replies[0].status == "OK":
            found[name] = selected, find.keep(conn, selected, root, find.told(conn, replies[0]))
    return _with_rows(conn, found, size)


def _with_rows(
    conn: Connection, found: Mapping[MailboxName, tuple[Selected, Kept]], size: int
) -> Mapping[MailboxName, Hits]:
    hits = {name: Hits(selected) for name, (selected, kept) in found.items() if not kept.uids}
    wanted = {name: [Uid(uid) for uid in kept.uids[-size:]] for name, (_, kept) in found.items() if kept.uids}
    visits = [(name, listing.asking(conn, found[name][0], uids)) for name, uids in wanted.items()]
    answers = selection.visit(conn, visits) if visits else ()
    for (name, uids), (selected, replies) in zip(wanted.items(), answers, strict=True):
        kept = found[name][1]
        same = selected is not None and selected.uidvalidity == kept.uidvalidity
        rows = listing.told(conn, selected, uids, replies) if selected is not None and same else None
        if selected is not None and rows is not None:
            older = uids[0] if kept.total > len(uids) else None
            newest = sorted(rows, key=lambda row: (row.arrived, row.ref.uid), reverse=True)
            hits[name] = Hits(selected, tuple(newest), kept.total, 1, older)
    return hits


# --- afterwards -------------------------------------------------------------------------------------------------------


def ends(conn: Connection, chosen: Sequence[Chosen]) -> list[MessageRef]:
    """The newest message that can be among what was found in each of these mailboxes, which were searched before; those
    that are known to hold nothing are left out.

    Where nobody knows any more what was found, it is the newest that is there. Raises the errors of the wire.
    """
    found = []
    for name, root in chosen:
        kept = find.known(conn, name, root) if find.asks_plainly(conn, root) else None
        if kept is None:
            reply = conn.command(b"STATUS", wire.mailbox(name), b"(UIDNEXT UIDVALIDITY)", otherwise=None)
            told = decode.status(reply.data).get(name, {})
            if reply.status == "OK" and told.get("UIDVALIDITY") and told.get("UIDNEXT", 0) > 1:
                found.append(MessageRef(name, UidValidity(told["UIDVALIDITY"]), Uid(told["UIDNEXT"] - 1)))
        elif kept.total:
            found.append(MessageRef(name, kept.uidvalidity, Uid(max(kept.top, 1))))
    return found
