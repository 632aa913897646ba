"""The mailboxes of an account: listing them with their roles, making them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from webmail import errors
from webmail.imap import decode, search, wire
from webmail.imap.connection import Connection
from webmail.imap.log import Changed
from webmail.imap.news import Box
from webmail.imap.table import Table
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import (
    DRAWER,
    TEMPLATES,
    Mailbox,
    Namespaces,
    Role,
    assign_roles,
    is_drawer,
    is_templates,
)
from webmail.mail.mailboxes import Mailboxes

_COUNTS: Final = b"(MESSAGES UNSEEN)"
_EVENTS: Final = b"(MessageNew MessageExpunge FlagChange)"
_ALL: Final = b"(PERSONAL (MessageNew MessageExpunge FlagChange MailboxName))"
_MINUTE: Final = 60.0
"""The same for more than 500 of them: ten thousand names are a megabyte. Counts are asked for anyway."""

_BELIEVED: Final = 10.0
"""Seconds that the names of mailboxes are believed. Dovecot 2.3 loses some reports of mailboxes made and renamed, never
those of messages."""

_MOST_COUNTED: Final = 500
"""Mailboxes that are all counted at each listing; the server opens an index for every one of them."""

_MADE: Final = {
    Role.DRAFTS: ("Drafts", b"(USE (\\Drafts))"),
    Role.SENT: ("Sent", b"(USE (\\Sent))"),
    Role.ARCHIVE: ("Archive", b"(USE (\\Archive))"),
    Role.JUNK: ("Junk", b"(USE (\\Junk))"),
    Role.TRASH: ("Trash", b"(USE (\\Trash))"),
}


def list_mailboxes(conn: Connection, *, beside: bool = False) -> Mailboxes:
    """All mailboxes in the server's order, roles by attribute first, then by name (RFC 6154), with counts.

    Where the server reports unasked (NOTIFY, RFC 5465) one NOOP brings what is new. Else with LIST-STATUS (RFC 5819)
    and not too many of them, all in one round trip; else counts for INBOX and those with a role only, which is the same
    work however many there are. The folder of the account's settings is left out. beside: they stand beside a message,
    where names that are reported need not be asked for every few seconds. Raises the errors of the wire.
    """
    return _table(conn, beside=beside).all()


def drawer(conn: Connection) -> Mailbox | None:
    """The folder of the account's settings, if there is one. Asks and raises as list_mailboxes does."""
    table = _table(conn)
    return next((table[name] for name in table.drawers if table[name].selectable), None)


def ensure_drawer(conn: Connection) -> MailboxName:
    """The same, made when there is none; not subscribed to. Raises what create raises, but not MailboxExists."""
    found, known = drawer(conn), tuple(_table(conn).values())
    return found.name if found else _ensure(conn, DRAWER, known, lambda name: _make(conn, name))


def _table(conn: Connection, *, beside: bool = False) -> Table:
    conn.refresh()
    _be_notified(conn)
    if conn.box is not None and conn.folders is not None and conn.box.name not in conn.folders:
        conn.folders = None
    age = time.monotonic() - conn.folders_at
    reported = _MINUTE if beside else _BELIEVED
    believed = _MINUTE if conn.many_mailboxes else reported if conn.notified else 0.0
    if conn.folders is None or age > believed:
        conn.folders = Table(assign_roles(_owned(conn, _all(conn))))
        conn.folders_at = time.monotonic()
    # Kept by hand: an answer to a count may tell that the table is old, and then it is gone from the connection.
    box, table = conn.box, conn.folders
    _count(conn, table, box)
    for name in table.drawers:
        conn.state.drawer_holds(table[name].messages)
    for name in list(table.counted if conn.many_mailboxes else table):
        mailbox = table[name]
        told = name not in table.drawers and conn.state.log.count(name, mailbox.unseen, mailbox.messages)
        if told and (box is None or name != box.name):
            conn.state.log.tell(Changed(name))
    return table


def _count(conn: Connection, table: Table, box: Box | None) -> None:
    """Of thousands of mailboxes only those with a role are looked at: the same work however many there are."""
    here = None if box is None else table.get(box.name)
    if box is not None and here is not None:
        table[box.name] = replace(here, messages=conn.exists, unseen=_unseen(conn, box, here))
    looked_at = table.all().at(table.shape.roles) if conn.many_mailboxes else list(table.values())
    lacking = [one for one in looked_at if (box is None or one.name != box.name) and _uncounted(conn, one)]
    for mailbox, told in zip(lacking, _statuses(conn, lacking), strict=True):
        table[mailbox.name] = replace(mailbox, messages=told.get("MESSAGES"), unseen=told.get("UNSEEN"))


def _be_notified(conn: Connection) -> None:
    """Ask for reports on all mailboxes. Before the first listing, so that nothing happens between the two."""
    if conn.notified is None and conn.many_mailboxes is False:
        conn.notified = {"NOTIFY", "LIST-STATUS"} <= conn.capabilities and _notify(conn)
        conn.folders = None


def _notify(conn: Connection) -> bool:
    return conn.command(b"NOTIFY", b"SET", b"(SELECTED " + _EVENTS + b")", _ALL, otherwise=None).status == "OK"


def _all(conn: Connection) -> list[Mailbox]:
    found: list[Mailbox] = []
    if conn.box is None and conn.left_open is not None and "UNSELECT" in conn.capabilities:
        # Of a mailbox that is open, deleted and made again Dovecot's STATUS tells what it was (RFC 3691 leaves it).
        conn.command(b"UNSELECT", otherwise=None)
        conn.left_open = None
    if conn.many_mailboxes is not False:
        found = _listed(conn, counted=False)
        conn.many_mailboxes = len(found) > _MOST_COUNTED
        _be_notified(conn)
    if "LIST-STATUS" in conn.capabilities and not conn.many_mailboxes:
        found = _listed(conn, counted=True)
        conn.many_mailboxes = len(found) > _MOST_COUNTED
    return found or _listed(conn, counted=False)


def _unseen(conn: Connection, box: Box, mailbox: Mailbox) -> int | None:
    """Unread messages of the open mailbox. What LIST-STATUS says of it may be old (seen on Dovecot)."""
    if box.unseen is None and "ESEARCH" in conn.capabilities:
        box.unseen = search.count(conn, b"UNSEEN")
    elif box.unseen is None:
        told = None if conn.notified else mailbox.unseen
        return _counted(conn, mailbox).unseen if told is None else told
    return box.unseen


def _uncounted(conn: Connection, mailbox: Mailbox) -> bool:
    """A count is missing that is not: without LIST-STATUS those of all but the roles."""
    if not mailbox.selectable or is_drawer(mailbox) or (mailbox.unseen is not None and not conn.many_mailboxes):
        return False
    return bool(mailbox.role) or bool(conn.notified)


def create(conn: Connection, name: MailboxName) -> None:
    """Make a mailbox (RFC 9051 6.3.4) and subscribe to it, so that other programs show it.

    name: whole and raw, with the prefix of its namespace. Raises MailboxExists, ServerRefused, UnsafeText,
    QuotaExceeded, MailboxReadOnly and the errors of the wire.
    """
    _create(conn, name, None)


def ensure(conn: Connection, role: Role, known: Sequence[Mailbox]) -> MailboxName:
    """The mailbox with this role, made below the personal namespace when there is none. known: from list_mailboxes.

    Raises what create raises, but not MailboxExists.
    """
    if role is Role.INBOX:
        return MailboxName("INBOX")
    found = next((mailbox.name for mailbox in known if mailbox.role is role), None)
    if found is not None:
        return found
    if role not in _MADE:
        raise errors.MailboxMissing
    title, use = _MADE[role]
    words = use if "CREATE-SPECIAL-USE" in conn.capabilities else None
    return _ensure(conn, title, known, lambda name: _create(conn, name, words))


def ensure_templates(conn: Connection, known: Sequence[Mailbox]) -> MailboxName:
    """The folder of templates, made when there is none. known, and what it raises: as ensure."""
    found = next((mailbox.name for mailbox in known if is_templates(mailbox)), None)
    return found or _ensure(conn, TEMPLATES, known, lambda name: _create(conn, name, None))


def _ensure(conn: Connection, title: str, known: Sequence[Mailbox], make: Callable[[MailboxName], None]) -> MailboxName:
    """A mailbox of this name at the top of the personal namespace, or where the server wants it."""
    refused: errors.MailError = errors.MailboxMissing()
    for prefix in dict.fromkeys((namespaces(conn).prefix, _below_inbox(known))):
        name = MailboxName(prefix + title)
        try:
            make(name)
        except errors.MailboxExists:
            return name
        except errors.ServerRefused as error:
            # Many say "exists" in words only.
            if any(mailbox.name == name and mailbox.selectable for mailbox in _listed(conn, counted=False)):
                return name
            refused = error
        else:
            return name
    raise refused


def _listed(conn: Connection, counted: bool) -> list[Mailbox]:
    returning = [b"SPECIAL-USE"] if "SPECIAL-USE" in conn.capabilities else []
    returning += [b"SUBSCRIBED"] if "LIST-EXTENDED" in conn.capabilities else []
    returning += [b"STATUS " + _COUNTS] if counted else []
    # RETURN is a word of RFC 5258: a server without it calls the command BAD, and some with it do too.
    if returning and (counted or "LIST-EXTENDED" in conn.capabilities):
        options = b"(" + b" ".join(returning) + b")"
        reply = conn.command(b"LIST", b'""', b'"*"', b"RETURN", options, otherwise=None)
        if reply.status == "OK":
            return decode.mailboxes(reply.data)
    return decode.mailboxes(conn.command(b"LIST", b'""', b'"*"').data)


def _counted(conn: Connection, mailbox: Mailbox) -> Mailbox:
    """STATUS of one."""
    [told] = _statuses(conn, [mailbox])
    return replace(mailbox, messages=told.get("MESSAGES"), unseen=told.get("UNSEEN"))


def _statuses(conn: Connection, wanted: Sequence[Mailbox]) -> Iterator[Mapping[str, int]]:
    """STATUS of each (RFC 9051 6.3.11), in one piece; a listed mailbox can still be refused, and then has no count."""
    commands = [(b"STATUS", wire.mailbox(one.name), _COUNTS) for one in wanted]
    if any(conn.waits(word) for command in commands for word in command):
        replies = [conn.command(*command, otherwise=None) for command in commands]
    else:
        replies = list(conn.together(commands)) if commands else []
    for mailbox, reply in zip(wanted, replies, strict=True):
        yield decode.status(reply.data).get(mailbox.name, {})


def _create(conn: Connection, name: MailboxName, use: bytes | None) -> None:
    _make(conn, name, *(() if use is None else (use,)))
    conn.command(b"SUBSCRIBE", wire.mailbox(name), otherwise=None)


def _make(conn: Connection, name: MailboxName, *use: bytes) -> None:
    target = wire.mailbox(name)
    conn.folders = None
    conn.command(b"CREATE", target, *use)


def namespaces(conn: Connection) -> Namespaces:
    """Where names begin. Asked for once a connection. Raises the errors of the wire."""
    if conn.namespaces is None:
        offered = "NAMESPACE" in conn.capabilities
        told = decode.namespaces(conn.command(b"NAMESPACE", otherwise=None).data) if offered else None
        conn.namespaces = told or Namespaces()
    return conn.namespaces


def _owned(conn: Connection, found: list[Mailbox]) -> list[Mailbox]:
    """Whose each of them is: only where there is access control can it be somebody else's."""
    if "ACL" not in conn.capabilities:
        return found
    spaces = namespaces(conn)
    if not (spaces.others or spaces.shared):
        return found
    return [replace(mailbox, owner=spaces.owner(mailbox.name)) for mailbox in found]


def _below_inbox(known: Iterable[Mailbox]) -> str:
    """Where servers without NAMESPACE may want new mailboxes."""
    inbox = next((mailbox for mailbox in known if mailbox.role is Role.INBOX), None)
    return f"INBOX{inbox.delimiter}" if inbox is not None and inbox.delimiter else ""
