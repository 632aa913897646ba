"""What a request may use, made once by app.py and found through the running app."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from flask import current_app

from webmail.cache import BoundedCache
from webmail.config import Settings
from webmail.discover import Finder
from webmail.endings import Endings
from webmail.imap.pool import Pool
from webmail.imap.watch import Watcher
from webmail.lanes import Lanes
from webmail.meter import Meter
from webmail.rate import Counter
from webmail.remote import Remote
from webmail.web.factors import Factors
from webmail.web.grants import Grants
from webmail.web.spool import Spool
from webmail.web.store import RecordStore
from webmail.web.vault import Vault

_NAME = "pennypost"


@dataclass(frozen=True, slots=True)
class Services:
    """settings, the IMAP pool, who watches it, the store of sign-in records, the server's half of every password key.

    drawn: by sign-in, what a page will need again: cleaned bodies for the frame that follows it, rows of its list.
    remote: what messages name on the web. preferences: by account, and by sign-in, what readers have chosen.
    lanes: who waits for a slow mail server. spool: files on their way into a letter. counter: how often somebody did
    something (web/limits.py). finder: the servers of domains that are in no map; None where the administrator does not
    want that. grants: of those whom a provider lets in. detours: who is on the way to one. vault: passkeys. factors:
    second factors, None where none are asked for. waiting: sign-ins that wait for a code. endings: who wants to know
    that a sign-in ended. meter: is told what is done.
    resume: renders the page that goes on with a letter (field name -> text) after its writer had to sign in again.
    """

    settings: Settings
    pool: Pool
    watcher: Watcher
    lanes: Lanes
    store: RecordStore
    server_key: str
    drawn: BoundedCache[Any]
    remote: Remote
    preferences: BoundedCache[Any]
    spool: Spool
    counter: Counter
    finder: Finder | None
    grants: Grants
    detours: RecordStore
    vault: Vault
    factors: Factors | None
    waiting: RecordStore
    endings: Endings
    meter: Meter
    resume: Callable[[Mapping[str, str]], str]


def services() -> Services:
    """The services of the app that handles this request."""
    return cast(Services, current_app.extensions[_NAME])
