"""Where this site connects to when others name the host: public addresses only. A name is looked up once and what was
found is what is connected to, so that no second answer of the DNS leads inside (R11, R23)."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

from webmail import errors
from webmail.config import Network

Lookup = Callable[..., Sequence[tuple[Any, ...]]]
Place = tuple[Any, ...]
"""What getaddrinfo answers: family, type, protocol, name, address."""

MAIL_PORTS: Final = frozenset({993, 143, 465, 587})
"""Of a server that its domain named itself: we are nobody's port scanner."""

lookup: Lookup = socket.getaddrinfo

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class Refused(Exception):
    """One of its addresses is not public, or the port is not one of those."""


def places(
    host: str, port: int, *, ports: Collection[int], allowed: Sequence[Network], ask: Lookup | None = None
) -> Sequence[Place]:
    """The addresses of a host that somebody else named, looked up once.

    A name with even one address that is not public is refused whole. allowed: networks that are reached although not
    public, by any port: an administrator's own, or a test's. Raises Refused, and OSError or UnicodeError as the lookup.
    """
    found = (ask or lookup)(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
    listed = bool(addresses) and all(any(one in net for net in allowed) for one in addresses)
    if not listed and not (addresses and all(map(public, addresses)) and port in ports):
        raise Refused
    return found


def of_server(host: str, port: int, within: Sequence[Network] | None) -> Sequence[Place]:
    """The addresses of a mail server. within: as Endpoint.within. Raises ServerInside, and as the lookup does."""
    if within is None:
        return lookup(host, port, type=socket.SOCK_STREAM)
    try:
        return places(host, port, ports=MAIL_PORTS, allowed=within)
    except Refused:
        raise errors.ServerInside from None


def public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether it is of the public internet, and what it wraps (4-mapped, 6to4, Teredo, NAT64) is so, too."""
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if wrapped is None and address in _NAT64:
            wrapped = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if wrapped is not None:
            return public(wrapped)
    return address.is_global and not address.is_multicast and not address.is_reserved
