"""The table of commands: who answers what."""

from __future__ import annotations

from typing import Final

from demo.imap import folders, messages, signing
from demo.imap.search import search
from demo.imap.session import Command

COMMANDS: Final = {
    "CAPABILITY": Command(signing.capability),
    "NOOP": Command(signing.noop),
    "CHECK": Command(signing.noop),
    "LOGOUT": Command(signing.logout),
    "ID": Command(signing.identify),
    "LOGIN": Command(signing.login),
    "AUTHENTICATE": Command(signing.authenticate),
    "IDLE": Command(messages.idle),
    "NAMESPACE": Command(folders.namespace),
    "LIST": Command(folders.list_mailboxes),
    "LSUB": Command(folders.list_subscribed),
    "STATUS": Command(folders.status),
    "CREATE": Command(folders.create),
    "DELETE": Command(folders.delete),
    "RENAME": Command(folders.rename),
    "SUBSCRIBE": Command(folders.subscribe),
    "UNSUBSCRIBE": Command(folders.unsubscribe),
    "SELECT": Command(folders.select),
    "EXAMINE": Command(folders.examine),
    "CLOSE": Command(folders.close),
    "UNSELECT": Command(folders.unselect),
    "APPEND": Command(messages.append),
    "EXPUNGE": Command(messages.expunge, with_uid=True),
    "COPY": Command(messages.copy, with_uid=True),
    "MOVE": Command(messages.move, with_uid=True),
    "STORE": Command(messages.store, with_uid=True, holds_numbers=True),
    "FETCH": Command(messages.fetch, with_uid=True, holds_numbers=True),
    "SEARCH": Command(search, with_uid=True, holds_numbers=True),
}
