"""What a form asks to be done: the deed, and to which messages of which folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from flask import abort, request

from webmail import errors
from webmail.actions import deeds, snooze, which
from webmail.actions.deeds import DEEDS, SET, Deed
from webmail.actions.order import Among, Order, Resolver
from webmail.imap import mailboxes
from webmail.imap.connection import Connection
from webmail.mail import scope
from webmail.mail.ids import MailboxName, MessageRef, Uid, UidValidity
from webmail.mail.labels import is_label
from webmail.mail.mailbox import Mailbox
from webmail.mail.query import parse
from webmail.views import _results, _snooze, _told
from webmail.web import asked, converters, labels, listing, session, talk
from webmail.web.nav import way

_MOST: Final = 10_000
_LONGEST: Final = 11 * _MOST
_MOST_TALKS: Final = 50

Refs = Callable[[str], tuple[MessageRef, ...]]
"""Reads what one box stands for. Raises ValueError."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """name: what to do. refs: the chosen messages. whole: all of these folders (of the list, of the search), each up to
    the UID in it. search: whose whole that is, None for a list. until: the moment of a snooze, as sent."""

    name: str
    refs: tuple[MessageRef, ...]
    whole: tuple[MessageRef, ...]
    until: str = ""
    search: asked.Asked | None = None

    @property
    def any(self) -> bool:
        """Whether it is about anything."""
        return bool(self.refs or self.whole)

    @property
    def many(self) -> bool:
        """More than one request should do."""
        return bool(self.whole) or len(self.refs) > SET


def here(mailbox: MailboxName) -> Wanted:
    """By the form of one folder; a star button carries its own pick, the others act on the checked boxes."""

    def refs(text: str) -> tuple[MessageRef, ...]:
        return tuple(pick.within(mailbox) for pick in converters.picks_from_text(text))

    whole = request.form.get("whole")
    return _read(refs, [whole] if whole else [])


def found(told: asked.Asked) -> Wanted:
    """By the form of what a search found; each pick says its folder."""
    return _read(_apart, request.form.getlist("upto") if request.form.get("whole") else [], told)


def _apart(text: str) -> tuple[MessageRef, ...]:
    mailbox, _, picks = text.rpartition("/")
    name = converters.mailbox_from_url(mailbox)
    return tuple(pick.within(name) for pick in converters.picks_from_text(picks))


def _read(refs: Refs, whole: Sequence[str], search: asked.Asked | None = None) -> Wanted:
    for name in ("star", "unstar", "snooze", "unsnooze"):
        if request.form.get(name):
            return Wanted(name, _all(refs, [request.form[name]]), (), search=search)
    name, _, until = request.form.get("do", "").partition(" ")
    return Wanted(
        name, _all(refs, request.form.getlist("uid")), _all(refs, whole), until or request.form.get("until", ""), search
    )  # fmt: skip


def _all(refs: Refs, texts: Sequence[str]) -> tuple[MessageRef, ...]:
    try:
        read = [ref for text in texts[:_MOST] for ref in refs(text[:_LONGEST])]
    except ValueError:
        abort(400)
    return tuple(dict.fromkeys(read))[:_MOST]


# --- as a job takes it ------------------------------------------------------------------------------------------------


def order(wanted: Wanted) -> Order:
    """Raises ValueError with one word where a label cannot be called so, or there is no such folder; MailboxRebuilt."""
    asks = bool(wanted.whole) and wanted.search is not None
    if asks and not _told.can_be_asked(wanted.name):
        abort(400)
    deed, about = _snooze.deed(wanted.until) if wanted.name == "snooze" else _deed(wanted.name)
    if not wanted.whole:
        among = _chosen(wanted)
    elif wanted.search is None:
        among = tuple(_listed(ref) for ref in wanted.whole)
    else:
        among = _searched(wanted.whole, wanted.search)
    return Order(among, deed, wanted.name, about, asks)


def _chosen(wanted: Wanted) -> tuple[Among, ...]:
    """Folder by folder; whoever mutes a letter means its conversation, wherever its letters lie."""
    refs = session.borrow(lambda conn: _talks(conn, wanted.refs)) if wanted.name in ("mute", "unmute") else wanted.refs
    by_folder: dict[MailboxName, list[MessageRef]] = {}
    for ref in (*wanted.refs[:1], *refs):
        by_folder.setdefault(ref.mailbox, []).append(ref)
    return tuple(_picked(list(dict.fromkeys(some))) for some in by_folder.values())


def _talks(conn: Connection, refs: Sequence[MessageRef]) -> list[MessageRef]:
    folders = mailboxes.list_mailboxes(conn)
    return which.talks(conn, refs[:_MOST_TALKS], lambda ref: talk.beside(folders, ref))


def _picked(refs: list[MessageRef]) -> Among:
    mailbox, validity = refs[0].mailbox, refs[0].uidvalidity
    if any(ref.uidvalidity != validity for ref in refs):
        raise errors.MailboxRebuilt
    return Among(mailbox, validity, which.these([ref.uid for ref in refs]))


def _listed(ref: MessageRef) -> Among:
    how = listing.how(ref.mailbox, listing.place_from(request.args))
    resolver = which.whole(ref.mailbox, ref.uidvalidity, how.only, ref.uid, how.mine)
    return Among(ref.mailbox, ref.uidvalidity, resolver)


def _searched(refs: Sequence[MessageRef], told: asked.Asked) -> tuple[Among, ...]:
    """Folders that are gone meanwhile are left out; where all are, MailboxMissing."""
    root, who = parse(told.text).root, _results.asker()
    known = {one.name: one for one in session.borrow(lambda conn: mailboxes.list_mailboxes(conn, beside=True))}

    def finder(mailbox: Mailbox, validity: UidValidity, up_to: Uid) -> Resolver:
        return which.found(mailbox.name, validity, scope.within(root, mailbox), who, up_to)

    among = tuple(
        Among(ref.mailbox, ref.uidvalidity, finder(known[ref.mailbox], ref.uidvalidity, ref.uid))
        for ref in refs
        if ref.mailbox in known
    )
    if not among:
        raise errors.MailboxMissing
    return among


def _deed(name: str) -> tuple[Deed, str]:
    """And what it is about: a folder, a label, or ""."""
    if name in DEEDS:
        return DEEDS[name], ""
    if name in ("label", "unlabel"):
        return _labelling(name)
    if name == "unsnooze":
        return snooze.BACK, ""
    if name not in ("move", "copy"):
        abort(400)
    folders = session.borrow(mailboxes.list_mailboxes)
    to = _destination(folders)
    return deeds.moving(to, copy=name == "copy"), _told.title(to.name, folders)


def where() -> str:
    """The folder that was chosen, or its name or way that was typed."""
    return request.form.get("way", "").strip() or request.form.get("dest", "")


def _destination(folders: Sequence[Mailbox]) -> Mailbox:
    """Raises ValueError for a folder that was typed and is none."""
    if request.form.get("way", "").strip():
        typed = " ".join(where().split()).casefold()
        there = next((one for one in folders if one.selectable and typed == way(one).casefold()), None)
        if there is None:
            raise ValueError("nowhere")
        return there
    try:
        wanted = converters.mailbox_from_url(where())
    except ValueError:
        abort(400)
    return next((one for one in folders if one.name == wanted), Mailbox(wanted, None))


def _labelling(name: str) -> tuple[Deed, str]:
    typed, chosen = request.form.get("name", ""), request.form.get("label", "")
    keyword = labels.keyword(typed) if typed.strip() or not chosen else chosen
    if not is_label(keyword):
        abort(400)
    title = labels.label(keyword).name[:100]
    return Deed(add=(keyword,)) if name == "label" else Deed(remove=(keyword,)), title
