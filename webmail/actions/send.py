"""Sending a letter: claim it, keep a copy in Drafts, hand it over once, then copy, mark and clear; in that order.

Every step is written into the journal before it is taken; what comes behind "accepted" can be done twice and is then
done once. Nothing here hands a letter over a second time by itself (docs/sending.md).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Final

from webmail import errors, smtp
from webmail.actions import drafts, filing
from webmail.actions.means import LARGEST, Means, Outgoing, Sent
from webmail.imap import append, gathered, mailboxes, search
from webmail.imap.connection import Connection
from webmail.journal import Entry, State, letter_key
from webmail.mail import address, outgoing
from webmail.mail.build import halves
from webmail.mail.draft import Draft, Octets, Piece
from webmail.mail.headers import Headers
from webmail.mail.ids import TEXT, MailboxName, MessageRef
from webmail.mail.mailbox import Role

_UNSENT: Final = frozenset({None, State.FAILED})
_GONE: Final = (errors.MessageMissing, errors.MailboxMissing, errors.MailboxRebuilt)
TAKEN_BACK: Final = "TakenBack"

_under_way: Final[set[tuple[str, str]]] = set()
_guard: Final = threading.Lock()


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
    """The letter, made once, its header read again. Raises NoRecipients, UnsafeText, BadAddress."""
    recipients = tuple(dict.fromkeys(address.wire(a.address) for a in (*draft.to, *draft.cc, *draft.bcc)))
    if not recipients:
        raise errors.NoRecipients
    key = letter_key(means.account, draft.message_id)
    head, body = halves(replace(draft, extra=(*draft.extra, (outgoing.MARK, key))))
    outgoing.submitted(head)
    sender = address.wire(draft.sender.address)
    report = any(name == outgoing.REPORT for name, _ in draft.extra)
    return Outgoing(
        key, draft.message_id, head, body, sender, recipients, draft.date, draft_ref, origin, forwarded, report
    )


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
                ref = drafts.keep(
                    conn, (letter.head, *letter.body), draft, draft_ref, pending=True, formatted=formatted
                )
        except errors.MailError as error:
            # Not forgotten: after a time limit the copy may be there all the same, and would look like one in doubt.
            means.noted(letter.key, State.FAILED, {State.HELD}, error)
            raise errors.NoCopy(error) from None
        letter = _at(letter, ref)
    means.step("copied")
    return letter


def _at(letter: Outgoing, ref: MessageRef | None) -> Outgoing:
    """Its files may have been in the draft that the copy took the place of: now they are in the copy."""
    return replace(letter, ref=ref, body=letter.body if ref is None else (Piece(ref, TEXT),))


def read_back(
    means: Means, ref: MessageRef, origin_of: Callable[[str], tuple[str, MessageRef | None]], *, whole: bool = False
) -> Outgoing:
    """A letter from its copy in Drafts, as prepare left it. origin_of: reads the ORIGIN header. whole: to be handed
    over; else its header is all that is fetched.

    Raises MessageMissing and its like when another device has moved or changed it, BadAddress, NoRecipients,
    UnsafeText, TooLarge, NoRoom.
    """
    with means.lease() as conn, ExitStack() as undo:
        here = gathered.source(conn, ref, LARGEST) if whole else None
        if here is not None:
            undo.callback(here.close)
        head = here.header() if here is not None else gathered.header(conn, ref)
        header = Headers.parse(head)
        mode, origin = origin_of(header.get(outgoing.ORIGIN) or "")
        message_id, recipients = header.message_id, outgoing.recipients(header)
        if message_id is None or not recipients:
            raise errors.NoRecipients
        letter = Outgoing(
            letter_key(means.account, message_id), message_id, head, (Piece(ref, TEXT),), outgoing.sender(header),
            recipients, header.date or datetime.now().astimezone(), ref, origin, mode == "forward",
            header.get(outgoing.REPORT) is not None, here,
        )  # fmt: skip
        undo.pop_all()
        return letter


def _brought(means: Means, letter: Outgoing) -> Outgoing:
    """The same with all of its octets here, those of its copy where it has one: what fails fails before anything is
    handed over, and no connection is held while that is done."""
    if letter.whole is not None:
        return letter
    with means.lease() as conn:
        if letter.ref is None:
            return replace(letter, whole=gathered.contents(conn, (letter.head, *letter.body), LARGEST))
        whole = gathered.source(conn, letter.ref, LARGEST)
    try:
        return replace(letter, head=whole.header(), whole=whole)
    except BaseException:
        whole.close()
        raise


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

    Raises AlreadySending, NotNoted, what read_back raises (it was not sent then), and all that smtp.submit raises.
    After it returns the letter is sent; what goes wrong behind that point (the copy in Sent, the flag on the original)
    never raises. Closes the letter.
    """
    with closing(letter), once(means.account, letter.key), _here(means, letter) as (letter, message):
        try:
            refused = hand_over(
                means, letter.key, message, letter.sender, letter.recipients, after=after, hold_until=hold_until,
                report=letter.report,
            )  # fmt: skip
        except (errors.AlreadySending, errors.NotNoted, errors.SubmissionUnknown):
            raise
        except errors.MailError:
            if State.UNKNOWN not in after:
                _release(means, letter)
            raise
        return Sent(again=True) if refused is None else Sent(refused, filing.finish(means, letter))


def hand_over(
    means: Means, key: str, message: bytes | Octets, sender: str, recipients: Sequence[str], *,
    after: Collection[State | None], hold_until: datetime | None = None, report: bool = False,
) -> dict[str, str] | None:  # fmt: skip
    """Everything that goes to a submission server passes here, with the journal before it and behind it. after: the
    states it may be in now.

    Returns the refused recipients, None when it had been sent before. Raises AlreadySending, NotNoted, and all that
    smtp.submit raises; but for SubmissionUnknown it was not sent then.
    """
    how = means.how
    means.step("submit")
    found = means.journal.note(means.account, key, State.SENDING, after=after)
    if found is not None:
        _in_the_way(means, key, found)
        return None
    means.step("sending")
    try:
        refused = smtp.submit(
            how.server.smtp, how.login, how.password, message, sender, recipients,
            context=how.context, connect_timeout=how.connect_timeout, command_timeout=how.command_timeout,
            final_timeout=how.final_timeout, hold_until=hold_until, report=report,
            still=partial(_still_ours, means, key),
        )  # fmt: skip
    except errors.MailError as error:
        means.step("refused")
        # A second try that failed says nothing about the first.
        unknown = isinstance(error, errors.SubmissionUnknown) or State.UNKNOWN in after
        means.noted(key, State.UNKNOWN if unknown else State.FAILED, {State.SENDING}, error)
        raise
    except BaseException:
        means.noted(key, State.UNKNOWN, {State.SENDING})
        raise
    means.step("answered")
    # UNKNOWN: another machine took this process for dead. It is not, and knows.
    means.noted(key, State.ACCEPTED, {State.SENDING, State.UNKNOWN})
    means.step("accepted")
    return refused


def _still_ours(means: Means, key: str) -> None:
    """Raises AlreadySending when others took this process for dead meanwhile, and may have decided in its place."""
    if not means.journal.sends(means.account, key):
        raise errors.AlreadySending


def handed_over(means: Means, key: str) -> bool:
    """Whether it was. Raises AlreadySending while it is, SubmissionUnknown when nobody knows."""
    found = means.journal.get(means.account, key)
    return found is not None and found.state not in (State.HELD, State.FAILED) and _in_the_way(means, key, found)


def forget_failed(means: Means, key: str) -> None:
    """Of what has no copy in Drafts nothing needs to be known when it was not sent."""
    entry = means.journal.get(means.account, key)
    if entry is not None and entry.state is State.FAILED:
        means.journal.forget(means.account, key)


@contextmanager
def _here(means: Means, letter: Outgoing) -> Iterator[tuple[Outgoing, Octets]]:
    """The letter, and what others get of it."""
    try:
        letter = _brought(means, letter)
        message = append.Whole((outgoing.submitted(letter.head), *letter.rest))
    except errors.MailError as error:
        letter.close()
        if means.noted(letter.key, State.FAILED, {State.HELD}, error):
            _release(means, letter)
        raise
    with closing(letter):
        yield letter, message


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
        return filing.finish(means, letter)


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
