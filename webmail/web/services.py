"""What a request may use, made once by app.py and found through the running app."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from flask import current_app

from webmail.config import Settings
from webmail.imap.pool import Pool
from webmail.web.cache import BoundedCache
from webmail.web.store import DirectoryStore

_NAME = "pennypost"


@dataclass(frozen=True, slots=True)
class Services:
    """settings, the IMAP pool, the store of sign-in records, and the server's half of every password key.

    bodies: cleaned message bodies for the frame that follows a page, by sign-in.
    resume: renders the page that goes on with a letter (field name -> text) after its writer had to sign in again.
    """

    settings: Settings
    pool: Pool
    store: DirectoryStore
    server_key: str
    bodies: BoundedCache[Any]
    resume: Callable[[Mapping[str, str]], str]


def services() -> Services:
    """The services of the app that handles this request."""
    return cast(Services, current_app.extensions[_NAME])
