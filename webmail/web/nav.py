"""The folder list beside every page: mailboxes in, links out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import url_for

from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Mailbox, Role

_ORDER: Final = tuple(Role)
_TITLES: Final = {
    Role.INBOX: "Inbox", Role.FLAGGED: "Starred", Role.DRAFTS: "Drafts", Role.SENT: "Sent",
    Role.ARCHIVE: "Archive", Role.ALL: "All mail", Role.JUNK: "Junk", Role.TRASH: "Trash",
}  # fmt: skip
_ICONS: Final = {
    Role.INBOX: "inbox", Role.FLAGGED: "star", Role.DRAFTS: "draft", Role.SENT: "send",
    Role.ARCHIVE: "archive", Role.ALL: "archive", Role.JUNK: "junk", Role.TRASH: "trash",
}  # fmt: skip
# Drafts wait to be finished, so all of them count; Sent and Trash have nothing to tell.
_SILENT: Final = {Role.SENT, Role.TRASH, Role.ARCHIVE, Role.ALL, Role.FLAGGED}


@dataclass(frozen=True, slots=True)
class NavItem:
    """One folder. url: None for a name that only holds children. icon: id in the sprite. count: None or a number > 0.

    count_word: what is counted here, for screen readers and script ("unread", "messages"; "" where nothing is).
    depth: 0 for top level.
    """

    title: str
    url: str | None
    icon: str
    count: int | None
    count_word: str
    current: bool
    depth: int


@dataclass(frozen=True, slots=True)
class Nav:
    """special: folders with a role, in our order. folders: the others, as a tree flattened in order."""

    special: tuple[NavItem, ...] = ()
    folders: tuple[NavItem, ...] = ()


def folder_title(mailbox: Mailbox) -> str:
    """What the reader calls a mailbox: our word for a role, else its own name (RFC 6154 roles differ in spelling)."""
    return _TITLES[mailbox.role] if mailbox.role else mailbox.title


def build(mailboxes: Sequence[Mailbox], current: MailboxName | None = None) -> Nav:
    """The folder list, with the current folder marked."""
    special = sorted(
        (m for m in mailboxes if m.role and m.selectable), key=lambda m: _ORDER.index(m.role or Role.INBOX)
    )
    # A path is worked out from the raw name: once for each, as somebody has ten thousand of them.
    named = [(m.path, m) for m in mailboxes if not m.role]
    named.sort(key=lambda pair: [part.casefold() for part in pair[0]])
    paths = {path for path, _ in named}
    return Nav(
        tuple(_item(m, current, 0) for m in special),
        tuple(_item(m, current, sum(path[:n] in paths for n in range(1, len(path)))) for path, m in named),
    )


def _item(mailbox: Mailbox, current: MailboxName | None, depth: int) -> NavItem:
    drafts, silent = mailbox.role is Role.DRAFTS, mailbox.role in _SILENT
    count = None if silent else (mailbox.messages if drafts else mailbox.unseen)
    return NavItem(
        title=folder_title(mailbox),
        url=url_for("mailbox.show", mailbox=mailbox.name) if mailbox.selectable else None,
        icon=_ICONS[mailbox.role] if mailbox.role else "folder",
        count=count or None,
        count_word="" if silent else "messages" if drafts else "unread",
        current=mailbox.name == current,
        depth=min(depth, 6),
    )
