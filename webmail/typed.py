"""The text of a setting as a value: yes or no, a number, networks, name servers, what a server calls its users.

Everything here raises ValueError that says what it should be.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Any, Final

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PIECE: Final = re.compile(r"\{(address|local|domain)\}")
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]{24,200}=*")
_SHARED: Final = re.compile(r"(?:rediss?://[^/\s]+(?:/\d*)?|unix://[^\s?]*/[^\s?]+)(?:\?\S*)?")
_YES, _NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


def boolean(value: Any) -> bool:
    """true, yes, on, 1; false, no, off, 0."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in _YES | _NO:
        raise ValueError(f"should be true or false, not {value!r}")
    return word in _YES


def integer(value: Any, low: int, high: int) -> int:
    """From low to high."""
    try:
        number = int(str(value).strip())
    except ValueError:
        raise ValueError(f"should be a whole number, not {value!r}") from None
    if isinstance(value, bool) or not low <= number <= high:
        raise ValueError(f"should be from {low} to {high}, not {value}")
    return number


def networks(text: str) -> tuple[Network, ...]:
    """Comma separated."""
    try:
        return tuple(ipaddress.ip_network(name.strip()) for name in text.split(",") if name.strip())
    except ValueError:
        raise ValueError("should look like 10.1.0.0/16, 2001:db8:7::/48") from None


def resolvers(text: str) -> tuple[tuple[str, int], ...]:
    """Name servers, comma separated: address and port."""
    try:
        return tuple(_resolver(name.strip()) for name in text.split(",") if name.strip())
    except ValueError:
        raise ValueError("should look like ::1, 127.0.0.1:5353, [::1]:5353") from None


def _resolver(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":") if text.count(":") == 1 or text.startswith("[") else (text, "", "53")
    if not (port.isdecimal() and 0 < int(port) < 65536):
        raise ValueError(text)
    return str(ipaddress.ip_address(host.strip("[]"))), int(port)


def login_pattern(text: str) -> bool:
    """Whether it says how a server calls its users: each of them otherwise, and on one line."""
    if text in ("address", "local"):
        return True
    told = set(PIECE.findall(text)) & {"address", "local"}
    return bool(told) and text.isprintable() and not set("{}") & set(PIECE.sub("", text)) and len(text) <= 200


def token(text: str) -> bool:
    """Whether it is long enough that nobody guesses it, and can be shown in a header (RFC 6750 2.1)."""
    return bool(_TOKEN.fullmatch(text))


def shared(url: str) -> bool:
    """Whether this can be where several machines keep what they share."""
    return _SHARED.fullmatch(url) is not None
