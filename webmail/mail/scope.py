"""Which folders a search goes through: the conditions about folders are decided here, one folder after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from webmail.mail.conditions import NONE, In, Leaf, Node, leaves, settled
from webmail.mail.mailbox import Mailbox, Role

ANYWHERE: Final = ("anywhere", "everywhere", "all")

_CALLED: Final = {
    Role.INBOX: ("inbox",), Role.DRAFTS: ("drafts", "draft"), Role.SENT: ("sent",), Role.ARCHIVE: ("archive",),
    Role.JUNK: ("junk", "spam"), Role.TRASH: ("trash", "bin", "deleted"), Role.ALL: ("all mail",),
    Role.FLAGGED: ("starred",),
}  # fmt: skip
_ONLY_WHEN_ASKED: Final = (Role.JUNK, Role.TRASH)
_ORDER: Final = (Role.INBOX, Role.SENT, Role.ARCHIVE, Role.ALL, Role.DRAFTS, None, Role.JUNK, Role.TRASH)


def names(mailbox: Mailbox) -> frozenset[str]:
    """What may stand behind in: for this folder, in small letters: its role, its last name, its whole way."""
    called = _CALLED[mailbox.role] if mailbox.role else ()
    return frozenset({*called, mailbox.title.casefold(), "/".join(mailbox.path).casefold()})


def name(mailbox: Mailbox) -> str:
    """One of them, for a search that is kept."""
    return _CALLED[mailbox.role][0] if mailbox.role else "/".join(mailbox.path)


def within(root: Node, mailbox: Mailbox) -> Node:
    """The conditions that are left inside this folder."""
    called = names(mailbox)

    def decide(leaf: Leaf) -> bool | None:
        if not isinstance(leaf, In):
            return None
        wanted = leaf.name.casefold().strip("/")
        return wanted in ANYWHERE or wanted in called

    return settled(root, decide)


def chosen(root: Node, mailboxes: Sequence[Mailbox], *, anywhere: bool = False) -> list[tuple[Mailbox, Node]]:
    """The folders to search in all of them, and with what; the inbox first, Junk and Trash last.

    Junk and Trash only when they are asked for: anywhere, or by in:. Where a folder holds all mail (RFC 6154 \\All) it
    stands for the others, unless some are named.
    """
    asked = [leaf.name.casefold().strip("/") for leaf in leaves(root) if isinstance(leaf, In)]
    anywhere = anywhere or any(each in ANYWHERE for each in asked)
    named = {box.name for box in mailboxes if names(box) & set(asked)} if asked else set()
    whole = any(box.role is Role.ALL for box in mailboxes) and not named
    found = []
    for box in mailboxes:
        if not box.selectable or (box.role is Role.FLAGGED and box.name not in named):
            continue
        if box.role in _ONLY_WHEN_ASKED and not (anywhere or box.name in named):
            continue
        if whole and box.role is not Role.ALL and box.role not in _ONLY_WHEN_ASKED:
            continue
        left = within(root, box) if asked else root
        if left != NONE:
            found.append((box, left))
    found.sort(key=lambda pair: (_place(pair[0]), [piece.casefold() for piece in pair[0].path]))
    return found


def _place(mailbox: Mailbox) -> int:
    return _ORDER.index(mailbox.role) if mailbox.role in _ORDER else _ORDER.index(None)
