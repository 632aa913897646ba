"""The letters that belong with one: in its own mailbox, and in some beside it, as our own answers lie in Sent.

By THREAD=REFS (RFC 5256) where it is offered, else by what the headers name. Looked up once for a stretch of a mailbox
and kept until something comes or goes: opening one letter after the other asks nothing more.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from webmail import errors
from webmail.imap import listing, threads
from webmail.imap.connection import Connection
from webmail.imap.links import Links, names_in
from webmail.imap.selection import select
from webmail.mail.headers import Headers
from webmail.mail.ids import MessageRef, Uid, UidValidity
from webmail.mail.mailbox import Mailbox
from webmail.mail.message import Summary
from webmail.mail.threads import Thread

MOST: Final = 60
"""Letters of a conversation that are shown, the newest."""

_THREADED: Final = 2000
_READ: Final = 500
"""UIDs of a stretch: what the server threads, and what we fetch headers of."""


@dataclass(frozen=True, slots=True)
class _Beside:
    """messages: what the mailbox had when it was looked through, by its count."""

    uidvalidity: UidValidity
    messages: int | None
    links: Links


def conversation(
    conn: Connection, ref: MessageRef, headers: Headers, beside: Sequence[Mailbox], known: Mapping[Uid, Summary]
) -> tuple[Summary, ...]:
    """The letters of its talk, oldest first, this one among them when it is still there; each once.

    headers: of this message. beside: other mailboxes that are looked through. known: rows of this mailbox that are true
    now. Raises MailboxMissing, MailboxRebuilt and the errors of the wire.
    """
    select(conn, ref.mailbox, uidvalidity=ref.uidvalidity)
    own = sorted({*_talk(conn, ref, headers), ref.uid})[-MOST:]
    rows = [known[uid] for uid in own if uid in known]
    rows += listing.some(conn, ref.mailbox, [uid for uid in own if uid not in known])
    names = {*names_in(headers), *(row.message_id for row in rows if row.message_id)}
    for mailbox in beside:
        there = _beside(conn, mailbox, names)
        names.update(row.message_id for row in there if row.message_id)
        rows += there
    # What a server without NOTIFY tells unasked is about the mailbox that is open.
    select(conn, ref.mailbox, uidvalidity=ref.uidvalidity)
    found: dict[str | MessageRef, Summary] = {}
    for row in sorted(rows, key=lambda row: (row.ref != ref, row.ref.mailbox != ref.mailbox)):
        found.setdefault(row.message_id or row.ref, row)
    return tuple(sorted(found.values(), key=lambda row: (row.arrived, row.ref.uid))[-MOST:])


def _talk(conn: Connection, ref: MessageRef, headers: Headers) -> Iterable[Uid]:
    assert conn.box is not None
    # REFERENCES joins by subject, too: two people's "Hello" would be one talk.
    if "THREAD=REFS" not in conn.capabilities:
        low = max(1, ref.uid // _READ * _READ - _READ // 2)
        high = low + 2 * _READ
        return _links(conn, ref, low, high).joined(names_in(headers))
    low = max(1, ref.uid // _THREADED * _THREADED - _THREADED // 2)
    high = low + 2 * _THREADED
    top = high >= conn.box.uidnext
    key = (ref.mailbox, ref.uidvalidity, "talks", low, (conn.box.uidnext, conn.exists) if top else ())
    talks = conn.state.talks.get(key)
    if not isinstance(talks, array):
        span = b"UID %d:%b" % (low, b"*" if top else b"%d" % high)
        talks = _flat(threads.by_server(conn, span))
        conn.state.talks.put(key, talks, 200 + 4 * len(talks))
    return _group(talks, ref.uid)


def _flat(talks: Iterable[Thread]) -> array[int]:
    """Talks of two and more, a zero behind each: a letter that stands alone needs no entry."""
    flat = array("I")
    for talk in talks:
        uids = [node.uid for node in talk if node.uid]
        if len(uids) > 1:
            flat.extend((*uids, 0))
    return flat


def _group(talks: array[int], uid: Uid) -> list[Uid]:
    try:
        at = talks.index(uid)
    except ValueError:
        return []
    first = at
    while first and talks[first - 1]:
        first -= 1
    return [Uid(number) for number in talks[first : talks.index(0, at)]]


def _links(conn: Connection, ref: MessageRef, low: int, high: int) -> Links:
    """Of a stretch of the mailbox that is open; what came since is added."""
    assert conn.box is not None
    key = (ref.mailbox, ref.uidvalidity, "links", low)
    kept = conn.state.talks.get(key)
    links = kept if isinstance(kept, Links) else Links(low)
    # The count tells of letters whose UIDs nobody asked for yet.
    if links.uidnext < min(high, conn.box.uidnext) or (links.uidnext < high and links.messages != conn.exists):
        links = _grown(conn, links, high)
        conn.state.talks.put(key, links, links.size)
    return links


def _grown(conn: Connection, links: Links, high: int | None = None) -> Links:
    assert conn.box is not None
    end = b"*" if high is None or high >= conn.box.uidnext else b"%d" % (high - 1)
    grown = links.copy(conn.exists)
    if conn.exists:
        threads.read(conn, grown, end)
    grown.uidnext = max(grown.uidnext, conn.box.uidnext if high is None else min(high, conn.box.uidnext))
    return grown


def _beside(conn: Connection, beside: Mailbox, names: Iterable[str]) -> list[Summary]:
    """Asked again only when the count of that mailbox is another one than then."""
    key = (beside.name, "beside")
    kept = conn.state.talks.get(key)
    links, rows = (kept if isinstance(kept, _Beside) else None), []
    try:
        if links is None or links.messages is None or links.messages != beside.messages:
            links = _newest(conn, beside, links)
            conn.state.talks.put(key, links, links.links.size)
        ref_of = partial(MessageRef, beside.name, links.uidvalidity)
        for uid in sorted(links.links.joined(names))[-MOST:]:
            rows.append((uid, conn.state.row(ref_of(uid))))
        lacking = [uid for uid, row in rows if row is None]
        there = listing.some(conn, beside.name, lacking, links.uidvalidity) if lacking else []
    except (errors.MailboxMissing, errors.MailboxRebuilt):
        there, rows = [], []
        conn.state.talks.forget(beside.name)
    return [*(row for _, row in rows if row is not None), *there]


def _newest(conn: Connection, beside: Mailbox, kept: _Beside | None) -> _Beside:
    selected = select(conn, beside.name, read_only=True, fresh=True)
    assert conn.box is not None
    low = max(1, conn.box.uidnext - _READ)
    # Fewer than there were: which ones went is not known here.
    fewer = kept is not None and (kept.messages or 0) >= (beside.messages or 0)
    again = kept is None or fewer or kept.uidvalidity != selected.uidvalidity or low - kept.links.low > _READ
    links = Links(low) if again or kept is None else kept.links
    return _Beside(selected.uidvalidity, beside.messages, _grown(conn, links))
