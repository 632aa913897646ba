"""The grants of those who are signed in by a provider: sealed like passwords (R12), alive while used."""

from __future__ import annotations

import json
import ssl
import threading
import weakref
from contextlib import suppress
from functools import partial
from typing import Final

from webmail.errors import SharedAway
from webmail.mail.sasl import Token
from webmail.oauth.grant import Grant
from webmail.oauth.https import Https
from webmail.oauth.provider import Provider, Tokens
from webmail.providers import OAuthClient
from webmail.web import seal
from webmail.web.store import RecordStore

_SEALED: Final = "sealed"


class Grants:
    """store: the records; server_key: the server's half of every key. seconds: for one question to a provider.

    A grant is here while somebody holds it: a request, a letter that waits, a page that listens. All of them share one,
    so that one renews it for all. Between requests it is in its record only.
    """

    def __init__(self, store: RecordStore, server_key: str, seconds: float) -> None:
        self._store, self._server_key, self._seconds = store, server_key, seconds
        self._lock = threading.Lock()
        self._providers: dict[OAuthClient, Provider] = {}
        self._living: weakref.WeakValueDictionary[str, Grant] = weakref.WeakValueDictionary()

    def provider(self, client: OAuthClient) -> Provider:
        """The one that knows about this client."""
        with self._lock:
            if client not in self._providers:
                context = ssl.create_default_context()
                if client.ca_file:
                    context.load_verify_locations(client.ca_file)
                self._providers[client] = Provider(client, Https(context, self._seconds))
            return self._providers[client]

    def opened(self, client: OAuthClient, record_key: str, cookie_key: str) -> Grant:
        """The grant of a record. Raises SealBroken, also when the record is gone."""
        provider = self.provider(client)
        with self._lock:
            if (living := self._living.get(record_key)) is not None:
                return living
            # Read anew: what the request found may be older than a renewal that ended meanwhile.
            found = self._store.get(record_key)
            sealed = found[0].get(_SEALED) if found else None
            words = seal.unseal(str(sealed), cookie_key, self._server_key, record_key)
            grant = self._living[record_key] = _grant(provider, words)
            self._bound(grant, record_key, cookie_key)
            return grant

    def adopt(self, grant: Grant, record_key: str, cookie_key: str) -> str:
        """A sign-in begins with this grant. Returns it sealed, for the record; newer tokens go there by themselves."""
        self._bound(grant, record_key, cookie_key)
        with self._lock:
            self._living[record_key] = grant
        return seal.seal(_words(grant.name, grant.tokens), cookie_key, self._server_key, record_key)

    def forget(self, record_key: str) -> None:
        """The sign-in is over."""
        with self._lock:
            grant = self._living.pop(record_key, None)
        if grant is not None:
            grant.leave()

    def _bound(self, grant: Grant, record_key: str, cookie_key: str) -> None:
        grant.keep = partial(self._keep, grant.name, record_key, cookie_key)
        grant.look = partial(self._look, grant.provider, record_key, cookie_key)

    def _look(self, provider: Provider, record_key: str, cookie_key: str) -> Tokens | None:
        """What the record has; a machine that shares it may have renewed the grant meanwhile."""
        with suppress(seal.SealBroken, SharedAway):
            found = self._store.get(record_key)
            sealed = str(found[0].get(_SEALED)) if found else ""
            return _grant(provider, seal.unseal(sealed, cookie_key, self._server_key, record_key)).tokens
        return None

    def _keep(self, name: str, record_key: str, cookie_key: str, tokens: Tokens) -> None:
        sealed = seal.seal(_words(name, tokens), cookie_key, self._server_key, record_key)
        self._store.change(record_key, {_SEALED: sealed})


def _words(name: str, tokens: Tokens) -> str:
    return json.dumps([name, tokens.access.value, tokens.refresh, tokens.expires, tokens.life])


def _grant(provider: Provider, words: str) -> Grant:
    """Raises SealBroken: what was sealed is a password, from before this server asked for a provider."""
    try:
        # What a later version adds stands behind these.
        name, access, refresh, expires, life, *_ = json.loads(words)
        return Grant(provider, str(name), Tokens(Token(str(access)), str(refresh), float(expires), float(life)))
    except (ValueError, TypeError):
        raise seal.SealBroken from None
