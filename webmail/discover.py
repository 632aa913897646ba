"""Which mail servers an address has, where the administrator lets its domain say so: the only room that asks the DNS
for more than addresses. What may be believed, and why: docs/decisions/0033."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import dns.exception
import dns.rdatatype
import dns.resolver

from webmail import errors
from webmail.config import Endpoint, MailServer, Network
from webmail.mail import hosters, published
from webmail.mail.published import Place, Published, Service

Fetch = Callable[[str, int, float], bytes]
"""The document at an address (https): its URL, the octets it may have at most, and the seconds."""

_KEPT: Final = 3600.0
_MISSED: Final = 300.0
_MOST: Final = 2000
_BUDGET: Final = 12.0
_STEP: Final = 3.0
"""Seconds: an answer is believed; that there is none; domains remembered; for one domain in all, and for one step."""

_SERVICES: Final[tuple[tuple[str, str, published.Tls], ...]] = (
    ("imap", "_imaps._tcp", "implicit"), ("imap", "_imap._tcp", "starttls"),
    ("smtp", "_submissions._tcp", "implicit"), ("smtp", "_submission._tcp", "starttls"),
)  # fmt: skip
_DOCUMENTS: Final = (
    "https://autoconfig.{domain}/mail/config-v1.1.xml",
    "https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml",
)


class Finder:
    """Asks once and remembers. Safe between threads.

    fetch: how a document is got over HTTPS. ca_file: as Endpoint's. within: networks that servers may lie in although
    not public. nameservers: address and port of each; none means the system's. most: turns at the same time. clock:
    seconds, never going back.
    """

    def __init__(
        self, fetch: Fetch, *, ca_file: Path | None, within: tuple[Network, ...],
        nameservers: Sequence[tuple[str, int]] = (), most: int = 8, clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._fetch, self._ca_file, self._within, self._clock = fetch, ca_file, within, clock
        self._nameservers = tuple(nameservers)
        self._known: OrderedDict[str, tuple[float, Published | None]] = OrderedDict()
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(most)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Inside, somebody waits for servers that strangers chose: a few at a time, so that slow ones leave threads for
        everybody else. Raises DomainUnanswered at once when there are enough."""
        if not self._turns.acquire(blocking=False):
            raise errors.DomainUnanswered
        try:
            yield
        finally:
            self._turns.release()

    def find(self, domain: str) -> Published | None:
        """The servers of a domain; None when it publishes none that can be believed.

        domain: as after the @. Raises DomainUnanswered when that cannot be told at this moment.
        """
        name = _in_ascii(domain)
        return self._remembered(name) if name is not None else None

    def server(self, found: Published) -> MailServer:
        """What a domain publishes, as the administrator's map would have it, but for where it may lie."""
        return MailServer(self._endpoint(found.imap), self._endpoint(found.smtp), found.login)

    def _endpoint(self, place: Place) -> Endpoint:
        return Endpoint(place.host, place.port, place.tls, self._ca_file, self._within)

    def _remembered(self, name: str) -> Published | None:
        with self._lock:
            until, found = self._known.get(name, (0.0, None))
            if self._clock() < until:
                return found
        found = _Search(name, self._fetch, self._resolver()).run()
        with self._lock:
            self._known.pop(name, None)
            self._known[name] = self._clock() + (_KEPT if found else _MISSED), found
            while len(self._known) > _MOST:
                self._known.popitem(last=False)
        return found

    def _resolver(self) -> dns.resolver.Resolver:
        resolver = dns.resolver.Resolver(configure=not self._nameservers)
        if self._nameservers:
            resolver.nameservers = [dns.nameserver.Do53Nameserver(*each) for each in self._nameservers]
        return resolver


class _Search:
    """One domain. failed: something did not answer, so that "none" would be a guess."""

    def __init__(self, domain: str, fetch: Fetch, resolver: dns.resolver.Resolver) -> None:
        self._domain, self._fetch, self._resolver = domain, fetch, resolver
        self._end = time.monotonic() + _BUDGET
        self._failed = False

    def run(self) -> Published | None:
        found = self._services() or self._documents() or hosters.behind(self._exchanges())
        if found is None and self._failed:
            raise errors.DomainUnanswered
        return found

    def _services(self) -> Published | None:
        """RFC 6186 and RFC 8314: both services, or it is not believed that this is meant."""
        found: dict[str, Place] = {}
        for kind, label, tls in _SERVICES:
            if kind not in found and (kind == "imap" or "imap" in found):
                records = [
                    Service(one.priority, one.weight, one.port, one.target.to_text())
                    for one in self._ask(f"{label}.{self._domain}", "SRV")
                ]
                if place := published.chosen(records, self._domain, tls):
                    found[kind] = place
        return Published(found["imap"], found["smtp"]) if len(found) == 2 else None

    def _documents(self) -> Published | None:
        """Mozilla's autoconfig, at the domain itself, over HTTPS only. The address is not told: nobody needs it."""
        for address in _DOCUMENTS:
            try:
                document = self._fetch(address.format(domain=self._domain), published.LARGEST, self._left())
            except errors.RemoteBusy:
                self._failed = True
                continue
            except errors.MailError:
                # Most domains have no such host: not to be there is an answer.
                continue
            if found := published.autoconfig(document):
                return found
        return None

    def _exchanges(self) -> list[tuple[int, str]]:
        return [(one.preference, one.exchange.to_text()) for one in self._ask(self._domain, "MX")]

    def _ask(self, name: str, kind: str) -> Sequence[Any]:
        try:
            answer = self._resolver.resolve(f"{name}.", kind, lifetime=self._left(), search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.exception.DNSException, OSError, ValueError):
            self._failed = True
            return ()
        return list(answer)

    def _left(self) -> float:
        return max(0.1, min(_STEP, self._end - time.monotonic()))


def _in_ascii(domain: str) -> str | None:
    try:
        return published.hostname(domain.encode("idna").decode("ascii"))
    except UnicodeError:
        return None
