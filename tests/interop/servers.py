"""The servers that the flows are tried on, each behind the same few words."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from demo.accounts import ROLES as DEMO_ROLES
from demo.imap.store import Account
from demo.server import DemoServer
from tests.interop.device import Device
from tests.servers.authority import Authority
from tests.servers.courier import Courier
from tests.servers.cyrus import Cyrus
from tests.servers.dovecot import Dovecot
from tests.servers.hoodiecrow import Hoodiecrow
from tests.servers.people import Identity, Person
from tests.servers.submission import Submission

ROLES = ("Drafts", "Sent", "Archive", "Junk", "Trash")


class Server(Protocol):
    """What every server here can do."""

    port: int

    def start(self) -> Any: ...

    def stop(self) -> None: ...

    def person(self, identity: Identity) -> Person: ...


@dataclass(frozen=True)
class Kind:
    """One column of the table. fresh: the roles that a new account has a folder for; titles: where they differ."""

    title: str
    make: Callable[[Authority, Sequence[Identity]], Server]
    fresh: tuple[str, ...] = ROLES
    titles: Mapping[str, str] = field(default_factory=dict)
    password: str = "pass wörd {number} \"€\\'"
    lies: Mapping[str, str] = field(default_factory=dict)
    """Flow -> what this server answers that is not so, and spoils it."""
    told_within: float = 5
    """Seconds until the server tells a watching client about new mail."""


class Demo:
    """The embedded demo server, with its own submission."""

    def __init__(self, people: Sequence[Identity]) -> None:
        accounts = [Account(person.address, person.password, int(time.time())) for person in people]
        for account in accounts:
            for name, role in DEMO_ROLES:
                account.create(name, role)
        self.server = DemoServer(accounts)
        self.port = 0

    def start(self) -> None:
        self.server.start()
        self.port = self.server.imap_port

    def stop(self) -> None:
        self.server.stop()

    def person(self, identity: Identity) -> Person:
        context = ssl.create_default_context(cafile=str(self.server.ca_file))
        return Person(identity, self.server.host, self.port, context, separator="/")


SPAM = {"Junk": "Spam"}
GMAIL = {
    "Drafts": "[Gmail]/Drafts", "Sent": "[Gmail]/Sent Mail", "Junk": "[Gmail]/Spam", "Trash": "[Gmail]/Trash",
    "All mail": "[Gmail]/All Mail", "Starred": "[Gmail]/Starred",
}  # fmt: skip
HOODIECROW_LIES = {
    "first_words_in_the_list": "BODY[TEXT] comes without the headers of its parts",
    "reading_elsewhere_is_told": "NOOP never tells of flags that another connection set",
}
KINDS: dict[str, Kind] = {
    "dovecot": Kind('Dovecot "."', lambda authority, people: Dovecot(authority, people=people)),
    "dovecot-slash": Kind('Dovecot "/"', lambda authority, people: Dovecot(authority, people=people, layout="fs")),
    "dovecot-prefix": Kind(
        "Dovecot INBOX.", lambda authority, people: Dovecot(authority, people=people, prefix="INBOX.")
    ),
    "cyrus": Kind('Cyrus "/"', lambda authority, people: Cyrus(authority, people=people), titles=SPAM),
    "cyrus-prefix": Kind(
        "Cyrus INBOX.",
        lambda authority, people: Cyrus(authority, people=people, prefixed=True, folders=False),
        fresh=(),
    ),
    "courier": Kind(
        "Courier", lambda authority, people: Courier(authority, people=people), fresh=("Trash",), told_within=70
    ),
    "hoodiecrow-gmail": Kind(
        "Hoodiecrow [Gmail]",
        lambda authority, people: Hoodiecrow(authority, people=people, style="gmail"),
        fresh=("Drafts", "Sent", "Junk", "Trash", "All mail", "Starred"),
        titles=GMAIL,
        password="plain-{number}",
        lies=HOODIECROW_LIES,
        told_within=30,
    ),
    "hoodiecrow-minimal": Kind(
        "Hoodiecrow minimal",
        lambda authority, people: Hoodiecrow(authority, people=people),
        fresh=(),
        password="plain-{number}",
        lies=HOODIECROW_LIES,
        told_within=30,
    ),
    "demo": Kind("demo", lambda authority, people: Demo(people)),
}
EVERYDAY = ("dovecot-slash", "dovecot-prefix", "demo")
"""Tried whenever all tests run: they need nothing installed, and are not what most other tests run on already."""


class Place:
    """A server that runs, its submission server, and accounts nobody has used yet."""

    def __init__(self, name: str, authority: Authority) -> None:
        self.name, self.kind = name, KINDS[name]
        self._identities = [_identity(number, self.kind.password) for number in range(80)]
        self._unused: Iterator[Identity] = iter(self._identities)
        self._server = self.kind.make(authority, self._identities)
        self._submission: Submission | None = None
        self._authority = authority
        self.capabilities: tuple[str, ...] = ()

    def start(self) -> Place:
        """Raises foreign.Unavailable where it cannot be had, RuntimeError where it does not start."""
        self._server.start()
        if not isinstance(self._server, Demo):
            people = {identity.login: identity for identity in self._identities}
            self._submission = Submission(
                self._authority, people=self._identities,
                deliver=lambda login, raw: self._deliver(people[login], raw),
            ).start()  # fmt: skip
        with self._server.person(self._identities[-1]).imap() as client:
            self.capabilities = tuple(sorted(word.decode() for word in client.capabilities()))
        return self

    def stop(self) -> None:
        if self._submission is not None:
            self._submission.stop()
        self._server.stop()

    @property
    def imap_port(self) -> int:
        return self._server.port

    @property
    def smtp_port(self) -> int:
        return self._submission.port if self._submission else self._demo.smtp_port

    @property
    def ca_file(self) -> Path:
        return self._authority.ca_file if self._submission else self._demo.ca_file

    def newcomer(self) -> Device:
        """Somebody whose account is as new."""
        return self._device(next(self._unused))

    def _device(self, identity: Identity) -> Device:
        return Device(self._server.person(identity), self.kind.titles)

    def _deliver(self, identity: Identity, raw: bytes) -> None:
        self._device(identity).put(raw)

    @property
    def _demo(self) -> DemoServer:
        assert isinstance(self._server, Demo)
        return self._server.server


def _identity(number: int, password: str) -> Identity:
    return Identity(f"person{number:02}@example.org", password.format(number=number), f"Person {number}")
