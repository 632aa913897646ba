"""The other letters of a conversation as lines around the one that is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import request, url_for

from webmail.mail import flags
from webmail.mail.ids import MailboxName, MessageRef
from webmail.mail.mailbox import Mailbox, Role
from webmail.mail.mailboxes import Mailboxes
from webmail.mail.message import Summary
from webmail.web import filters
from webmail.web.nav import folder_title
from webmail.web.rows import names
from webmail.web.words import _, pgettext

_MOST_LINES: Final = 4
_ASIDE: Final = frozenset({Role.TRASH, Role.JUNK, Role.DRAFTS})


@dataclass(frozen=True, slots=True)
class Line:
    """One letter. body_url: its text for a frame of its own. opened: shown unfolded at once. where: "Sent" when it lies
    in another folder, else "". seen_url: where script says that it was read, else ""."""

    url: str
    body_url: str
    who: str
    initials: str
    colour: int
    time: str
    iso: str
    snippet: str
    unread: bool
    starred: bool
    where: str
    opened: bool
    seen_url: str


@dataclass(frozen=True, slots=True)
class Talk:
    """before, after: older and newer letters than the open one. hidden: how many of `before` are folded into one line,
    from the second on, so that a long talk does not push the letter away. count: of all."""

    before: tuple[Line, ...] = ()
    after: tuple[Line, ...] = ()
    count: int = 1
    hidden: int = 0


def beside(folders: Sequence[Mailbox], ref: MessageRef) -> tuple[Mailbox, ...]:
    """Where else the letters of a talk lie: our answers in Sent, the others in Archive and in the inbox. What was
    thrown away brings along our answers alone."""
    by_role = {mailbox.role: mailbox for mailbox in Mailboxes.of(folders).roles if mailbox.role}
    here = next((role for role, mailbox in by_role.items() if mailbox.name == ref.mailbox), None)
    roles = (Role.SENT,) if here in _ASIDE else (Role.SENT, Role.ARCHIVE, Role.INBOX)
    return tuple(by_role[role] for role in roles if role in by_role and role is not here)


def talk(
    letters: Sequence[Summary], ref: MessageRef, folders: Sequence[Mailbox], me: str, *, waits: bool = False
) -> Talk:
    """letters: oldest first, the open one among them. me: the address that is called "me". waits: unfolding one marks
    it only after a moment, by script."""
    at = next((place for place, row in enumerate(letters) if row.ref == ref), None)
    if at is None or len(letters) < 2:
        return Talk()
    others = [row for row in letters if row.ref != ref]
    unread = [row for row in others if flags.SEEN not in row.flags]
    newest = unread[-1].ref if unread else None
    known, names = Mailboxes.of(folders), {row.ref.mailbox for row in others}
    titles = {name: folder_title(mailbox) for name in names if (mailbox := known.named(name)) is not None}
    lines = [_line(row, ref, titles, me, opened=row.ref == newest, waits=waits) for row in others]
    hidden = max(0, at - _MOST_LINES)
    return Talk(tuple(lines[:at]), tuple(lines[at:]), len(letters), hidden if hidden > 1 else 0)


def _line(
    row: Summary, ref: MessageRef, titles: Mapping[MailboxName, str], me: str, *, opened: bool, waits: bool
) -> Line:
    zone = filters.zone_of(request)
    when = filters.in_zone(row.arrived, zone)
    mine = bool(row.senders) and row.senders[0].address.lower() == me.lower()
    return Line(
        url=url_for("message.show", mailbox=row.ref.mailbox, pick=row.ref),
        body_url=url_for("talk.letter", mailbox=row.ref.mailbox, pick=row.ref),
        who=pgettext("a sender", "me") if mine else names(row.senders, _("(no sender)")),
        initials=filters.initials(names(row.senders, "")),
        colour=filters.colour(row.senders[0].address if row.senders else ""),
        time=filters.message_time(when, datetime.now(zone)),
        iso=when.isoformat(timespec="minutes"),
        snippet=row.snippet or "",
        unread=flags.SEEN not in row.flags,
        starred=flags.FLAGGED in row.flags,
        where="" if row.ref.mailbox == ref.mailbox else titles.get(row.ref.mailbox, ""),
        opened=opened,
        seen_url=url_for("seen.now", mailbox=row.ref.mailbox, pick=row.ref) if waits else "",
    )
