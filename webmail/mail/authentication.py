"""What our own server found out about a message: Authentication-Results (RFC 8601), read with patience.

Anybody may write such a field into a message. Only those count that name an authserv-id of the administrator, and of
those only the topmost block: a server puts its own above what came, and everything below the next Received field was
in the message when it arrived (RFC 8601 5). Which still asks of that server to take out what forges its name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from webmail.mail.headers import Headers

_LONGEST: Final = 16 * 1024
_MOST: Final = 100
_PAIR: Final = re.compile(r'([^\s=;]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;]+)')
_ID: Final = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^\s;]+)(?:\s+\d+)?\s*\Z')
_TAG: Final = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*(.*?)\s*\Z", re.DOTALL)


class Standing(Enum):
    """UNCHECKED: our server said nothing. VERIFIED: the domain of From. OTHER: only another domain. NONE: no domain.
    FAILED: a check of the domain of From failed and none passed."""

    UNCHECKED = "unchecked"
    VERIFIED = "verified"
    OTHER = "other"
    FAILED = "failed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Result:
    """One resinfo (RFC 8601 2.2). method: "dkim"; outcome: "pass"; properties: "header.d" -> value."""

    method: str
    outcome: str
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        """The domain that this result is about, lower case; empty when it does not say."""
        names = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom", "smtp.helo"), "dmarc": ("header.from",)}
        value = next((self.properties[n] for n in names.get(self.method, ()) if self.properties.get(n)), "")
        return value.rpartition("@")[2].lower().rstrip(".")


@dataclass(frozen=True, slots=True)
class Verdict:
    """domain: that of From, empty unless there is exactly one. others: domains verified in its place."""

    standing: Standing
    domain: str = ""
    others: tuple[str, ...] = ()
    results: tuple[Result, ...] = ()


def verdict(header: Headers, trusted: Collection[str]) -> Verdict:
    """What may be said about the domain of From. trusted: the administrator's authserv-ids; none: nothing is claimed.

    A domain is aligned when it is the one of From or a parent of it with two labels or more; that a sub-domain speaks
    for its parent is believed of DMARC only, because without a list of public suffixes we cannot know (RFC 7489 3.1).
    """
    found = results(header, trusted)
    domains = {person.domain for person in header.addresses("from")}
    domain = next(iter(domains)) if len(domains) == 1 else ""
    if not found:
        return Verdict(Standing.UNCHECKED, domain)
    dmarc = {r.outcome for r in found if r.method == "dmarc" and r.domain in ("", domain)}
    # An SPF result for the name in HELO says nothing about who writes.
    speaking = [r for r in found if r.method == "dkim" or (r.method == "spf" and r.properties.get("smtp.mailfrom"))]
    passed = dict.fromkeys(r.domain for r in speaking if r.outcome == "pass" and r.domain)
    others = tuple(other for other in passed if not aligned(domain, other))
    mine = {r.outcome for r in speaking if aligned(domain, r.domain)}
    if "fail" in dmarc:
        standing = Standing.FAILED
    elif domain and ("pass" in dmarc or "pass" in mine):
        standing = Standing.VERIFIED
    elif mine & {"fail", "permerror"}:
        standing = Standing.FAILED
    else:
        standing = Standing.OTHER if others else Standing.NONE
    return Verdict(standing, domain, others, found)


def results(header: Headers, trusted: Collection[str]) -> tuple[Result, ...]:
    """The results of our own server, at most 100; none when no authserv-id is trusted."""
    ids = {name.lower() for name in trusted}
    found: list[Result] = []
    begun = False
    for name, value in header.fields:
        field_name = name.lower()
        if begun and field_name == "received":
            break
        if field_name == "authentication-results":
            who, told = parse(value.decode("utf-8", "replace"))
            if who in ids:
                begun = True
                found += told
    return tuple(found[:_MOST])


def parse(value: str) -> tuple[str, tuple[Result, ...]]:
    """(authserv-id in lower case, results) of one field, unfolded; ("", ()) for junk. What is odd is left out."""
    pieces = _split(value[:_LONGEST])
    who = _ID.match(pieces[0])
    if who is None:
        return "", ()
    found = []
    for piece in pieces[1 : _MOST + 1]:
        pairs = [(m[1].lower(), _unquoted(m[2])) for m in _PAIR.finditer(piece)]
        if pairs:
            (method, outcome), *rest = pairs
            properties: dict[str, str] = {}
            for key, text in rest:
                properties.setdefault(key, text)
            found.append(Result(method.partition("/")[0], outcome.lower(), properties))
    return _unquoted(who[1]).lower(), tuple(found)


def signatures(header: Headers) -> tuple[Mapping[str, str], ...]:
    """The tags of each DKIM-Signature (RFC 6376 3.2), at most 20, names as written. Nothing here checks them."""
    found: list[Mapping[str, str]] = []
    for name, value in header.fields:
        if name.lower() == "dkim-signature" and len(found) < 20:
            tags = (_TAG.match(piece) for piece in value.decode("utf-8", "replace").split(";"))
            found.append({tag[1]: tag[2] for tag in tags if tag})
    return tuple(found)


def aligned(domain: str, other: str) -> bool:
    """True when `other` is `domain`, or a parent of it that is more than a top-level domain."""
    return bool(domain) and "." in other and (domain == other or domain.endswith("." + other))


def _split(value: str) -> list[str]:
    """At each ";" outside of quotes, comments taken out (RFC 5322 3.2.2)."""
    pieces: list[list[str]] = [[]]
    depth, quoted, escaped = 0, False, False
    for character in value:
        if escaped or (character == "\\" and (quoted or depth)):
            escaped = not escaped
        elif character == '"' and not depth:
            quoted = not quoted
        elif not quoted and character in "()":
            depth = max(0, depth + (1 if character == "(" else -1))
            pieces[-1].append(" ")
            continue
        elif character == ";" and not quoted and not depth:
            pieces.append([])
            continue
        if not depth:
            pieces[-1].append(character)
    return ["".join(piece) for piece in pieces]


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text[:1] == '"' and len(text) > 1 else text
