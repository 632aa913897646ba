"""What a server says unasked, beside any answer: what it does to the mailbox that is open, and to the folder counts.

RFC 9051 7.1 to 7.5, and with more to hear RFC 7162 (MODSEQ, VANISHED) and RFC 5465 (STATUS and LIST of others).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from webmail.imap import decode
from webmail.imap.decode import Selected
from webmail.imap.fetched import front, records
from webmail.imap.log import Changed, Folders, Mail
from webmail.imap.pages import Stamp
from webmail.imap.state import State
from webmail.mail.flags import Flags
from webmail.mail.ids import MailboxName, Uid
from webmail.mail.mailbox import Mailbox, is_drawer

_serial = itertools.count(1)


@dataclass(slots=True)
class Box:
    """The open mailbox as this connection has heard of it.

    stamp: its state; a page kept under an equal stamp is true. messages: how many it has. unseen: unread messages, None
    when nobody counted since the last change. uidnext: no message that we know of has this UID or a higher one.
    grown: messages arrived whose UIDs nobody asked for yet.
    """

    selected: Selected
    stamp: Stamp
    messages: int
    uidnext: Uid
    unseen: int | None = None
    grown: bool = False

    @property
    def name(self) -> MailboxName:
        """Its name."""
        return self.selected.name

    @property
    def untouched(self) -> bool:
        """Whether nothing was heard of it since it was opened; only where the server counts changes (RFC 7162)."""
        known = self.selected
        return bool(known.modseq) and self.stamp == _known(known, known.messages, known.modseq)


@dataclass(slots=True)
class _Heard:
    flags: dict[Uid, Flags] = field(default_factory=dict)
    removed: list[Uid] = field(default_factory=list)
    modseq: int = 0
    vague: bool = False
    changed: bool = False


def opened(selected: Selected, former: Box | None, state: State) -> Box:
    """A SELECT was answered. former: the box that this connection had open before, of whatever mailbox.

    When it is the same mailbox once more, what came and changed between is news. On a new connection anything may have
    changed: nobody heard what happened since the old one ended.
    """
    stamp = _known(selected, selected.messages, selected.modseq) if selected.modseq else _unknown(selected)
    box = Box(selected, stamp, selected.messages, selected.uidnext or Uid(0))
    if former is None:
        state.log.tell(Changed(selected.name))
    elif (former.name, former.selected.uidvalidity) == (selected.name, selected.uidvalidity):
        box.grown, box.uidnext = former.grown or box.uidnext > former.uidnext, former.uidnext
        if former.stamp == stamp:
            box.unseen = former.unseen
        else:
            state.log.tell(Changed(selected.name))
    elif state.log.missed(selected.name, selected.messages):
        # It was counted and opened again in one go, after this connection had been elsewhere: nobody would tell.
        state.log.tell(Changed(selected.name))
    return box


def _known(selected: Selected, messages: int, modseq: int) -> Stamp:
    """Comparable between connections, and with what was true before."""
    return selected.uidvalidity, messages, modseq


def _unknown(selected: Selected) -> Stamp:
    """Something is different now; equal to nothing but itself."""
    return selected.uidvalidity, "heard", next(_serial)


def hear(
    box: Box, state: State, data: Mapping[str, Sequence[Any]], messages: int, *, fetching: bool, exact: bool
) -> None:
    """Take in what an answer told about the open mailbox.

    data: untagged responses as in Reply. messages: how many there are now. fetching: the command was a FETCH, so that
    flags may be its answer, not news. exact: this connection speaks of UIDs and MODSEQ (QRESYNC is on).
    """
    heard = _heard(data, fetching)
    heard.changed |= messages != box.messages
    if not heard.changed:
        _learn(box, state, heard.flags)
        return
    before = box.stamp
    only_flags = bool(heard.flags) and not heard.vague and not heard.removed and messages == box.messages
    more = messages > box.messages - len(heard.removed) - len(data.get("EXPUNGE", ()))
    modseq = max([heard.modseq, *(decode.number(line) for line in data.get("HIGHESTMODSEQ", ()))])
    box.stamp = _known(box.selected, messages, modseq) if exact and modseq else _unknown(box.selected)
    more_unread = state.pages.patch(box.name, before, box.stamp, heard.flags) if only_flags else None
    box.unseen = None if box.unseen is None or more_unread is None else max(0, box.unseen + more_unread)
    box.messages = messages
    box.grown = box.grown or more
    _tell(box, state, heard)


def _heard(data: Mapping[str, Sequence[Any]], fetching: bool) -> _Heard:
    heard = _Heard()
    silent: set[Uid] = set()
    for record in records(data.get("FETCH", ())):
        told = front(record)
        uid, flags, modseq = told.uid, told.flags, told.modseq
        heard.modseq = max(heard.modseq, modseq)
        if uid is None:
            # We always ask for the UID: this is about a message that we did not ask for.
            heard.vague = True
        elif flags is not None:
            heard.flags[uid] = flags
            heard.changed |= bool(modseq) or not fetching
        elif modseq:
            # The echo of our own silent change, or of a body that was read and so became \\Seen.
            silent.add(uid)
    heard.vague |= not silent <= heard.flags.keys()
    heard.changed |= heard.vague or bool(silent)
    for line in data.get("VANISHED", ()):
        if line and not line.startswith(b"("):
            heard.removed += map(Uid, decode.expanded(line))
    if "EXPUNGE" in data:
        heard.vague = heard.changed = True
    heard.changed |= bool(heard.removed)
    return heard


def _learn(box: Box, state: State, flags: Mapping[Uid, Flags]) -> None:
    """Flags that were asked for and differ from what a page shows: a server that did not say so in time."""
    if flags:
        state.pages.patch(box.name, box.stamp, box.stamp, flags)


def _tell(box: Box, state: State, heard: _Heard) -> None:
    if not state.log.listeners:
        return
    name, validity = box.name, box.selected.uidvalidity
    if heard.flags or heard.removed:
        state.log.tell(Mail(name, validity, flags=heard.flags, removed=tuple(heard.removed)))
    if heard.vague:
        state.log.tell(Changed(name))
    if box.unseen is not None:
        state.log.count(name, box.unseen, box.messages)


def arrived(box: Box, state: State, found: Iterable[tuple[Uid | None, Flags | None]]) -> None:
    """Somebody asked for the UIDs behind uidnext: these came."""
    new = {uid: flags or frozenset() for uid, flags in found if uid is not None and uid >= box.uidnext}
    box.grown = False
    if new:
        box.uidnext = Uid(max(new) + 1)
        state.log.tell(Mail(box.name, box.selected.uidvalidity, added=tuple(sorted(new)), flags=new))


# --- the other mailboxes ----------------------------------------------------------------------------------------------


def counted(
    table: dict[MailboxName, Mailbox], state: State, data: Mapping[str, Sequence[Any]], besides: MailboxName | None
) -> None:
    """STATUS of mailboxes that are not open (RFC 5465 5.2): only what changed is in it. besides: the open one."""
    for name, told in decode.status(data).items():
        known = table.get(name)
        if known is None or name == besides:
            continue
        if "UIDNEXT" in told and "UIDVALIDITY" not in told and is_drawer(known):
            # Nobody asked for that: somebody wrote or removed.
            state.log.noted += 1
        row = replace(known, messages=told.get("MESSAGES", known.messages), unseen=told.get("UNSEEN", known.unseen))
        table[name] = row
        state.log.count(name, row.unseen, row.messages)
        # Dovecot begins its reports with what is known: all numbers, and none of them new.
        if row != known or "UIDVALIDITY" not in told:
            state.log.tell(Changed(name))


def renamed(table: Mapping[MailboxName, Mailbox], state: State, data: Mapping[str, Sequence[Any]]) -> bool:
    """LIST that nobody asked for (RFC 5465 5.4): True when it tells of a mailbox made, renamed or deleted."""
    told = decode.mailboxes({"LIST": data.get("LIST", ())})
    if all(one.name in table and "\\nonexistent" not in one.attributes for one in told):
        return False
    state.log.tell(Folders())
    return True
