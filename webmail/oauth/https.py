"""The only socket to a provider: HTTPS, small answers, one deadline for the whole of it (R33), no redirects (R23)."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from webmail import errors

LARGEST: Final = 256 << 10
"""Octets of an answer."""

_HEADERS: Final = {"User-Agent": "Pennypost", "Accept": "application/json", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What Authlib asks of an answer."""

    status_code: int
    content: bytes = field(repr=False)

    def json(self) -> Any:
        """Raises ValueError."""
        try:
            return json.loads(self.content)
        except RecursionError:
            raise ValueError("too deep") from None

    def raise_for_status(self) -> None:
        """Raises ProviderFailed for anything but success."""
        if not 200 <= self.status_code < 300:
            raise errors.ProviderFailed(str(self.status_code))


class Https:
    """Asks one provider. seconds: for everything, from the name to the last octet. What Authlib calls a session."""

    def __init__(self, context: ssl.SSLContext, seconds: float) -> None:
        self._context, self._seconds = context, seconds

    def get(self, url: str) -> Answer:
        """Raises ProviderFailed."""
        return self._ask("GET", url, None, {})

    def post(
        self,
        url: str,
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: Any = None,
    ) -> Answer:
        """A form. auth: Authlib's, which puts the client's name and secret into it. Raises ProviderFailed."""
        body, sent = urlencode(data or {}), dict(headers or {})
        if auth is not None:
            url, sent, body = auth.prepare("POST", url, sent, body)
        return self._ask("POST", url, body.encode(), sent)

    def _ask(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            raise errors.ProviderFailed("an endpoint that is not HTTPS")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        end = time.monotonic() + self._seconds
        connection = http.client.HTTPSConnection(
            parts.hostname, parts.port or 443, timeout=self._seconds / 2, context=self._context
        )
        # Each octet that comes renews the time limit of a socket: only a clock beside it ends an answer in drops.
        timer = threading.Timer(self._seconds, _cut, (connection,))
        timer.daemon = True
        timer.start()
        try:
            connection.request(method, path, body, {**_HEADERS, **headers, "Connection": "close"})
            with connection.getresponse() as answer:
                content = answer.read(LARGEST + 1)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise errors.ProviderFailed(type(error).__name__) from None
        finally:
            timer.cancel()
            connection.close()
        if len(content) > LARGEST or time.monotonic() > end or 300 <= answer.status < 400:
            raise errors.ProviderFailed("an answer that is too large, too late, or a redirect")
        return Answer(answer.status, content)


def _cut(connection: http.client.HTTPSConnection) -> None:
    """Whoever waits on it wakes up."""
    if connection.sock is not None:
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
