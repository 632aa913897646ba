"""What an account is called in the files of this site: a name that nobody can read an address from."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def derived(server_key: str, purpose: str) -> bytes:
    """32 octets that serve one purpose only."""
    derive = HKDF(algorithm=SHA256(), length=32, salt=b"", info=b"pennypost " + purpose.encode())
    return derive.derive(server_key.encode())


def account_key(server_key: str, login: str, host: str) -> str:
    """64 hex digits for who this login is at this mail host; "Alice" is "alice", as mail servers have it.

    A login that is an address says by itself who it is, so that its mail host may move.
    """
    name = unicodedata.normalize("NFKC", login).strip().casefold()
    who = name if "@" in name else f"{name} {host.lower()}"
    return hmac.new(derived(server_key, "account names 1"), who.encode(), hashlib.sha256).hexdigest()
