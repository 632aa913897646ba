"""Sending a letter: claim it, keep a copy in Drafts, hand it over once, then copy, mark and clear; in that order.

Every step is written into the journal before it is taken; what comes behind "accepted" can be done twice and is then
done once. Nothing here hands a letter over a second time by itself (docs/sending.md).
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from webmail import errors, smtp
from webmail.actions import drafts, mark
from webmail.config import MailServer
from webmail.imap import append, fetch, mailboxes, move, search, store
from webmail.imap.connection import Connection
from webmail.journal import Entry, Journal, State, account_key, letter_key
from webmail.mail import address, flags, outgoing
from webmail.mail.build import build
from webmail.mail.draft import Draft
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, MessageRef
from webmail.mail.mailbox import Role

Lease = Callable[[], AbstractContextManager[Connection]]

_UNSENT: Final = frozenset({None, State.FAILED})
_GONE: Final = (errors.MessageMissing, errors.MailboxMissing, errors.MailboxRebuilt)
TAKEN_BACK: Final = "TakenBack"
_LARGEST: Final = 256 << 20

_under_way: Final[set[tuple[str, str]]] = set()
_guard: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class Submission:
    """How to hand mail over: server, login, password, TLS context and time limits in seconds.

    final_timeout: for the answer to the final dot; None: as any command.
    """

    server: MailServer
    login: str
    password: str = field(repr=False)
    context: ssl.SSLContext
    connect_timeout: float
    command_timeout: float
    final_timeout: float | None = None


def unwatched(step: str) -> None:
    """Nobody needs to know."""


@dataclass(frozen=True, slots=True)
class Means:
    """What it takes. lease: lends the IMAP connection, which is not held while the submission server works.

    step: told the name of every step before it is taken; the tests end the process there.
    """

    journal: Journal
    lease: Lease
    how: Submission
    step: Callable[[str], None] = unwatched

    @property
    def account(self) -> str:
        """The account in the journal."""
        return account_key(self.how.server.imap.host, self.how.login)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A letter that is claimed. key: in the journal. stored: the octets in Drafts, which keep Bcc; ref: where they are,
    None when it goes out without a copy. sender, recipients: as SMTP takes them. origin: what it answers or passes on.
    report: the mail server shall tell what becomes of it.
    """

    key: str
    message_id: str
    stored: bytes = field(repr=False)
    sender: str
    recipients: tuple[str, ...]
    when: datetime
    ref: MessageRef | None
    origin: MessageRef | None
    forwarded: bool
    report: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """refused: recipients the server turned down while it took the others (address -> its words).

    filed: the copy is in Sent. again: the letter had been sent before, and was not sent a second time.
    """

    refused: dict[str, str] = field(default_factory=dict)
    filed: bool = True
    again: bool = False


def send(
    means: Means, draft: Draft, *, draft_ref: MessageRef | None, origin: MessageRef | None, forwarded: bool,
    copy: bool = True, hold_until: datetime | None = None,
) -> Sent:  # fmt: skip
    """Prepare and submit at once. Raises what the two raise."""
    letter = prepare(means, draft, draft_ref=draft_ref, origin=origin, forwarded=forwarded, copy=copy)
    return Sent(again=True) if letter is None else submit(means, letter, hold_until=hold_until)


# --- before it is handed over -----------------------------------------------------------------------------------------


def built(
    means: Means, draft: Draft, *, draft_ref: MessageRef | None, origin: MessageRef | None, forwarded: bool
) -> Outgoing:
    """The letter as octets, made once and read again. Raises NoRecipients, UnsafeText, BadAddress."""
    recipients = tuple(dict.fromkeys(address.wire(a.address) for a in (*draft.to, *draft.cc, *draft.bcc)))
    if not recipients:
        raise errors.NoRecipients
    key = letter_key(means.account, draft.message_id)
    stored = build(replace(draft, extra=(*draft.extra, (outgoing.MARK, key))), keep_bcc=True)
    outgoing.submitted(stored)
    sender = address.wire(draft.sender.address)
    report = any(name == outgoing.REPORT for name, _ in draft.extra)
    return Outgoing(key, draft.message_id, stored, sender, recipients, draft.date, draft_ref, origin, forwarded, report)


def prepare(
    means: Means, draft: Draft, *, draft_ref: MessageRef | None, origin: MessageRef | None, forwarded: bool,
    copy: bool = True, insist: bool = False, formatted: bool = False,
) -> Outgoing | None:  # fmt: skip
    """Build the letter, claim it, and put its copy into Drafts, in place of draft_ref. None: it was sent before.

    copy: False goes without, because its writer said so. insist: also where it may have been sent before, which its
    writer knows. formatted: draft_ref has formatting that the letter has not; it goes to Trash.

    Raises what built raises; AlreadySending; SubmissionUnknown (it may have been sent before, and only its writer can
    say what to do); NotNoted; NoCopy, and then nothing is sent. The errors of the wire come from looking whether it was
    sent before.
    """
    letter = built(means, draft, draft_ref=draft_ref, origin=origin, forwarded=forwarded)
    means.step("claim")
    if not _claim(means, letter, insist):
        return None
    means.step("copy")
    if copy:
        try:
            with means.lease() as conn:
                ref = drafts.keep(conn, letter.stored, draft, draft_ref, pending=True, formatted=formatted)
        except errors.MailError as error:
            # Not forgotten: after a time limit the copy may be there all the same, and would look like one in doubt.
            _note(means, letter.key, State.FAILED, {State.HELD}, error)
            raise errors.NoCopy(error) from None
        letter = replace(letter, ref=ref)
    means.step("copied")
    return letter


def read_back(means: Means, ref: MessageRef, origin_of: Callable[[str], tuple[str, MessageRef | None]]) -> Outgoing:
    """A letter from its copy in Drafts, as prepare left it. origin_of: reads the ORIGIN header.

    Raises MessageMissing and its like when another device has moved or changed it, BadAddress, NoRecipients, TooLarge.
    """
    with means.lease() as conn:
        stored = _octets(conn, ref)
    header = Headers.parse(stored)
    mode, origin = origin_of(header.get(outgoing.ORIGIN) or "")
    message_id, recipients = header.message_id, outgoing.recipients(header)
    if message_id is None or not recipients:
        raise errors.NoRecipients
    return Outgoing(
        letter_key(means.account, message_id), message_id, stored, outgoing.sender(header), recipients,
        header.date or datetime.now().astimezone(), ref, origin, mode == "forward",
        header.get(outgoing.REPORT) is not None,
    )  # fmt: skip


def _octets(conn: Connection, ref: MessageRef) -> bytes:
    octets = bytearray()
    for chunk in fetch.source_chunks(conn, ref):
        octets += chunk
        if len(octets) > _LARGEST:
            raise errors.TooLarge
    return bytes(octets)


def _claim(means: Means, letter: Outgoing, insist: bool) -> bool:
    """Mine to send, or (False) sent before. Of two requests at once one passes; the other's raises."""
    journal, account, key = means.journal, means.account, letter.key
    before = journal.get(account, key)
    if before is None or insist:
        # Never seen, or the journal was lost: the mailbox remembers too.
        with means.lease() as conn:
            if in_sent(conn, letter.message_id):
                return False
            if before is None and drafts.in_doubt(conn, letter.message_id):
                journal.note(account, key, State.UNKNOWN, after=(None,))
    found = journal.note(account, key, State.HELD, after=_UNSENT)
    if found is not None and found.state is State.HELD and journal.abandoned(found):
        # Two may come by here; only one of them passes from HELD to SENDING.
        found = journal.note(account, key, State.HELD, after=(State.HELD,))
    if found is not None and found.state is State.UNKNOWN and insist:
        return True
    return found is None or not _in_the_way(means, key, found)


def _in_the_way(means: Means, key: str, found: Entry) -> bool:
    """True: it was sent. Raises when that is not known, or not yet."""
    if found.state in (State.ACCEPTED, State.DONE):
        return True
    if found.state is State.SENDING and means.journal.abandoned(found):
        means.journal.note(means.account, key, State.UNKNOWN, after=(State.SENDING,))
        raise errors.SubmissionUnknown
    if found.state is State.UNKNOWN:
        raise errors.SubmissionUnknown
    raise errors.AlreadySending


def in_sent(conn: Connection, message_id: str) -> bool:
    """Back and Send again, a reload, a server that files by itself: the copy in Sent tells."""
    sent = next((m.name for m in mailboxes.list_mailboxes(conn) if m.role is Role.SENT), None)
    return sent is not None and bool(search.by_message_id(conn, sent, message_id))


def arrived(conn: Connection, message_id: str) -> bool:
    """The same, or its writer was among the recipients and has it."""
    return in_sent(conn, message_id) or bool(search.by_message_id(conn, MailboxName("INBOX"), message_id))


# --- the one step that cannot be taken back ---------------------------------------------------------------------------


def submit(
    means: Means, letter: Outgoing, *, after: Collection[State] = (State.HELD,), hold_until: datetime | None = None
) -> Sent:
    """Hand the letter over, then finish. after: the states it may be in now.

    Raises AlreadySending, NotNoted, and all that smtp.submit raises. After it returns the letter is sent; what goes
    wrong behind that point (the copy in Sent, the flag on the original) never raises.
    """
    message, how = outgoing.submitted(letter.stored), means.how
    with once(means.account, letter.key):
        means.step("submit")
        found = means.journal.note(means.account, letter.key, State.SENDING, after=after)
        if found is not None:
            return Sent(again=_in_the_way(means, letter.key, found))
        means.step("sending")
        try:
            refused = smtp.submit(
                how.server.smtp, how.login, how.password, message, letter.sender, letter.recipients,
                context=how.context, connect_timeout=how.connect_timeout, command_timeout=how.command_timeout,
                final_timeout=how.final_timeout, hold_until=hold_until, report=letter.report,
            )  # fmt: skip
        except errors.MailError as error:
            means.step("refused")
            # A second try that failed says nothing about the first.
            unknown = isinstance(error, errors.SubmissionUnknown) or State.UNKNOWN in after
            _note(means, letter.key, State.UNKNOWN if unknown else State.FAILED, {State.SENDING}, error)
            if not unknown:
                _release(means, letter)
            raise
        except BaseException:
            _note(means, letter.key, State.UNKNOWN, {State.SENDING})
            raise
        means.step("answered")
        _note(means, letter.key, State.ACCEPTED, {State.SENDING})
        means.step("accepted")
        return Sent(refused, finish(means, letter))


def _note(
    means: Means, key: str, state: State, after: Collection[State | None], error: errors.MailError | None = None
) -> None:
    """What happened has happened, whether or not it can be written down."""
    with suppress(errors.NotNoted):
        means.journal.note(means.account, key, state, after=after, why=type(error).__name__ if error else "")


def _release(means: Means, letter: Outgoing) -> None:
    """An ordinary draft again, should the journal be lost."""
    if letter.ref is not None:
        with suppress(errors.MailError), means.lease() as conn:
            drafts.release(conn, letter.ref)


def take_back(means: Means, key: str, ref: MessageRef | None) -> None:
    """It is a draft again, before it was handed over. Raises AlreadySending or SubmissionUnknown when it is too late,
    NotNoted."""
    found = means.journal.note(means.account, key, State.FAILED, after=(State.HELD, State.FAILED), why=TAKEN_BACK)
    if found is not None:
        if _in_the_way(means, key, found):
            raise errors.AlreadySending
        return
    if ref is not None:
        with suppress(errors.MailError), means.lease() as conn:
            drafts.release(conn, ref)
    means.journal.forget(means.account, key)


def settle(means: Means, letter: Outgoing) -> bool:
    """Its writer knows that it was sent: what is behind "accepted". True when it was filed. Raises AlreadySending,
    NotNoted."""
    with once(means.account, letter.key):
        means.journal.note(means.account, letter.key, State.ACCEPTED, after=(State.UNKNOWN,))
        return finish(means, letter)


@contextmanager
def once(account: str, key: str) -> Iterator[None]:
    """One thread at a time for one letter. Raises AlreadySending."""
    with _guard:
        if (account, key) in _under_way:
            raise errors.AlreadySending
        _under_way.add((account, key))
    try:
        yield
    finally:
        with _guard:
            _under_way.discard((account, key))


# --- behind "accepted": each step may be repeated ---------------------------------------------------------------------


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
    _note(means, letter.key, State.DONE, {State.ACCEPTED})
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
        append.append(conn, folder, outgoing.filed(letter.stored), (flags.SEEN,), letter.when)
    except errors.QuotaExceeded:
        if letter.ref is None:
            raise
        # No room for a second one, but the first may change its place.
        ref = letter.ref
        move.move(conn, ref.mailbox, ref.uidvalidity, (ref.uid,), folder)
        if not search.by_message_id(conn, folder, letter.message_id):
            raise


def _mark(means: Means, letter: Outgoing) -> None:
    """On the original. One that is gone, or may not be changed, is not marked."""
    if letter.origin is not None:
        with suppress(errors.MailboxReadOnly, errors.ServerRefused, *_GONE), means.lease() as conn:
            mark.answered(conn, letter.origin, forwarded=letter.forwarded)
