"""Which messages a job is about, found out when it begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from webmail.actions.order import Resolver
from webmail.imap import everything, fetch, only, search, survey
from webmail.imap.connection import Connection
from webmail.imap.conversation import conversation
from webmail.imap.pages import Only
from webmail.imap.selection import select
from webmail.mail.conditions import Node
from webmail.mail.headers import Headers
from webmail.mail.ids import MailboxName, MessageRef, Uid, UidValidity
from webmail.mail.mailbox import Mailbox
from webmail.mail.piles import Kind
from webmail.mail.program import Asker

Beside = Callable[[MessageRef], Sequence[Mailbox]]
"""The folders that are looked through beside that of a letter."""


def these(uids: Sequence[Uid]) -> Resolver:
    """The chosen rows."""
    return lambda conn: uids


def whole(mailbox: MailboxName, validity: UidValidity, kind: Only, up_to: Uid, mine: Sequence[str] = ()) -> Resolver:
    """All of a folder, or of a filter in it, but nothing that arrived after the page was made (UIDs above up_to).
    mine: addresses of the reader, for the filter "mine"."""

    def found(conn: Connection) -> list[Uid]:
        selected = select(conn, mailbox, uidvalidity=validity, sure=True)
        return search.matching(conn, mailbox, validity, only.criteria(kind, selected, mine), up_to)

    return found


def piled(mailbox: MailboxName, validity: UidValidity, kind: Kind, key: str, up_to: Uid) -> Resolver:
    """One pile of a clean-up, as it was counted: nothing that arrived since."""
    return lambda conn: [letter.uid for letter in survey.pile(conn, mailbox, kind, key, validity, up_to).letters]


def found(mailbox: MailboxName, validity: UidValidity, root: Node, asker: Asker, up_to: Uid) -> Resolver:
    """What a search finds in this folder, but nothing that arrived after its page was made."""
    return lambda conn: everything.everything(conn, mailbox, validity, root, asker, up_to)


def talks(conn: Connection, refs: Sequence[MessageRef], beside: Beside) -> list[MessageRef]:
    """These letters, with those of their conversations in their own folder and in those beside it, each once.

    Raises MailboxMissing, MailboxRebuilt and the errors of the wire.
    """
    gathered: dict[MessageRef, None] = {}
    for ref in refs:
        if ref not in gathered and search.present(conn, ref.mailbox, ref.uidvalidity, [ref.uid]):
            headers = Headers.parse(fetch.message(conn, ref).header)
            gathered |= dict.fromkeys([ref])
            gathered |= dict.fromkeys(row.ref for row in conversation(conn, ref, headers, beside(ref), {}))
    return list(gathered)
