"""What a person does with folders: make them, name them, move them, throw them away, empty them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from webmail import errors
from webmail.imap import folders, mailboxes, move, search
from webmail.imap.connection import Connection
from webmail.imap.selection import select
from webmail.mail.ids import MailboxName, Uid, UidValidity
from webmail.mail.mailbox import Mailbox, Role, child, leaf, parent

_AT_ONCE: Final = 1000
_TRIES: Final = 20


def make(conn: Connection, title: str, above: Mailbox | None) -> MailboxName:
    """A new folder of this title, at the top (above: None) or in another one; subscribed to.

    Raises BadFolderName and what mailboxes.create raises.
    """
    name = _place(conn, title, above)
    mailboxes.create(conn, name)
    return name


def rename(conn: Connection, mailbox: Mailbox, title: str) -> MailboxName:
    """Another title in the same place. Raises BadFolderName and what imap.folders.rename raises."""
    return _to(conn, mailbox, parent(mailbox) + leaf(title, mailbox.delimiter))


def relocate(conn: Connection, mailbox: Mailbox, above: Mailbox | None) -> MailboxName:
    """The same title in another place, with all that lies below. Raises as rename does."""
    return _to(conn, mailbox, _place(conn, mailbox.title, above))


def throw_away(conn: Connection, mailbox: Mailbox) -> MailboxName:
    """Into Trash, as a folder there, with its messages and what lies below. Where one of that title is there, with a
    number behind it. Raises as rename does: some servers let nothing lie in Trash."""
    known = mailboxes.list_mailboxes(conn)
    trash = mailboxes.ensure(conn, Role.TRASH, known)
    above = next((one for one in mailboxes.list_mailboxes(conn) if one.name == trash), None)
    if above is None:
        raise errors.MailboxMissing
    taken = {one.name for one in known}
    titles = (mailbox.title, *(f"{mailbox.title} {number}" for number in range(2, _TRIES)))
    free = next((title for title in titles if child(above, leaf(title, mailbox.delimiter)) not in taken), None)
    if free is None:
        raise errors.MailboxExists
    return _to(conn, mailbox, child(above, leaf(free, mailbox.delimiter)))


def back(conn: Connection, mailbox: Mailbox, name: MailboxName) -> MailboxName:
    """To the name that it had, with all that lies below. Raises MailboxExists when another folder is called so by now,
    and as rename does."""
    return _to(conn, mailbox, name)


def unmake(conn: Connection, mailbox: Mailbox) -> bool:
    """Delete a folder that was just made, if nothing lies in it; else it stays, and this is False."""
    if below(mailboxes.list_mailboxes(conn), mailbox) or not is_empty(conn, mailbox):
        return False
    delete(conn, mailbox)
    return True


def is_empty(conn: Connection, mailbox: Mailbox) -> bool:
    """Whether no message lies in it at this moment. Raises the errors of the wire."""
    if mailbox.selectable:
        select(conn, mailbox.name, read_only=True, sure=True)
    return not mailbox.selectable or conn.exists == 0


def remake(conn: Connection, name: MailboxName, subscribed: bool) -> None:
    """An empty folder that was deleted. Raises what mailboxes.create raises."""
    mailboxes.create(conn, name)
    subscribe(conn, name, subscribed)


def delete(conn: Connection, mailbox: Mailbox) -> None:
    """For ever, with all messages and all that lies below, the deepest first. Raises as imap.folders.delete does; then
    what was deeper may be gone."""
    doomed = [mailbox.name, *(one.name for one in below(mailboxes.list_mailboxes(conn), mailbox))]
    for name in sorted(doomed, key=len, reverse=True):
        with suppress(errors.MailboxMissing):
            folders.delete(conn, name)
    _subscriptions(conn, doomed, ())


def subscribe(conn: Connection, name: MailboxName, yes: bool) -> None:
    """Whether programs that show only chosen folders show this one. Raises as imap.folders.subscribe does."""
    folders.subscribe(conn, name, yes)
    conn.folders = None


def below(known: Iterable[Mailbox], mailbox: Mailbox) -> list[Mailbox]:
    """What lies in a folder, at any depth."""
    if mailbox.delimiter is None:
        return []
    start = mailbox.name + mailbox.delimiter
    return [one for one in known if one.name.startswith(start)]


def empty(conn: Connection, name: MailboxName, uidvalidity: UidValidity, up_to: Uid) -> int:
    """Delete what was in it when its reader was asked, for ever: UIDs to this one. Returns how many are gone.

    In sets, so that no single command takes long. Raises MailboxRebuilt, MailboxReadOnly, MailboxMissing and the errors
    of the wire; then some may be gone.
    """
    select(conn, name, uidvalidity=uidvalidity, sure=True)
    doomed = [uid for uid in search.uids(conn, b"ALL") if uid <= up_to]
    for start in range(0, len(doomed), _AT_ONCE):
        move.expunge(conn, name, uidvalidity, doomed[start : start + _AT_ONCE])
    return len(doomed)


def _place(conn: Connection, title: str, above: Mailbox | None) -> MailboxName:
    if above is not None:
        return child(above, leaf(title, above.delimiter))
    spaces = mailboxes.namespaces(conn)
    return MailboxName(spaces.prefix + leaf(title, spaces.delimiter or _mark(conn)))


def _mark(conn: Connection) -> str | None:
    """Between the levels, as the server's list has it."""
    return next((one.delimiter for one in mailboxes.list_mailboxes(conn) if one.delimiter), None)


def _to(conn: Connection, mailbox: Mailbox, name: str) -> MailboxName:
    new = MailboxName(name)
    if new == mailbox.name:
        return new
    known = mailboxes.list_mailboxes(conn)
    if any(one.name == new and one.selectable for one in known):
        raise errors.MailboxExists
    old = [mailbox.name, *(one.name for one in below(known, mailbox))]
    folders.rename(conn, mailbox.name, new)
    _subscriptions(conn, old, [MailboxName(new + one[len(mailbox.name) :]) for one in old])
    return new


def _subscriptions(conn: Connection, old: list[MailboxName], new: Iterable[MailboxName]) -> None:
    """They are kept by name, and follow here: what was chosen stays chosen. No reason to call a move failed."""
    with suppress(errors.ServerRefused, errors.MailboxMissing, errors.MailboxReadOnly):
        chosen = folders.subscribed(conn)
        following = list(new)
        for at, name in enumerate(old):
            if name in chosen:
                folders.subscribe(conn, name, False)
                if at < len(following):
                    folders.subscribe(conn, following[at])
