"""Where mail servers answer, and what their login names look like: what the settings say of them, as values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from webmail import typed
from webmail.providers import OAuthClient
from webmail.typed import Network

Tls = Literal["implicit", "starttls"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one service answers. tls is never "none": both modes verify certificate and host name (R11).

    within: None where the administrator named the host. Where others did, it is connected to at public addresses only,
    and at those in these networks (reach.py).
    """

    host: str
    port: int
    tls: Tls = "implicit"
    ca_file: Path | None = None
    within: tuple[Network, ...] | None = None


@dataclass(frozen=True, slots=True)
class MailServer:
    """One mail host: where to read, where to submit, and what its login names look like.

    login: "address", "local", or a pattern of {address}, {local} and {domain}. sent_copy: False for servers that file
    sent mail themselves; appending there would make a duplicate. trusts_us: it believes what this site tells it of
    where a user comes from. oauth: the provider that lets users in, where that is not a password.
    """

    imap: Endpoint
    smtp: Endpoint
    login: str = "address"
    sent_copy: bool = True
    trusts_us: bool = False
    oauth: OAuthClient | None = None

    def login_of(self, address: str) -> str:
        """What this server calls the user with that address."""
        local, _, domain = address.rpartition("@")
        known = {"address": address, "local": local, "domain": domain}
        # In one go: what an address holds is never read as a pattern.
        return known.get(self.login) or typed.PIECE.sub(lambda found: known[found[1]], self.login)
