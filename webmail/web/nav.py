"""The folder list beside every page: mailboxes in, links out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from flask import current_app, g, url_for

from webmail.languages import N_
from webmail.mail import snoozed
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Mailbox, Role
from webmail.mail.mailboxes import Mailboxes
from webmail.mail.preferences import Preferences
from webmail.web import collate, converters, session
from webmail.web.services import services
from webmail.web.words import _, language

_ORDER: Final = tuple(Role)
_TITLES: Final = {
    Role.INBOX: N_("Inbox"), Role.FLAGGED: N_("Starred"), Role.DRAFTS: N_("Drafts"), Role.SENT: N_("Sent"),
    Role.ARCHIVE: N_("Archive"), Role.ALL: N_("All mail"), Role.JUNK: N_("Junk"), Role.TRASH: N_("Trash"),
}  # fmt: skip
_ICONS: Final = {
    Role.INBOX: "inbox", Role.FLAGGED: "star", Role.DRAFTS: "draft", Role.SENT: "send",
    Role.ARCHIVE: "archive", Role.ALL: "archive", Role.JUNK: "junk", Role.TRASH: "trash",
}  # fmt: skip
# Drafts wait to be finished, so all of them count; Sent and Trash have nothing to tell.
_SILENT: Final = {Role.SENT, Role.TRASH, Role.ARCHIVE, Role.ALL, Role.FLAGGED}
_FAVOURITES: Final = N_("Favourites")
_GROUPS: Final = {"self": N_("Folders"), "others": N_("Other people"), "shared": N_("Shared")}
_UNREAD: Final = N_("unread")
_MESSAGES: Final = N_("messages")

MOST_BESIDE: Final = 300
"""Folders that are printed beside every page. Of more, those at the top; the page of folders has them all."""


_Groups = tuple[tuple[str, tuple[Mailbox, ...]], ...]


@dataclass(frozen=True, slots=True)
class NavItem:
    """One folder. url: None for a name that only holds children. icon: id in the sprite. count: None or a number > 0.

    count_word: what is counted here, for script and, once said, for screen readers ("unread", "messages"; "" where
    nothing is).
    depth: 0 for top level. under: of a name that only holds children, itself as URLs have it.
    """

    title: str
    url: str | None
    icon: str
    count: int | None
    count_word: str
    current: bool
    depth: int
    under: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Folders under one heading, as a tree flattened in order."""

    title: str
    folders: tuple[NavItem, ...]


@dataclass(frozen=True, slots=True)
class Nav:
    """special: folders with a role, in our order. others: the groups of all others, drawn. hidden: how many of them are
    not printed."""

    special: tuple[NavItem, ...] = ()
    others: str = ""
    hidden: int = 0


def folder_title(mailbox: Mailbox) -> str:
    """What the reader calls a mailbox: our word for a role, else its own name (RFC 6154 roles differ in spelling)."""
    if snoozed.moment(mailbox) is not None:
        return _("Snoozed")
    return _(_TITLES[mailbox.role]) if mailbox.role else mailbox.title


def way(mailbox: Mailbox) -> str:
    """A folder by its title and where it lies: "Clients / Berlin"."""
    return folder_title(mailbox) if mailbox.role else " / ".join(mailbox.path)


def places(mailboxes: Sequence[Mailbox], here: MailboxName) -> tuple[list[Mailbox], bool]:
    """Where messages of this folder can go, and whether there are more than these: of very many folders those with a
    role and the favourites, for every page that has a list prints them."""
    known, chosen = Mailboxes.of(mailboxes), _chosen()
    if len(known) - len(known.shape.asleep) > MOST_BESIDE:
        few = known.at(sorted({*known.shape.roles, *_favourites(known, chosen)}))
        return [m for m in few if m.selectable and m.name != here], True
    return [m for m in known if m.selectable and m.name != here and not snoozed.moment(m)], False


def in_order(mailboxes: Iterable[Mailbox]) -> list[Mailbox]:
    """As people look for them: by what they are called on the page, each below the one that holds it."""
    every = list(mailboxes)
    titles = {one.path: folder_title(one) for one in every if one.role}

    def key(mailbox: Mailbox) -> list[collate.Key]:
        return [collate.key(titles.get(mailbox.path[:n], part)) for n, part in enumerate(mailbox.path, 1)]

    return sorted(every, key=key)


def build(mailboxes: Sequence[Mailbox], current: MailboxName | None = None) -> Nav:
    """The folder list as this reader wants it, with the current folder marked. Asks nothing of the mail server."""
    known, chosen = Mailboxes.of(mailboxes), _chosen()
    roles = known.roles
    roles.sort(key=lambda m: _ORDER.index(m.role or Role.INBOX))
    asleep = known.asleep
    starred = _favourites(known, chosen)
    beside = _beside(known, chosen, current)
    groups = [(_FAVOURITES, tuple(known.at(starred)))]
    groups += [(title, tuple(m for m in known.at(beside) if m.owner == kind)) for kind, title in _GROUPS.items()]
    special = [_item(m, current, 0) for m in roles]
    if asleep:
        special.insert(1, _snoozed(asleep, current))
    return Nav(
        tuple(special),
        _drawn(tuple(group for group in groups if group[1]), current),
        len(known.shape.others) - len({*beside, *starred}),
    )


def _chosen() -> Preferences:
    return cast(Preferences, g.get("preferences") or Preferences())


def _favourites(known: Mailboxes, chosen: Preferences) -> list[int]:
    found = (known.shape.index.get(MailboxName(name)) for name in chosen.favourites)
    return sorted(at for at in found if at is not None and at in known.shape.plain)


def _drawn(groups: _Groups, current: MailboxName | None) -> str:
    """Some hundred links cost more than all the rest of a page, and seldom differ from those of the page before."""
    here = current if any(m.name == current for _, group in groups for m in group) else None
    # What addresses of folders carry along from this page (the clock of a list) is in every one of them.
    like = url_for("mailbox.show", mailbox=MailboxName("INBOX"))
    key, state = (session.current().record_key, "folders", here is None), (like, here, groups, language().tag)
    found = services().drawn.get(key)
    if found is None or found[0] != state:
        template: Any = current_app.jinja_env.get_template("_groups.html").module
        trees = [Group(_(title), _tree(title, group, here)) for title, group in groups]
        found = state, template.draw(trees)
        services().drawn.put(key, found, 2 * len(found[1]) + 500 * sum(len(group) for _, group in groups))
    return cast(str, found[1])


def _snoozed(asleep: Sequence[Mailbox], current: MailboxName | None) -> NavItem:
    """One entry for all moments; the page behind it tells them apart."""
    count = sum(m.messages or 0 for m in asleep if snoozed.moment(m))
    here = current == snoozed.SNOOZED or any(m.name == current for m in asleep)
    return NavItem(_("Snoozed"), url_for("snoozed.show"), "clock", count or None, _MESSAGES, here, 0)


def _beside(known: Mailboxes, chosen: Preferences, current: MailboxName | None) -> list[int]:
    """Where those lie that are printed: no work for each of them where they are very many."""
    shape, at = known.shape, known.shape.index.get(current) if current else None
    few = chosen.listed == "subscribed" and bool(shape.subscribed)
    shown = shape.subscribed if few else shape.others
    if len(shown) > MOST_BESIDE:
        shown = shape.subscribed_top if few else shape.top
    here = () if at is None or at not in shape.plain else (at,)
    return sorted({*(shown if len(shown) <= MOST_BESIDE else ()), *here})


def _tree(title: str, mailboxes: Sequence[Mailbox], current: MailboxName | None) -> tuple[NavItem, ...]:
    paths = {m.path for m in mailboxes} if title != _FAVOURITES else set()
    return tuple(
        _item(m, current, sum(m.path[:n] in paths for n in range(1, len(m.path)))) for m in in_order(mailboxes)
    )


def _item(mailbox: Mailbox, current: MailboxName | None, depth: int) -> NavItem:
    drafts, silent = mailbox.role is Role.DRAFTS, mailbox.role in _SILENT
    count = None if silent else (mailbox.messages if drafts else mailbox.unseen)
    return NavItem(
        title=folder_title(mailbox),
        url=url_for("mailbox.show", mailbox=mailbox.name) if mailbox.selectable else None,
        icon=_ICONS[mailbox.role] if mailbox.role else "folder",
        count=count or None,
        count_word="" if silent else _MESSAGES if drafts else _UNREAD,
        current=mailbox.name == current,
        depth=min(depth, 6),
        under="" if mailbox.selectable else converters.mailbox_to_url(mailbox.name),
    )
