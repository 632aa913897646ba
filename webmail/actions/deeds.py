"""What can be done to messages, one set of them at a time, with all that it takes to undo it."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from webmail import errors
from webmail.imap import mailboxes, search, store
from webmail.imap import move as wire
from webmail.imap.connection import Connection
from webmail.imap.move import Moved
from webmail.mail import flags
from webmail.mail.ids import MailboxName, Uid, UidValidity
from webmail.mail.mailbox import Mailbox, Role

Uids = Sequence[Uid]

SET: Final = 1000
"""Messages of one lease of the connection: a slow server is done with them before any time limit, and whoever else
waits for the connection gets it in between."""


@dataclass(frozen=True, slots=True)
class Deed:
    """add, remove: flags. to: where they go, by name or by role. copy: a copy goes. erase: removed for good."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    to: MailboxName | Role | None = None
    copy: bool = False
    erase: bool = False

    @property
    def leaves(self) -> bool:
        """Whether the messages are no longer in their folder afterwards."""
        return self.erase or (self.to is not None and not self.copy)


_JUNK: Final = Deed((flags.JUNK,), (flags.NOT_JUNK,), Role.JUNK)

DEEDS: Final = {
    "read": Deed(add=(flags.SEEN,)), "unread": Deed(remove=(flags.SEEN,)),
    "star": Deed(add=(flags.FLAGGED,)), "unstar": Deed(remove=(flags.FLAGGED,)),
    "pin": Deed(add=(flags.PINNED,)), "unpin": Deed(remove=(flags.PINNED,)),
    "mute": Deed(add=(flags.MUTED,)), "unmute": Deed(remove=(flags.MUTED,)),
    "archive": Deed(to=Role.ARCHIVE), "delete": Deed(to=Role.TRASH), "erase": Deed(erase=True),
    "junk": _JUNK, "notjunk": Deed((flags.NOT_JUNK,), (flags.JUNK,), Role.INBOX),
}  # fmt: skip


def moving(to: Mailbox, *, copy: bool) -> Deed:
    """To this folder. Whoever moves a message to Junk says that it is junk."""
    return _JUNK if to.role is Role.JUNK and not copy else Deed(to=to.name, copy=copy)


@dataclass(slots=True)
class Step:
    """What was done to one set.

    flags: (flag, put or taken, whose). old, new: UIDs before and after; new is empty where that is not told. names:
    Message-IDs of what was moved where it is not told; since: the first UID that the destination had yet to give out.
    left: still in their folder, marked \\Deleted. count: how many the deed was done to; gone: how many were not there.
    """

    mailbox: MailboxName
    uidvalidity: UidValidity
    flags: list[tuple[str, bool, array[int]]] = field(default_factory=list)
    to: MailboxName | None = None
    to_validity: UidValidity | None = None
    old: array[int] = field(default_factory=lambda: array("I"))
    new: array[int] = field(default_factory=lambda: array("I"))
    names: tuple[str, ...] = ()
    since: Uid | None = None
    left: bool = False
    copy: bool = False
    erased: bool = False
    count: int = 0
    gone: int = 0

    @property
    def size(self) -> int:
        """UIDs that it keeps."""
        return len(self.old) + len(self.new) + sum(len(whose) for _, _, whose in self.flags)


def perform(conn: Connection, step: Step, deed: Deed, uids: Uids) -> None:
    """Do it to those of one set that are still there; step tells what was done, also when this raises.

    What is only flags is noted before it is sent: after a lost answer, undo sets right what may have been done. When
    the messages cannot go where they should (no room), their flags are as they were. Raises MailboxMissing,
    MailboxRebuilt, MailboxReadOnly, KeywordsNotKept, QuotaExceeded and the errors of the wire.
    """
    to = _destination(conn, deed)
    there = search.present(conn, step.mailbox, step.uidvalidity, uids)
    step.gone = len(uids) - len(there)
    if not there or (to == step.mailbox and not deed.copy):
        return
    for change, put in ((deed.add, True), (deed.remove, False)):
        for flag in change:
            _flag(conn, step, there, flag, put)
    try:
        if deed.erase:
            step.erased = True
            wire.expunge(conn, step.mailbox, step.uidvalidity, there)
        elif to is not None:
            _carry(conn, step, deed, there, to)
    except (errors.ServerRefused, errors.QuotaExceeded, errors.MailboxMissing, errors.MailboxReadOnly):
        with suppress(errors.MailError):
            _flags_back(conn, step, step.mailbox, step.uidvalidity, lambda whose: whose)
        step.flags.clear()
        raise
    step.count = len(there)


def _destination(conn: Connection, deed: Deed) -> MailboxName | None:
    if not isinstance(deed.to, Role):
        return deed.to
    return mailboxes.ensure(conn, deed.to, mailboxes.list_mailboxes(conn))


def _flag(conn: Connection, step: Step, uids: Uids, flag: str, put: bool) -> None:
    """Only where it changes something, so that exactly this can be undone."""
    differing = store.differing(conn, step.mailbox, step.uidvalidity, uids, flag, put)
    if differing:
        step.flags.append((flag, put, array("I", differing)))
        _set(conn, step.mailbox, step.uidvalidity, differing, flag, put)


def _set(conn: Connection, mailbox: MailboxName, validity: UidValidity, uids: Uids, flag: str, put: bool) -> None:
    add, remove = ((flag,), ()) if put else ((), (flag,))
    store.change_flags(conn, mailbox, validity, uids, add, remove, silent=len(uids) > SET // 10)


def _carry(conn: Connection, step: Step, deed: Deed, uids: list[Uid], to: MailboxName) -> None:
    if "UIDPLUS" not in conn.capabilities and not deed.copy:
        # It will not tell where they went; they are found again by their names, among what comes from now on.
        step.names = search.message_ids(conn, step.mailbox, step.uidvalidity, uids)
        told = wire.place(conn, to)
        if told is not None:
            step.to_validity, step.since = told
    step.to, step.copy = to, deed.copy
    moved = (wire.copy if deed.copy else wire.move)(conn, step.mailbox, step.uidvalidity, uids, to)
    _note(step, moved, uids)


def _note(step: Step, moved: Moved, uids: list[Uid]) -> None:
    step.left = moved.left
    step.to_validity = moved.uidvalidity or step.to_validity
    mapping = moved.mapping or {}
    step.old = array("I", mapping or uids)
    step.new = array("I", mapping.values())


# --- undo -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Undone:
    """back: messages that are as they were. lost: moved, changed or deleted meanwhile, or nobody can tell where."""

    back: int = 0
    lost: int = 0

    def __add__(self, other: Undone) -> Undone:
        return Undone(self.back + other.back, self.lost + other.lost)


def can_undo(steps: Iterable[Step]) -> bool:
    """Whether there is something that undo might set right."""
    return any(not step.erased and (step.flags or step.new or (step.to and not step.copy)) for step in steps)


def take_back(conn: Connection, step: Step) -> Undone:
    """Undo one step: what it moved comes back to its folder, with new UIDs, and every message has the flags it had.

    A step that was partly undone can be undone again. Raises as perform does; MailboxMissing when the folder that
    they should come back to is gone: then they stay where they are.
    """
    try:
        if step.erased:
            return Undone(lost=step.count)
        if step.to is None:
            return _unmark(conn, step)
        if step.copy:
            return _uncopy(conn, step)
        return _unmove(conn, step, step.to)
    except errors.MailboxRebuilt:
        return Undone(lost=step.count)


def _unmark(conn: Connection, step: Step) -> Undone:
    changed = {uid for _, _, whose in step.flags for uid in whose}
    there = set(search.present(conn, step.mailbox, step.uidvalidity, [Uid(uid) for uid in changed]))
    _flags_back(conn, step, step.mailbox, step.uidvalidity, lambda whose: [uid for uid in whose if uid in there])
    lost = len(changed) - len(there)
    return Undone(step.count - lost, lost)


def _flags_back(
    conn: Connection, step: Step, mailbox: MailboxName, validity: UidValidity,
    whose_now: Callable[[Iterable[int]], Iterable[int]],
) -> None:  # fmt: skip
    for flag, put, whose in reversed(step.flags):
        now = [Uid(uid) for uid in whose_now(whose)]
        if now:
            _set(conn, mailbox, validity, now, flag, not put)


def _uncopy(conn: Connection, step: Step) -> Undone:
    """Remove the copies, and no others: only where the server told which those are."""
    if step.to is None or step.to_validity is None or not step.new:
        return Undone(lost=step.count)
    there = search.present(conn, step.to, step.to_validity, [Uid(uid) for uid in step.new])
    wire.expunge(conn, step.to, step.to_validity, there)
    return Undone(len(there), step.count - len(there))


def _unmove(conn: Connection, step: Step, to: MailboxName) -> Undone:
    where = dict(zip(step.old, step.new, strict=True)) if step.new else {}
    if not where and step.since is not None and step.to_validity is not None:
        where = _found(conn, step, to, step.since, step.to_validity)
    if step.left:
        return _unmarked(conn, step, to, where)
    if step.to_validity is None:
        return Undone(lost=step.count)
    there = set(search.present(conn, to, step.to_validity, [Uid(uid) for uid in where.values()]))
    now = {old: new for old, new in where.items() if new in there}
    _flags_back(conn, step, to, step.to_validity, lambda whose: [now[uid] for uid in whose if uid in now])
    wire.move(conn, to, step.to_validity, [Uid(uid) for uid in now.values()], step.mailbox)
    return Undone(len(now), step.count - len(now))


def _found(conn: Connection, step: Step, to: MailboxName, since: Uid, validity: UidValidity) -> dict[int, int]:
    """No COPYUID: what came to the destination since then under a name that only one message has."""
    arrived = search.names_since(conn, to, validity, since)
    often = Counter(step.names)
    pairs = zip(step.old, step.names, strict=True)
    return {old: arrived[name] for old, name in pairs if often[name] == 1 and name in arrived}


def _unmarked(conn: Connection, step: Step, to: MailboxName, where: dict[int, int]) -> Undone:
    """They never left, they are only marked: take the mark away, and what was put over there."""
    there = search.present(conn, step.mailbox, step.uidvalidity, [Uid(uid) for uid in step.old])
    _flags_back(conn, step, step.mailbox, step.uidvalidity, lambda whose: set(whose) & set(there))
    _set(conn, step.mailbox, step.uidvalidity, there, flags.DELETED, False)
    copies = [Uid(where[uid]) for uid in there if uid in where]
    if step.to_validity is not None and copies:
        wire.expunge(conn, to, step.to_validity, search.present(conn, to, step.to_validity, copies))
    return Undone(len(copies), step.count - len(copies))
