"""The only HTTP socket: what a message names on the web, fetched for the reader, so that its sender learns nothing of
them (R23). Public addresses only, looked up once and connected to as looked up; nothing of ours goes along.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

from webmail import errors, reach
from webmail.config import Network
from webmail.mail.picture import picture
from webmail.reach import Lookup

LARGEST: Final = 8 << 20
"""Octets of one picture."""

_STEP: Final = 5.0
_TOTAL: Final = 12.0
"""Seconds for one step on the wire, and for everything (R33)."""

_REDIRECTS: Final = 3
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_PORTS: Final = {"http": 80, "https": 443}
_LONGEST_URL: Final = 4096
_HEADERS: Final = {"User-Agent": "Mozilla/5.0 (compatible; Pennypost)", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Fetched:
    """type: by content, one of mail.picture's. content: the octets as they came."""

    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class _Target:
    scheme: str
    host: str
    port: int
    path: str


class Remote:
    """Fetches for everybody, a few at a time, so that slow web servers leave threads for mail. Safe between threads.

    most, each: requests at once in all, and for one owner. allowed: networks that are reached although not public, by
    any port: an administrator's own, or a test's. lookup: in place of reach.lookup.
    """

    def __init__(
        self, context: ssl.SSLContext, *, most: int, each: int, allowed: Sequence[Network] = (),
        lookup: Lookup | None = None,
    ) -> None:  # fmt: skip
        self._context, self._most, self._each = context, most, each
        self._allowed, self._lookup = tuple(allowed), lookup
        self._running: Counter[str] = Counter()
        self._lock = threading.Lock()

    def picture(self, owner: str, url: str) -> Fetched:
        """The picture at an address. owner: whose request this is, for the limit.

        Raises RemoteBusy; RemoteRefused for what we do not ask for or do not pass on (an address that is not public, a
        redirect to one, no picture, too large); RemoteFailed when the other side does not answer as it should.
        """
        with self._turn(owner), _Deadline() as deadline:
            target = _target(url)
            for _ in range(1 + _REDIRECTS):
                answer = self._ask(deadline, target, "GET", None, {"Accept": "image/webp,image/png,image/*"})
                if answer.status not in _MOVED:
                    return _picture(deadline, answer)
                target = _next(target, answer.headers.get("Location", ""))
            raise errors.RemoteRefused

    def post(self, owner: str, url: str, body: bytes, content_type: str) -> int:
        """One POST over HTTPS (RFC 8058 3.1): no redirect is followed, the answer is not read. Its status.

        Raises as picture does.
        """
        with self._turn(owner), _Deadline() as deadline:
            target = _target(url)
            if target.scheme != "https":
                raise errors.RemoteRefused
            return self._ask(deadline, target, "POST", body, {"Content-Type": content_type}).status

    def document(self, url: str, largest: int, seconds: float) -> bytes:
        """What lies at an address, over HTTPS: no redirect is followed. For what a domain says of its mail servers.

        Raises as picture does; RemoteRefused also for what is larger.
        """
        with self._turn("documents"), _Deadline(seconds) as deadline:
            target = _target(url)
            if target.scheme != "https":
                raise errors.RemoteRefused
            answer = self._ask(deadline, target, "GET", None, {"Accept": "text/xml, application/xml"})
            return _content(deadline, answer, largest)

    @contextmanager
    def _turn(self, owner: str) -> Iterator[None]:
        with self._lock:
            if self._running.total() >= self._most or self._running[owner] >= self._each:
                raise errors.RemoteBusy
            self._running[owner] += 1
        try:
            yield
        finally:
            with self._lock:
                self._running[owner] -= 1
                if not self._running[owner]:
                    del self._running[owner]

    def _ask(
        self, deadline: _Deadline, target: _Target, method: str, body: bytes | None, headers: dict[str, str]
    ) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(target.host, target.port, timeout=_STEP)
        try:
            connection.sock = deadline.watch(self._connected(deadline, target))
            connection.request(method, target.path, body, {**_HEADERS, **headers, "Connection": "close"})
            return connection.getresponse()
        except (OSError, http.client.HTTPException, ValueError):
            raise errors.RemoteFailed from None

    def _connected(self, deadline: _Deadline, target: _Target) -> socket.socket:
        address = self._address(target)
        deadline.check()
        plain = deadline.watch(socket.create_connection(address, timeout=_STEP))
        if target.scheme == "http":
            return plain
        return self._context.wrap_socket(plain, server_hostname=target.host)

    def _address(self, target: _Target) -> tuple[str, int]:
        try:
            found = reach.places(
                target.host, target.port, ports=(_PORTS[target.scheme],), allowed=self._allowed, ask=self._lookup
            )
        except reach.Refused:
            raise errors.RemoteRefused from None
        return str(found[0][4][0]), int(found[0][4][1])


class _Deadline:
    """Ends everything after so many seconds: an answer that comes octet by octet keeps every shorter limit."""

    def __init__(self, seconds: float | None = None) -> None:
        seconds = _TOTAL if seconds is None else seconds
        self._end = time.monotonic() + seconds
        self._timer = threading.Timer(seconds, self._close)
        self._timer.daemon = True
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        for each in self._sockets:
            each.close()

    def watch(self, made: socket.socket) -> socket.socket:
        self._sockets.append(made)
        return made

    def check(self) -> None:
        """Raises RemoteFailed when time is over."""
        if time.monotonic() > self._end:
            raise errors.RemoteFailed

    def _close(self) -> None:
        for each in tuple(self._sockets):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


def _target(url: str) -> _Target:
    """Raises RemoteRefused for what is no plain web address."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except ValueError:
        raise errors.RemoteRefused from None
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= _LONGEST_URL
    if parts.scheme not in _PORTS or not host or parts.username is not None or not plain:
        raise errors.RemoteRefused
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Target(parts.scheme, host, port or _PORTS[parts.scheme], path)


def _next(target: _Target, location: str) -> _Target:
    """Where a redirect leads; never from HTTPS to HTTP."""
    base = f"{target.scheme}://{target.host}:{target.port}{target.path}"
    found = _target(urljoin(base, location)) if location else None
    if found is None or (target.scheme == "https" and found.scheme != "https"):
        raise errors.RemoteRefused
    return found


def _picture(deadline: _Deadline, answer: http.client.HTTPResponse) -> Fetched:
    content = _content(deadline, answer, LARGEST)
    found = picture(content)
    if found is None:
        raise errors.RemoteRefused
    return Fetched(found.type, content)


def _content(deadline: _Deadline, answer: http.client.HTTPResponse, largest: int) -> bytes:
    if answer.status != 200:
        raise errors.RemoteFailed
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise errors.RemoteRefused
    content = bytearray()
    try:
        while piece := answer.read1(64 << 10):
            content += piece
            deadline.check()
            if len(content) > largest:
                raise errors.RemoteRefused
    except (OSError, http.client.HTTPException, ValueError):
        raise errors.RemoteFailed from None
    return bytes(content)
