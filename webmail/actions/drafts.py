"""Drafts live in the user's own Drafts folder: saving puts the new one in place of the old one, and there is one."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import Final, cast

from webmail import errors
from webmail.imap import append, fetch, mailboxes, move, search, store, waiting
from webmail.imap.connection import Connection
from webmail.mail import carry, flags, outgoing
from webmail.mail.build import Content, pieces
from webmail.mail.draft import REVISION, Draft, Octets, Piece, Revision, revision_of
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, MessageRef, Uid
from webmail.mail.mailbox import Role

LARGEST: Final = 64 << 20
"""Octets of a draft that is put together here, where the server cannot do it."""

_GONE: Final = (errors.MailboxRebuilt, errors.MailboxMissing, errors.MessageMissing)
_MARKS: Final = (flags.DRAFT, flags.SEEN)
_PATIENCE: Final = 60.0
_saving: Final[dict[str, list[threading.Lock | int]]] = {}
_guard: Final = threading.Lock()


def save(
    conn: Connection, draft: Draft, replaces: MessageRef | None, revision: Revision | None = None, *,
    insist: bool = True, formatted: bool = False,
) -> MessageRef | None:  # fmt: skip
    """Store the draft in place of the one it replaces; a crash on the way may leave two drafts, never none.

    replaces: what the writer saw. revision: which save this is; with it nothing is overwritten that this writer did not
    see: another one with this Message-ID raises DraftConflict, a newer one of the same writer DraftOlder. insist: store
    it also when there is none any more (sent, discarded); else that is a DraftConflict too. formatted: the old one has
    what the new one has not (HTML); it goes to Trash.

    Returns where it is now, None when the server does not tell. Raises UnsafeText, QuotaExceeded, MailboxMissing,
    MailboxReadOnly and the errors of the wire; then the old draft is untouched.
    """
    with _one_at_a_time(draft.message_id):
        folder = mailboxes.ensure(conn, Role.DRAFTS, mailboxes.list_mailboxes(conn))
        base = replaces if replaces is not None and replaces.mailbox == folder else None
        old = [] if base is None else [base]
        if revision is not None:
            old = _seen(conn, folder, draft.message_id, replaces, revision, insist)
            draft = replace(draft, extra=(*draft.extra, (REVISION, revision.text())))
        if base is not None:
            draft = replace(draft, carried=_carried(conn, base, draft))
        try:
            contents = pieces(draft, keep_bcc=True)
            saved = _stored(conn, folder, contents, draft.date, old, formatted=formatted)
        except errors.MailboxMissing:
            # Deleted on another device since it was listed.
            mailboxes.create(conn, folder)
            saved = _stored(conn, folder, contents, draft.date, [], formatted=formatted)
    return saved or _newest(conn, folder, draft.message_id)


def keep(
    conn: Connection, contents: Sequence[Content], draft: Draft, replaces: MessageRef | None, *, pending: bool = False,
    formatted: bool = False,
) -> MessageRef | None:  # fmt: skip
    """Store a letter that is built already, in place of the draft it was made from. pending: it is about to be sent
    (keyword of RFC 5550). formatted: as for save. Returns and raises as save does."""
    folder = mailboxes.ensure(conn, Role.DRAFTS, mailboxes.list_mailboxes(conn))
    marks: tuple[str, ...] = _MARKS
    if pending and _keywords(conn, folder):
        marks = (*marks, flags.SUBMIT_PENDING)
    old = [replaces] if replaces is not None and replaces.mailbox == folder else []
    saved = _stored(conn, folder, contents, draft.date, old, marks, formatted=formatted)
    return saved or _newest(conn, folder, draft.message_id)


def _newest(conn: Connection, folder: MailboxName, message_id: str) -> MessageRef | None:
    """No APPENDUID (RFC 4315): the newest message with our Message-ID is the one just stored."""
    found = search.by_message_id(conn, folder, message_id)
    return MessageRef(folder, fetch.select(conn, folder).uidvalidity, found[-1]) if found else None


def latest(conn: Connection, message_id: str, writer: str) -> MessageRef | None:
    """The draft of this letter that this writer saved last, None when there is none."""
    folder = next((m.name for m in mailboxes.list_mailboxes(conn) if m.role is Role.DRAFTS), None)
    if folder is None:
        return None
    uids = search.by_message_id(conn, folder, message_id, deleted=False)
    uidvalidity = fetch.select(conn, folder, read_only=True).uidvalidity
    refs = [MessageRef(folder, uidvalidity, uid) for uid in reversed(uids)]
    return next((ref for ref in refs if (one := _revision(conn, ref)) and one.writer == writer), None)


def following(conn: Connection, folder: MailboxName, random: str) -> MessageRef | None:
    """What a draft became when it was saved again since: random is its Message-ID before the "@". Raises MailboxMissing
    and the errors of the wire."""
    uids = search.by_random(conn, folder, random)
    return MessageRef(folder, fetch.select(conn, folder, read_only=True).uidvalidity, uids[-1]) if uids else None


def onward(conn: Connection, before: MessageRef | None, own: MessageRef | None) -> MessageRef | None:
    """The draft behind this one, by UID; behind the last the first. None when there is no other that waits for its
    writer. before: where it was until it was saved; own: where it is now. Raises the errors of the wire."""
    folder = next((m.name for m in mailboxes.list_mailboxes(conn) if m.role is Role.DRAFTS), None)
    if folder is None:
        return None
    validity = fetch.select(conn, folder, read_only=True).uidvalidity
    waiting_here = search.uids(conn, b"UNDELETED", b"UNKEYWORD", flags.SUBMIT_PENDING.encode())
    others = sorted(uid for uid in waiting_here if own is None or uid != own.uid)
    behind = [uid for uid in others if before is not None and uid > before.uid]
    return MessageRef(folder, validity, (behind or others)[0]) if others else None


def remove(conn: Connection, ref: MessageRef) -> None:
    """Remove a draft for good, if it is one and still there. Only ever touches the Drafts folder."""
    if ref.mailbox not in _folders(conn):
        return
    with suppress(*_GONE):
        move.expunge(conn, ref.mailbox, ref.uidvalidity, (ref.uid,))


def thrifty(conn: Connection) -> bool:
    """Whether files that are in a draft stay on the server when it is saved again (CATENATE, RFC 4469). Else they are
    fetched and sent each time."""
    return "CATENATE" in conn.capabilities


@contextmanager
def _one_at_a_time(message_id: str) -> Iterator[None]:
    """Two saves of one letter at once would both find the same old draft, and leave two new ones."""
    with _guard:
        entry = _saving.setdefault(message_id, [threading.Lock(), 0])
        entry[1] = cast(int, entry[1]) + 1
    lock = cast(threading.Lock, entry[0])
    taken = lock.acquire(timeout=_PATIENCE)
    try:
        if not taken:
            raise errors.ServerBusy
        yield
    finally:
        if taken:
            lock.release()
        with _guard:
            entry[1] = cast(int, entry[1]) - 1
            if not entry[1]:
                _saving.pop(message_id, None)


# --- what may be replaced ---------------------------------------------------------------------------------------------


def _seen(
    conn: Connection, folder: MailboxName, message_id: str, replaces: MessageRef | None, mine: Revision, insist: bool
) -> list[MessageRef]:
    """Copies of this draft that the writer knows, newest last. Raises DraftConflict, DraftOlder."""
    uids = list(search.by_message_id(conn, folder, message_id, deleted=False))
    uidvalidity = fetch.select(conn, folder).uidvalidity
    base = replaces.uid if replaces and (replaces.mailbox, replaces.uidvalidity) == (folder, uidvalidity) else None
    if base is not None and base not in uids:
        # A draft of another program may have no Message-ID at all, or none that we could read.
        uids = sorted({*uids, *search.present(conn, folder, uidvalidity, [base])})
    refs = {uid: MessageRef(folder, uidvalidity, uid) for uid in uids}
    if not uids:
        if not insist and (base is not None or _sent(conn, message_id)):
            raise errors.DraftConflict(sent=_sent(conn, message_id))
        return []
    if uids == [base]:
        return list(refs.values())
    told = {uid: _revision(conn, ref) for uid, ref in refs.items()}
    if any(one.writer == mine.writer and not one.precedes(mine) for one in told.values() if one):
        raise errors.DraftOlder(refs[uids[-1]])
    known = [uid for uid in uids if _is_known(uid, base, told, mine)]
    strangers = [uid for uid in uids if uid not in known and (base is None or uid > base)]
    if strangers:
        raise errors.DraftConflict(refs[strangers[-1]])
    return [refs[uid] for uid in known]


def _is_known(uid: Uid, base: Uid | None, told: Mapping[Uid, Revision | None], mine: Revision) -> bool:
    """What the writer saw, what the same writer saved (the answer was lost), or what that one was made from (a crash
    came before its removal)."""
    one = told[uid]
    if uid == base or (one is not None and one.writer == mine.writer):
        return True
    seen = told.get(base) if base is not None else None
    return one is not None and seen is not None and one.writer == seen.writer and one.number < seen.number


def _revision(conn: Connection, ref: MessageRef) -> Revision | None:
    try:
        return revision_of(Headers.parse(fetch.message(conn, ref).header).get(REVISION) or "")
    except errors.MessageMissing:
        return None


def _sent(conn: Connection, message_id: str) -> bool:
    sent = next((m.name for m in mailboxes.list_mailboxes(conn) if m.role is Role.SENT), None)
    return sent is not None and bool(search.by_message_id(conn, sent, message_id))


# --- putting it there -------------------------------------------------------------------------------------------------


def _carried(conn: Connection, base: MessageRef, draft: Draft) -> tuple[tuple[str, bytes], ...]:
    try:
        header = fetch.message(conn, base).header
    except _GONE:
        return ()
    return carry.carried(header, frozenset(name.lower() for name, _ in draft.extra))


def _stored(
    conn: Connection, folder: MailboxName, contents: Sequence[Content], when: datetime, old: Sequence[MessageRef],
    marks: Sequence[str] = _MARKS, *, formatted: bool = False,
) -> MessageRef | None:  # fmt: skip
    own = [content for content in contents if not isinstance(content, Piece)]
    if len(own) < len(contents) or not old or formatted:
        saved = append.catenate(conn, folder, contents, marks, when, LARGEST)
    else:
        saved = append.replace(conn, old[-1], _whole(own), marks, when)
        old = old[:-1]
    for ref in old:
        if ref != saved:
            _put_away(conn, ref, formatted and ref == old[-1])
    return saved


def _whole(contents: Sequence[Content]) -> bytes | Octets:
    plain = [content for content in contents if isinstance(content, bytes)]
    if len(plain) == len(contents):
        return b"".join(plain)
    return append.Whole(content for content in contents if not isinstance(content, Piece))


def _put_away(conn: Connection, ref: MessageRef, formatted: bool) -> None:
    """It is stored: an old one beside it is better than to be told that it is not."""
    try:
        if formatted:
            trash = mailboxes.ensure(conn, Role.TRASH, mailboxes.list_mailboxes(conn))
            move.move(conn, ref.mailbox, ref.uidvalidity, (ref.uid,), trash)
        else:
            move.expunge(conn, ref.mailbox, ref.uidvalidity, (ref.uid,))
    except errors.MailError:
        return


# --- letters that wait to be sent -------------------------------------------------------------------------------------


def copies(conn: Connection, keys: Collection[str]) -> list[waiting.Copy]:
    """Letters in Drafts that wait to be sent, and those that the journal names (keys)."""
    found = []
    for folder in _folders(conn):
        with suppress(*_GONE):
            found += waiting.copies(conn, folder, outgoing.MARK, keys)
    return found


def in_doubt(conn: Connection, message_id: str) -> bool:
    """A copy of this letter waits in Drafts, whatever the journal knows."""
    return any(copy.header.message_id == message_id for copy in copies(conn, ()))


def release(conn: Connection, ref: MessageRef) -> None:
    """An ordinary draft again. One that is gone, or may not be changed, stays as it is."""
    with suppress(errors.MailboxReadOnly, *_GONE):
        store.change_flags(
            conn, ref.mailbox, ref.uidvalidity, (ref.uid,), remove=(flags.SUBMIT_PENDING, flags.SUBMITTED)
        )


def _folders(conn: Connection) -> list[MailboxName]:
    return [m.name for m in mailboxes.list_mailboxes(conn) if m.role is Role.DRAFTS]


def _keywords(conn: Connection, folder: MailboxName) -> bool:
    """Whether the mailbox keeps keywords; one that was not opened yet is, for that."""
    with suppress(errors.MailError):
        return waiting.keeps(fetch.select(conn, folder))
    return False
