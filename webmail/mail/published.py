"""What a domain publishes of its mail servers (RFC 6186, RFC 8314, Mozilla autoconfig), read as strangers' words."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal
from xml.parsers import expat

Tls = Literal["implicit", "starttls"]

LARGEST: Final = 64 << 10
"""Octets of an autoconfig document."""

_HOST: Final = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_SOCKETS: Final[dict[str, Tls]] = {"SSL": "implicit", "STARTTLS": "starttls"}
_PASSWORDS: Final = frozenset({"password-cleartext", "plain"})
"""The second is what documents of before 2010 have."""

_NAMES: Final = {"%EMAILADDRESS%": "address", "%EMAILLOCALPART%": "local", "": "address"}
_PLACEHOLDERS: Final = (("%EMAILADDRESS%", "{address}"), ("%EMAILLOCALPART%", "{local}"), ("%EMAILDOMAIN%", "{domain}"))
_FIELDS: Final = frozenset({"hostname", "port", "socketType", "username", "authentication"})
_KINDS: Final = {"incomingServer": "imap", "outgoingServer": "smtp"}
_DEEPEST: Final = 20
_MOST_SERVERS: Final = 40


@dataclass(frozen=True, slots=True)
class Place:
    """Where one service is to be. host: in ASCII and lower case, no number."""

    host: str
    port: int
    tls: Tls = "implicit"


@dataclass(frozen=True, slots=True)
class Published:
    """Where to read, where to submit, and what login names look like: "address", "local" or a pattern."""

    imap: Place
    smtp: Place
    login: str = "address"


@dataclass(frozen=True, slots=True)
class Service:
    """One SRV record (RFC 2782)."""

    priority: int
    weight: int
    port: int
    target: str


def to_text(found: Published) -> str:
    """For a record, the same text for the same servers."""
    places = [[one.host, one.port, one.tls] for one in (found.imap, found.smtp)]
    return json.dumps([*places, found.login], separators=(",", ":"))


def from_text(text: str) -> Published | None:
    """The reverse of to_text, which had to be shown to be ours before; None for what it never makes."""
    try:
        imap, smtp, login = json.loads(text)
        places = [Place(str(hostname(host)), int(port), tls) for host, port, tls in (imap, smtp)]
    except (ValueError, TypeError, AttributeError):
        return None
    found = Published(places[0], places[1], str(login))
    return found if to_text(found) == text and {one.tls for one in places} <= set(_SOCKETS.values()) else None


def hostname(text: str) -> str | None:
    """A host's name in ASCII, lower case and without a final dot; None for anything else, numbers above all."""
    name = text.strip().rstrip(".").lower()
    return name if name.isascii() and _HOST.fullmatch(name) else None


def within(host: str, domain: str) -> bool:
    """Whether a host is the domain or lies in it. Both as hostname gives them."""
    return host == domain or host.endswith(f".{domain}")


def chosen(services: Sequence[Service], domain: str, tls: Tls) -> Place | None:
    """The first of the records that lies in its domain.

    Whoever answers DNS questions for somebody else's domain could name a host of their own, with a certificate that is
    right for it; inside the domain they have none. So what lies elsewhere is not believed (RFC 6186 6, RFC 7817 3).
    """
    for each in sorted(services, key=lambda one: (one.priority, -one.weight)):
        host = hostname(each.target)
        if host is not None and within(host, domain) and 0 < each.port < 65536:
            return Place(host, each.port, tls)
    return None


def autoconfig(octets: bytes) -> Published | None:
    """The servers of an autoconfig document: the first with TLS from the beginning, else the first with STARTTLS, that
    take a password. None when it names none, is too large, is no XML, or brings a DTD (and so entities)."""
    if len(octets) > LARGEST:
        return None
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.begins
    parser.EndElementHandler = reader.ends
    parser.CharacterDataHandler = reader.says
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(octets, True)
    except (expat.ExpatError, ValueError, LookupError):
        return None
    imap, smtp = _best(reader.servers, "imap"), _best(reader.servers, "smtp")
    if imap is None or smtp is None:
        return None
    return Published(imap[0], smtp[0], imap[1])


def _refuse(*_: object) -> None:
    raise ValueError("a document type")


@dataclass(slots=True)
class _Reader:
    """kind, facts: of the server that is being read."""

    servers: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    facts: dict[str, list[str]] | None = None
    text: str | None = None

    def begins(self, name: str, given: dict[str, str]) -> None:
        self.path.append(name)
        if len(self.path) > _DEEPEST:
            raise ValueError("too deep")
        self.text = None
        if self.path[:2] == ["clientConfig", "emailProvider"] and len(self.path) == 3:
            kind = given.get("type") if _KINDS.get(name) == given.get("type") else None
            if kind is not None and len(self.servers) < _MOST_SERVERS:
                self.facts = {}
                self.servers.append((kind, self.facts))
        elif len(self.path) == 4 and self.facts is not None and name in _FIELDS:
            self.text = ""

    def says(self, text: str) -> None:
        if self.text is not None:
            self.text += text

    def ends(self, name: str) -> None:
        self.path.pop()
        if self.text is not None and self.facts is not None:
            self.facts.setdefault(name, []).append(self.text.strip())
        self.text = None
        if len(self.path) == 2:
            self.facts = None


def _best(servers: Sequence[tuple[str, dict[str, list[str]]]], kind: str) -> tuple[Place, str] | None:
    usable = [found for told, facts in servers if told == kind and (found := _server(facts)) is not None]
    return min(usable, key=lambda found: found[0].tls != "implicit", default=None)


def _server(facts: dict[str, list[str]]) -> tuple[Place, str] | None:
    """Place and login, unless it wants no TLS or no password, or is not to be understood."""
    host = hostname(_one(facts, "hostname"))
    tls = _SOCKETS.get(_one(facts, "socketType"))
    port, login = _one(facts, "port"), _login(_one(facts, "username"))
    number = int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 0
    if not _PASSWORDS & set(facts.get("authentication", ["password-cleartext"])):
        return None
    return (Place(host, number, tls), login) if host and tls and login and 0 < number < 65536 else None


def _one(facts: dict[str, list[str]], name: str) -> str:
    return facts.get(name, [""])[0]


def _login(username: str) -> str | None:
    """A login name as config.MailServer has it; None for what is a name of one person, or asks for one."""
    if username in _NAMES:
        return _NAMES[username]
    pattern = username
    if "{" in pattern or "}" in pattern:
        return None
    for theirs, ours in _PLACEHOLDERS:
        pattern = pattern.replace(theirs, ours)
    plain = pattern.isprintable() and "%" not in pattern and len(pattern) <= 200
    return pattern if plain and ("{local}" in pattern or "{address}" in pattern) else None
