"""The password between requests: ciphertext in the record, key in the cookie, neither alone opens it (R12). And words
that stand in an address, which only the browser that asked can make this site read."""

from __future__ import annotations

import base64
import binascii
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SealBroken(Exception):
    """Wrong key, changed ciphertext, or ciphertext of another record."""


def new_token() -> str:
    """256 random bits, URL-safe."""
    return secrets.token_urlsafe(32)


def seal(secret: str, cookie_key: str, server_key: str, record_key: str) -> str:
    """AES-256-GCM of secret; the key comes from the cookie's half and the server's half, bound to one record."""
    nonce = secrets.token_bytes(12)
    sealed = AESGCM(_key(cookie_key, server_key)).encrypt(nonce, secret.encode(), record_key.encode())
    return base64.b64encode(nonce + sealed).decode("ascii")


def unseal(sealed: str, cookie_key: str, server_key: str, record_key: str) -> str:
    """The reverse of seal. Raises SealBroken."""
    try:
        data = base64.b64decode(sealed, validate=True)
        return AESGCM(_key(cookie_key, server_key)).decrypt(data[:12], data[12:], record_key.encode()).decode()
    except (InvalidTag, ValueError, binascii.Error):
        raise SealBroken from None


def veil(words: str, cookie_key: str, server_key: str, record_key: str) -> str:
    """Words as a piece of an address, the same piece for the same words (AES-SIV, RFC 5297): it can be reloaded, gone
    back to and told apart, and says nothing without both halves of the key."""
    sealed = _siv(cookie_key, server_key).encrypt(words.encode(), [record_key.encode()])
    return base64.urlsafe_b64encode(sealed).decode("ascii").rstrip("=")


def unveil(piece: str, cookie_key: str, server_key: str, record_key: str) -> str:
    """The reverse of veil. Raises SealBroken."""
    try:
        data = base64.b64decode(piece + "=" * (-len(piece) % 4), altchars=b"-_", validate=True)
        return _siv(cookie_key, server_key).decrypt(data, [record_key.encode()]).decode()
    except (InvalidTag, ValueError, binascii.Error):
        raise SealBroken from None


def _siv(cookie_key: str, server_key: str) -> AESSIV:
    derive = HKDF(algorithm=SHA256(), length=64, salt=server_key.encode(), info=b"pennypost search 1")
    return AESSIV(derive.derive(cookie_key.encode()))


def _key(cookie_key: str, server_key: str) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=32, salt=server_key.encode(), info=b"pennypost password 1")
    return derive.derive(cookie_key.encode())
