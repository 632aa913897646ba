"""After a crash, a lost connection or a lost journal: what became of each letter, and the steps that are missing.

Nothing here hands a letter over: what may have been sent is decided by a copy that turns up, or by its writer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from webmail import errors
from webmail.actions import drafts, filing, send
from webmail.actions.means import Means
from webmail.imap.waiting import Copy
from webmail.journal import Entry, State, letter_key
from webmail.mail import flags
from webmail.mail.ids import MessageRef

OriginOf = Callable[[str], tuple[str, MessageRef | None]]

TakeOver = Callable[[str, Entry, Copy], None]
"""What is done with a letter whose writer was told that it goes, and whose process is no more: its key, how it was
found, its copy in Drafts."""

_PATIENCE: Final = 600
"""Seconds that another process has to finish what it began, before we do it in its place."""

LATEST: Final = 600
"""Seconds after its time in which such a letter goes by itself. After that its writer is asked."""

_SETTLED: Final = 60
"""Seconds after which a look into Drafts is not older than the letter."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A letter that is not done. copy: in Drafts, None when there is none. state, why, since: as the journal has it."""

    key: str
    state: State
    why: str
    since: int
    copy: Copy | None


def sweep(means: Means, origin_of: OriginOf, take_over: TakeOver | None = None) -> list[Waiting]:
    """See to every letter of the account that is on its way, and tell what is left.

    Raises the errors of the wire and NotNoted; what was seen to by then stays so.
    """
    entries = means.journal.waiting(means.account)
    with means.lease() as conn:
        copies = _by_key(means, drafts.copies(conn, entries.keys()))
    for key in entries.keys() | copies.keys():
        with suppress(errors.AlreadySending), send.once(means.account, key):
            _see_to(means, key, copies.get(key), origin_of, take_over)
    return look(means, copies)


def look(means: Means, copies: dict[str, Copy]) -> list[Waiting]:
    """What the journal has now, oldest first."""
    left = [
        Waiting(key, entry.state, entry.why, entry.since, copies.get(key))
        for key, entry in means.journal.waiting(means.account).items()
    ]
    return sorted(left, key=lambda each: (each.since, each.key))


def _by_key(means: Means, copies: list[Copy]) -> dict[str, Copy]:
    """By the Message-ID they have, not by what their mark says: anybody can write a header."""
    found = {}
    for copy in copies:
        if copy.header.message_id:
            found[letter_key(means.account, copy.header.message_id)] = copy
    return found


def _see_to(means: Means, key: str, copy: Copy | None, origin_of: OriginOf, take_over: TakeOver | None) -> None:
    entry = means.journal.get(means.account, key)
    if entry is None:
        # The journal was lost, or never had it; then the copy's own keywords are all there is.
        if copy is None or not copy.pending:
            return
        state = State.ACCEPTED if flags.SUBMITTED in copy.flags else State.UNKNOWN
        means.journal.note(means.account, key, state, after=(None,))
    elif not means.journal.abandoned(entry) and entry.by != "" and _busy(means, entry):
        return
    elif copy and take_over and entry.state is State.HELD and time.time() - entry.due < LATEST:
        if means.journal.take(means.account, key, entry):
            take_over(key, entry, copy)
        return
    _decide(means, key, copy, origin_of)


def _busy(means: Means, entry: Entry) -> bool:
    """Another thread or process is at it. ACCEPTED and UNKNOWN are seen to by whoever comes by, after a while."""
    if entry.state in (State.HELD, State.SENDING):
        return True
    return not means.journal.own(entry) and time.time() - entry.since < _PATIENCE


def _decide(means: Means, key: str, copy: Copy | None, origin_of: OriginOf) -> None:
    journal, account = means.journal, means.account
    entry = journal.get(account, key)
    if entry is None:
        return
    if entry.state is State.SENDING:
        journal.note(account, key, State.UNKNOWN, after=(State.SENDING,))
        entry = journal.get(account, key) or entry
    if entry.state is State.UNKNOWN and copy is not None and copy.header.message_id:
        with means.lease() as conn:
            if send.arrived(conn, copy.header.message_id):
                journal.note(account, key, State.ACCEPTED, after=(State.UNKNOWN,))
                entry = journal.get(account, key) or entry
    if entry.state is State.ACCEPTED:
        if copy is not None:
            with suppress(errors.MessageMissing, errors.BadAddress, errors.NoRecipients):
                filing.finish(means, send.read_back(means, copy.ref, origin_of))
        elif journal.abandoned(entry) or time.time() - entry.since > _SETTLED:
            # Cleared before the crash, or sent without a copy: there is nothing left to file.
            journal.note(account, key, State.DONE, after=(State.ACCEPTED,))
    elif copy is None and entry.state in (State.HELD, State.FAILED):
        # Nothing was sent and nothing is there: its writer has it in a form, or threw it away.
        journal.forget(account, key)
    elif entry.state is State.FAILED and entry.why == send.TAKEN_BACK and copy is not None:
        send.take_back(means, key, copy.ref)


def take_back(means: Means, key: str) -> MessageRef | None:
    """A letter that another process holds and that was promised to go is a draft again: where it is. None when there is
    no such letter. Raises as send.take_back does, and the errors of the wire."""
    entry = means.journal.get(means.account, key)
    if entry is None or entry.state is not State.HELD or not entry.due:
        return None
    with means.lease() as conn:
        copy = _by_key(means, drafts.copies(conn, (key,))).get(key)
    send.take_back(means, key, copy.ref if copy else None)
    return copy.ref if copy else None
