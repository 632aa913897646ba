"""One page of a mailbox, newest first, keyed by UID: what comes and goes between two pages loses and repeats no row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from webmail import errors
from webmail.imap import decode, faults, search, wire
from webmail.imap import only as filters
from webmail.imap.client import Reply
from webmail.imap.connection import Connection
from webmail.imap.decode import Selected
from webmail.imap.fetched import Fetched
from webmail.imap.pages import BY_FLAGS, STEADY, Only, Page, Stamp
from webmail.imap.selection import select
from webmail.mail.flags import Flags
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, MessageRef, Uid, UidValidity
from webmail.mail.message import Summary
from webmail.mail.text import snippet, snippet_from_source

_FACTS: Final = b"UID FLAGS INTERNALDATE RFC822.SIZE"
_FIELDS: Final = (
    b"BODY.PEEK[HEADER.FIELDS (FROM TO CC SUBJECT DATE MESSAGE-ID CONTENT-TYPE REFERENCES IN-REPLY-TO"
    b" CONTENT-TRANSFER-ENCODING MIME-VERSION)]"
)
_CUT: Final = b"<0.262144>"
"""Octets of header that are read (R15): a list of recipients can be longer than the message."""

_HEADS: Final = b"(UID BODY.PEEK[TEXT]<0.2048>)"
_ATTEMPTS: Final = 3


@dataclass(frozen=True, slots=True)
class _Window:
    """What to fetch, and where it lies: positions from the oldest, low..high of total, 1-based."""

    command: bytes
    wanted: Sequence[int]
    low: int
    high: int
    total: int


def page(
    conn: Connection,
    name: MailboxName,
    *,
    size: int = 50,
    before: Uid | None = None,
    after: Uid | None = None,
    only: Only = "all",
    mine: tuple[str, ...] = (),
    uidvalidity: UidValidity | None = None,
) -> Page:
    """The newest rows; or the newest below UID `before`; or the oldest above UID `after`. A fixed number of commands.

    Raises MailboxMissing, MailboxRebuilt (when uidvalidity is given and differs), ServerRefused when it gives no row at
    all, and the errors of the wire.
    """
    key = (size, before, after, only, mine, "" if only in BY_FLAGS else STEADY)
    for attempt in range(_ATTEMPTS):
        selected = select(conn, name, uidvalidity=uidvalidity, fresh=True)
        stamp = stamp_of(conn)
        kept = conn.state.pages.find(name, key, stamp)
        if kept is not None:
            return allowed(kept, selected)
        removed = conn.removed
        if only == "all":
            window = _by_position(conn, selected.messages, size, before, after)
        else:
            window = _by_search(conn, filters.criteria(only, selected, mine), size, before, after)
        rows = _rows(conn, selected, window) if window.wanted else []
        moved = conn.removed != removed and window.command == b"FETCH"
        # RFC 9051 7.5.1 forbids EXPUNGE during FETCH and SEARCH; a server that does it all the same shifts the window.
        # Everything in the window can also be gone, with other rows behind it.
        if not (moved or (window.wanted and not rows)) or attempt == _ATTEMPTS - 1:
            break
    unseen = window.total if only == "unread" else None
    selected = replace(selected, messages=conn.exists, unseen=unseen)
    within = [row for row in rows if _within(row.ref.uid, before, after)]
    found = replace(_page(selected, window, within, before, after), stamp=stamp)
    conn.state.pages.keep(name, key, stamp, found)
    return found


def allowed(kept: Page, now: Selected) -> Page:
    """A page that was kept, with what may be done in its mailbox now: rights change without a sign."""
    old = kept.selected
    if (old.read_only, old.keywords, old.permanent_flags) == (now.read_only, now.keywords, now.permanent_flags):
        return kept
    rights = replace(old, read_only=now.read_only, keywords=now.keywords, permanent_flags=now.permanent_flags)
    return replace(kept, selected=rights)


def some(
    conn: Connection, name: MailboxName, uids: Sequence[Uid], uidvalidity: UidValidity | None = None
) -> list[Summary]:
    """Rows of these messages, those that are gone left out; rows seen before need their flags only. Raises as page."""
    if not uids:
        return []
    selected = select(conn, name, read_only=True, uidvalidity=uidvalidity, fresh=True)
    return _rows(conn, selected, _Window(b"UID FETCH", uids, 0, 0, 0))


def stamp_of(conn: Connection) -> Stamp:
    """Of the mailbox that is open."""
    assert conn.box is not None
    return conn.box.stamp


def _by_position(conn: Connection, total: int, size: int, before: Uid | None, after: Uid | None) -> _Window:
    """Sequence numbers, used at once: they hold while only FETCH and SEARCH are sent (RFC 9051 7.5.1)."""
    if after is not None:
        low = search.count_up_to(conn, after) + 1
        high = min(total, low + size - 1)
    else:
        high = total if before is None else search.count_up_to(conn, Uid(before - 1), known=before)
        low = max(1, high - size + 1)
    return _Window(b"FETCH", range(low, high + 1), low, high, total)


def _by_search(
    conn: Connection, criteria: filters.Criteria, size: int, before: Uid | None, after: Uid | None
) -> _Window:
    found = search.window(conn, criteria, size, before, after)
    return _Window(b"UID FETCH", found.uids, found.below + 1, found.below + len(found.uids), found.total)


def _page(selected: Selected, window: _Window, rows: Sequence[Summary], before: Uid | None, after: Uid | None) -> Page:
    uids = [row.ref.uid for row in rows]
    # A page that turned out empty still leads back to where its neighbours are.
    lowest = min(uids, default=Uid((after or 0) + 1) if before is None else before)
    highest = max(uids, default=Uid(before - 1) if before is not None else after or Uid(0))
    return Page(
        selected,
        tuple(sorted(rows, key=lambda row: (row.arrived, row.ref.uid), reverse=True)),
        first=window.total - window.high + 1 if rows else 0,
        last=window.total - window.low + 1 if rows else 0,
        older=lowest if window.low > 1 and window.total else None,
        newer=highest if window.high < window.total else None,
        total=window.total,
    )


def _within(uid: Uid, before: Uid | None, after: Uid | None) -> bool:
    return (before is None or uid < before) and (after is None or uid > after)


# --- rows -------------------------------------------------------------------------------------------------------------


def _rows(conn: Connection, selected: Selected, window: _Window) -> list[Summary]:
    """Rows seen before need their flags only; the others are fetched whole."""
    if window.command == b"UID FETCH":
        return _by_uid(conn, selected, [Uid(number) for number in window.wanted])
    if not conn.state.knows(selected.name, selected.uidvalidity):
        found = _fetched(conn, window.command, window.wanted)
        return _summaries(conn, selected, [one for one in found if _asked(one, window)])
    return filled(conn, selected, flags_of(conn, window.command, window.wanted))


def _by_uid(conn: Connection, selected: Selected, wanted: Sequence[Uid]) -> list[Summary]:
    known, unknown = _sorted_out(conn, selected, wanted)
    rows = filled(conn, selected, flags_of(conn, b"UID FETCH", known)) if known else []
    found = _fetched(conn, b"UID FETCH", unknown) if unknown else []
    return rows + _summaries(conn, selected, [one for one in found if one.uid in unknown])


def _sorted_out(conn: Connection, selected: Selected, wanted: Sequence[Uid]) -> tuple[list[Uid], list[Uid]]:
    """Those whose rows were seen before, and the others."""
    ref = partial(MessageRef, selected.name, selected.uidvalidity)
    known = [uid for uid in wanted if conn.state.row(ref(uid)) is not None]
    return known, [uid for uid in wanted if uid not in known]


def asking(conn: Connection, selected: Selected, wanted: Sequence[Uid]) -> list[tuple[bytes, ...]]:
    """Commands for a few rows, to be sent beside others; told() reads what is answered."""
    [part] = wire.uid_sets(wanted)
    if not _sorted_out(conn, selected, wanted)[1]:
        return [(b"UID FETCH", part, b"(UID FLAGS)")]
    rows = (b"UID FETCH", part, _items(conn))
    return [rows] if "PREVIEW" in conn.capabilities else [rows, (b"UID FETCH", part, _HEADS)]


def told(conn: Connection, selected: Selected, wanted: Sequence[Uid], replies: Sequence[Reply]) -> list[Summary] | None:
    """The rows; None when something is not as usual, and has to be asked for in the careful way."""
    if any(reply.status != "OK" for reply in replies):
        return None
    # Of two FETCH a server may answer the second before it ends the first (RFC 9051 5.5).
    lines = [line for reply in replies for line in reply.data.get("FETCH", ())]
    found = [one for one in decode.fetched(lines) if one.uid in wanted]
    lean = [one for one in found if one.size is None]
    if len(lean) == len(found):
        rows = {row.ref.uid: row for uid in wanted if (row := _seen(conn, selected, uid)) is not None}
        flags = {one.uid: one.flags or frozenset() for one in found if one.uid is not None}
        return [replace(rows[uid], flags=flags[uid]) for uid in flags] if flags.keys() <= rows.keys() else None
    whole = [one for one in found if one.size is not None]
    heads: dict[Uid | None, bytes] = {one.uid: text for one in whole if (text := one.section("TEXT")) is not None}
    if any(
        not (one.section("HEADER") or b"").strip() or (one.preview is None and one.uid not in heads) for one in whole
    ):
        return None
    return _summaries(conn, selected, whole, heads)


def _seen(conn: Connection, selected: Selected, uid: Uid) -> Summary | None:
    return conn.state.row(MessageRef(selected.name, selected.uidvalidity, uid))


def filled(conn: Connection, selected: Selected, now: Mapping[Uid, Flags]) -> list[Summary]:
    """Rows of the messages whose flags these are, in any order; those that are gone meanwhile are left out."""
    ref = partial(MessageRef, selected.name, selected.uidvalidity)
    known = {uid: row for uid in now if (row := conn.state.row(ref(uid))) is not None}
    rows = [row if row.flags == now[uid] else replace(row, flags=now[uid]) for uid, row in known.items()]
    lacking = [uid for uid in now if uid not in known]
    found = _fetched(conn, b"UID FETCH", lacking) if lacking else []
    return rows + _summaries(conn, selected, [one for one in found if one.uid in lacking])


def flags_of(conn: Connection, command: bytes, wanted: Sequence[int]) -> dict[Uid, Flags]:
    """Which of these messages are there, and their flags. A refusal costs rows, and the page only when nothing is left.

    command: FETCH or UID FETCH, which says what the numbers are. Raises ServerRefused.
    """
    sets = wire.uid_sets(wanted)
    replies = [conn.command(command, part, b"(UID FLAGS)", otherwise=None) for part in sets]
    found = [one for reply in replies for one in decode.fetched(reply.data.get("FETCH", ()))]
    refused = [reply for reply in replies if reply.status != "OK" and reply.code != "EXPUNGEISSUED"]
    if refused and not found:
        raise faults.refusal(refused[0].text)
    asked = frozenset(wanted)
    return {
        one.uid: one.flags or frozenset()
        for one in found
        if one.uid is not None and (one.sequence if command == b"FETCH" else one.uid) in asked
    }


def _asked(one: Fetched, window: _Window) -> bool:
    """Servers may tell of messages outside of what was asked for."""
    return (one.sequence if window.command == b"FETCH" else one.uid) in window.wanted


def _fetched(conn: Connection, command: bytes, wanted: Sequence[int]) -> list[Fetched]:
    refused: list[errors.MailError] = []
    found = _halved(conn, command, wanted, (_items(conn), b"(" + _FACTS + b" " + _FIELDS + b")"), refused)
    if refused and not found:
        raise refused[0]
    return _with_headers(conn, found)


def _items(conn: Connection) -> bytes:
    """All that a row needs."""
    extra = b" PREVIEW " if "PREVIEW" in conn.capabilities else b" "
    return b"(" + _FACTS + extra + _FIELDS + (b"" if conn.quirks.cuts_wrongly else _CUT) + b")"


def _halved(
    conn: Connection, command: bytes, wanted: Sequence[int], ways: Sequence[bytes], refused: list[errors.MailError]
) -> list[Fetched]:
    """FETCH; when the server refuses because of one message, halve until that one is alone, and ask less of it."""
    found: list[Fetched] = []
    for way in ways:
        replies = [conn.command(command, part, way, otherwise=None) for part in wire.uid_sets(wanted)]
        found = [one for reply in replies for one in decode.fetched(reply.data.get("FETCH", ()))]
        found = [one for one in found if one.uid is not None and not _news(one)]
        if all(reply.status == "OK" or reply.code == "EXPUNGEISSUED" for reply in replies):
            return found
        refused += [faults.refusal(reply.text) for reply in replies if reply.status != "OK"]
    if len(wanted) > 1:
        middle = len(wanted) // 2
        halves = (wanted[:middle], wanted[middle:])
        return [one for half in halves for one in _halved(conn, command, half, ways[:1], refused)]
    bare = b"(" + _FACTS + b")"
    return found if ways == (bare,) else _halved(conn, command, wanted, (bare,), refused)


def _news(one: Fetched) -> bool:
    """Flags that another device changes meanwhile come unasked and alone (RFC 9051 7.5.2): that is no row."""
    return one.whole and one.flags is not None and one.size is None and one.arrived is None and not one.sections


def _with_headers(conn: Connection, found: Sequence[Fetched]) -> list[Fetched]:
    """Rows whose header did not come, came empty, or could not be read, get another chance by the plainest of items.

    Hoodiecrow cuts every message but the first at the wrong place when asked for a cut.
    """
    lacking = [one.uid for one in found if one.uid is not None and not (one.section("HEADER") or b"").strip()]
    if not lacking:
        return list(found)
    again: dict[Uid | None, Fetched] = {}
    for part in wire.uid_sets(lacking):
        reply = conn.command(b"UID FETCH", part, b"(UID BODY.PEEK[HEADER])", otherwise=None)
        again |= {one.uid: one for one in decode.fetched(reply.data.get("FETCH", ()))}
    return [replace(one, sections=again[one.uid].sections) if one.uid in again else one for one in found]


def _summaries(
    conn: Connection, selected: Selected, found: Sequence[Fetched], heads: Mapping[Uid | None, bytes] | None = None
) -> list[Summary]:
    """heads: first octets of bodies, where they were asked for already."""
    # Cyrus offers PREVIEW and says NIL where it has made none.
    silent = [one.uid for one in found if one.uid is not None and one.preview is None]
    heads = _heads(conn, silent) if heads is None else heads
    rows = [_summary(selected, one, heads.get(one.uid)) for one in found]
    for row in rows:
        conn.state.keep_row(row)
    return rows


def _heads(conn: Connection, uids: Sequence[Uid]) -> dict[Uid | None, bytes]:
    """The first octets of every body, all in one command."""
    replies = [conn.command(b"UID FETCH", part, _HEADS, otherwise=None) for part in wire.uid_sets(uids)]
    found = (one for reply in replies for one in decode.fetched(reply.data.get("FETCH", ())))
    return {one.uid: one.section("TEXT") or b"" for one in found}


def _summary(selected: Selected, one: Fetched, head: bytes | None) -> Summary:
    assert one.uid is not None
    raw = one.section("HEADER") or b""
    headers = Headers.parse(raw)
    words = None
    if one.preview is not None:
        words = snippet(one.preview.decode("utf-8", "replace"))
    elif head is not None:
        words = snippet_from_source(raw, head)
    return Summary(
        ref=MessageRef(selected.name, selected.uidvalidity, one.uid),
        flags=one.flags or frozenset(),
        arrived=one.arrived or decode.EPOCH,
        size=one.size or 0,
        subject=headers.subject,
        senders=headers.addresses("from"),
        recipients=(*headers.addresses("to"), *headers.addresses("cc")),
        date=headers.date,
        message_id=headers.message_id,
        attached=_attached(headers.content_type),
        snippet=words,
        type=headers.content_type,
    )


def _attached(kind: str) -> bool:
    """By the outermost type alone: a structure for every row costs more than the whole page."""
    return kind == "multipart/mixed" or kind.partition("/")[0] in ("application", "image", "audio", "video")
