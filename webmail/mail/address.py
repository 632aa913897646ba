"""Addresses (RFC 5322 3.4): the value, reading received ones with patience and typed ones with care."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from webmail.errors import BadAddress
from webmail.mail import addresslist, lookalike
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
_LABEL: Final = r"[A-Za-z0-9](?:[\w-]{0,61}[A-Za-z0-9])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*|\[(?:IPv6:)?[0-9A-Fa-f:.]+\]", re.ASCII)
_DOTS: Final = re.compile("[.\u3002\uff0e\uff61]")  # RFC 3490 3.1
_KEPT_BY_2008: Final = re.compile("[\u00df\u03c2]")
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
    if _LOCAL.fullmatch(local) is None:
        return False
    # Letters, numbers, and the marks that some scripts cannot be written without.
    fit = domain.isascii() or all(c in "-.\u3002\uff0e\uff61" or unicodedata.category(c)[0] in "LMN" for c in domain)
    return fit and domain_on_the_wire(domain) is not None


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
        ascii_form = domain if domain.isascii() else ".".join(map(_a_label, _DOTS.split(domain)))
    except UnicodeError:
        return None
    return ascii_form if _DOMAIN.fullmatch(ascii_form) else None


def _a_label(label: str) -> str:
    """One label in ASCII (RFC 5890 2.3.2.1). Raises UnicodeError.

    The codec of the standard library is the older IDNA 2003, which makes "ss" of a sharp s: another domain, perhaps
    another owner. Letters that the two read differently are encoded as they are, as browsers do (UTS 46).
    """
    if not _KEPT_BY_2008.search(label):
        return label.encode("idna").decode("ascii") if label else ""
    encoded = "xn--" + unicodedata.normalize("NFC", label.lower()).encode("punycode").decode("ascii")
    if len(encoded) > 63:
        raise UnicodeError("a label of more than 63 octets")
    return encoded


def for_eyes(address: Address) -> Address:
    """The address as a reader should see it: its domain in letters, but as xn-- where those letters pose as others."""
    local, at, domain = address.address.rpartition("@")
    if not at or ("xn--" not in domain.lower() and domain.isascii()):
        return address
    shown = domain_on_the_wire(domain) if lookalike.posing(domain) else lookalike.readable(domain)
    spec = f"{local}{at}{shown or domain}"
    return Address(address.name, spec) if wire(spec) == wire(address.address) else address


def form(address: Address) -> str:
    """'Name <a@b>' for a form field or a line of text: parse_typed() gives the same value back."""
    if not address.name:
        return address.address
    name = address.name
    if _PLAIN_NAME.fullmatch(name) is None:
        name = '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'
    return f"{name} <{address.address}>" if address.address else name
