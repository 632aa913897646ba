"""Addresses (RFC 5322 3.4): the value, reading received ones with patience and typed ones with care."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from webmail.errors import BadAddress
from webmail.mail import addresslist
from webmail.mail.names import clean_line
from webmail.mail.words import decode_words

MOST: Final = 1000
"""Addresses read from one field or typed into one (R15)."""

_LONGEST: Final = 254  # RFC 5321 4.5.3.1.3, less the angle brackets
_LONGEST_LOCAL: Final = 64
_LONGEST_LABEL: Final = 300
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_ATOM: Final = r"[^\s\x00-\x20\x7f()<>\[\]:;@\\,.\"]+"
_LOCAL: Final = re.compile(rf'{_ATOM}(?:\.{_ATOM})*|"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*"')
_LABEL: Final = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*|\[(?:IPv6:)?[0-9A-Fa-f:.]+\]")
_PLAIN_NAME: Final = re.compile(r"[^()<>\[\]:;@\\,.\"\x00-\x1f\x7f]*")


@dataclass(frozen=True, slots=True)
class Address:
    """name: decoded display name without controls and bidi marks, may be empty. address: addr-spec, may be empty."""

    name: str
    address: str

    @property
    def local(self) -> str:
        """What stands before the last @."""
        return self.address.rpartition("@")[0]

    @property
    def domain(self) -> str:
        """What stands after the last @, lower case; empty without an @."""
        return self.address.rpartition("@")[2].lower() if "@" in self.address else ""

    @property
    def label(self) -> str:
        """A short name for a list: the display name, unless it is empty or poses as another address (R19)."""
        posing = "@" in self.name and self.name.strip("'\" ").lower() != self.address.lower()
        return (self.address if self.address and (posing or not self.name) else self.name)[:_LONGEST_LABEL]


def parse(value: str) -> tuple[Address, ...]:
    """Addresses of a received field, in order, groups flattened, at most 1000; never raises.

    value: the field unfolded, encoded words still in place: they are decoded after the commas are understood
    (RFC 2047 6.2).
    """
    found = []
    for entry in addresslist.read(value, most=MOST):
        name = clean_line(decode_words(entry.name))
        spec = clean_line(entry.address)
        if not spec.startswith('"'):
            spec = spec.replace(" ", "")
        if name or spec:
            found.append(Address(name, spec))
    return tuple(found)


def parse_typed(text: str) -> tuple[Address, ...]:
    """Addresses as a person types or pastes them, separated by comma, semicolon or line end.

    Quoted names, groups, comments and international domains are understood. Raises BadAddress with the refused pieces:
    no address in them, controls (CR, LF, NUL...), or more than 1000.
    """
    joined = re.sub(r"\r\n|\r|\n", ",", text.strip()).replace("\t", " ")
    found: list[Address] = []
    refused: list[str] = []
    for entry in addresslist.read(joined, most=MOST + 1):
        words = entry.raw.split()
        if len(words) > 1 and all(valid(word) for word in words):  # "a@x b@y": spaces did the work of commas
            found.extend(Address("", word) for word in words)
        elif _CONTROL.search(entry.raw) is None and valid(spec := clean_line(entry.address)):
            found.append(Address(clean_line(entry.name), spec))
        else:
            refused.append(clean_line(entry.raw))
    if refused or len(found) > MOST:
        raise BadAddress(tuple(refused))
    return tuple(found)


def valid(spec: str) -> bool:
    """True for an addr-spec that may be written into a header and given to SMTP (RFC 5321 4.1.2, RFC 6531 3.3)."""
    local, at, domain = spec.rpartition("@")
    long = len(spec.encode("utf-8", "replace")) > _LONGEST or len(local.encode("utf-8", "replace")) > _LONGEST_LOCAL
    if not at or long:
        return False
    return _LOCAL.fullmatch(local) is not None and _DOMAIN.fullmatch(domain) is not None


def wire(spec: str) -> str:
    """The same address with its domain in ASCII (punycode), as headers and SMTP without SMTPUTF8 want it.

    A local part that is not ASCII leaves the whole as it is: without SMTPUTF8 (RFC 6531) it cannot be sent at all.
    """
    local, at, domain = spec.rpartition("@")
    if domain.isascii() or not local.isascii():
        return spec
    return f"{local}{at}{domain_on_the_wire(domain) or domain}"


def domain_on_the_wire(domain: str) -> str | None:
    """A domain in ASCII, lower case when it had to be encoded; None for what is no domain."""
    try:
        ascii_form = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return ascii_form if _DOMAIN.fullmatch(ascii_form) else None


def form(address: Address) -> str:
    """'Name <a@b>' for a form field or a line of text: parse_typed() gives the same value back."""
    if not address.name:
        return address.address
    name = address.name
    if _PLAIN_NAME.fullmatch(name) is None:
        name = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return f"{name} <{address.address}>" if address.address else name
