"""What is behind "accepted": the copy in Sent, the mark on the original, the draft. Each step may be repeated."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from webmail import errors
from webmail.actions import drafts, mark
from webmail.actions.means import LARGEST, Means, Outgoing
from webmail.imap import append, mailboxes, move, search, store
from webmail.imap.connection import Connection
from webmail.imap.selection import select
from webmail.journal import State
from webmail.mail import flags, outgoing
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, MessageRef
from webmail.mail.mailbox import Role

_GONE: Final = (errors.MessageMissing, errors.MailboxMissing, errors.MailboxRebuilt)


def finish(means: Means, letter: Outgoing) -> bool:
    """File, mark, clear, done. False when it could not be filed: then its copy in Drafts is all that the writer has,
    and stays. What fails for the moment is tried again later (actions/recover.py)."""
    filed = False
    try:
        if means.how.server.sent_copy:
            means.step("file")
            with means.lease() as conn:
                _submitted(conn, letter)
                _file(conn, letter)
        filed = True
        means.step("mark")
        _mark(means, letter)
        means.step("clear")
        if letter.ref is not None:
            with means.lease() as conn:
                drafts.remove(conn, letter.ref)
    except errors.MailError:
        return filed
    means.step("done")
    means.noted(letter.key, State.DONE, {State.ACCEPTED})
    return True


def _submitted(conn: Connection, letter: Outgoing) -> None:
    """The copy itself says that it was taken, should the journal be lost."""
    if letter.ref is None:
        return
    with suppress(errors.MailboxReadOnly, *_GONE):
        ref = letter.ref
        store.change_flags(conn, ref.mailbox, ref.uidvalidity, (ref.uid,), add=(flags.SUBMITTED,))


def _file(conn: Connection, letter: Outgoing) -> None:
    """Into Sent, unless it is there: put by the server itself, or by us before a crash."""
    folder = mailboxes.ensure(conn, Role.SENT, mailboxes.list_mailboxes(conn))
    if search.by_message_id(conn, folder, letter.message_id):
        return
    try:
        _copy(conn, folder, letter)
    except errors.QuotaExceeded:
        if letter.ref is None:
            raise
        # No room for a second one, but the first may change its place.
        ref = letter.ref
        move.move(conn, ref.mailbox, ref.uidvalidity, (ref.uid,), folder)
        if not search.by_message_id(conn, folder, letter.message_id):
            raise


def _copy(conn: Connection, folder: MailboxName, letter: Outgoing) -> None:
    """Made on the server of what it has, where it can do that (CATENATE)."""
    head, rest = outgoing.filed(letter.head), letter.rest
    if rest and not drafts.thrifty(conn):
        append.append(conn, folder, append.Whole((head, *rest)), (flags.SEEN,), letter.when)
        return
    try:
        append.catenate(conn, folder, (head, *letter.body), (flags.SEEN,), letter.when, LARGEST)
    except (errors.PartMissing, *_GONE):
        # Another device removed the copy meanwhile.
        if not rest:
            raise
        append.append(conn, folder, append.Whole((head, *rest)), (flags.SEEN,), letter.when)


def _mark(means: Means, letter: Outgoing) -> None:
    """On the original, also where it was put into Archive meanwhile, or taken out of it. One that is elsewhere or may
    not be changed is not marked."""
    if letter.origin is not None:
        with suppress(errors.MailboxReadOnly, errors.ServerRefused, *_GONE), means.lease() as conn:
            for ref in _original(conn, letter, letter.origin):
                mark.answered(conn, ref, forwarded=letter.forwarded)


def _original(conn: Connection, letter: Outgoing, origin: MessageRef) -> list[MessageRef]:
    """Where it is now: an answer names it (RFC 5322 3.6.4)."""
    if search.present(conn, origin.mailbox, origin.uidvalidity, (origin.uid,)):
        return [origin]
    named = None if letter.forwarded else Headers.parse(letter.head).in_reply_to
    archive = next((m.name for m in mailboxes.list_mailboxes(conn) if m.role is Role.ARCHIVE), None)
    for folder in (origin.mailbox, archive):
        if named and folder and (uids := search.by_message_id(conn, folder, named)):
            validity = select(conn, folder, read_only=True).uidvalidity
            return [MessageRef(folder, validity, uid) for uid in uids]
    return []
