"""Codes of six digits that change every half minute (TOTP, RFC 6238 over RFC 4226), and codes for a lost phone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Final
from urllib.parse import quote

STEP_SECONDS: Final = 30
DIGITS: Final = 6
_SKEW: Final = 1
"""Steps by which a phone's clock may differ."""

_SECRET_OCTETS: Final = 20
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
RECOVERY_CODES: Final = 10
_RECOVERY_LENGTH: Final = 12


def new_secret() -> bytes:
    """As long as the hash, as RFC 4226 section 4 asks."""
    return secrets.token_bytes(_SECRET_OCTETS)


def code_at(secret: bytes, step: int) -> str:
    """The code of one half minute (RFC 4226 section 5.3)."""
    digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    at = digest[-1] & 15
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_of(secret: bytes, code: str, now: float, after: int) -> int | None:
    """The step that this code belongs to, now or one beside; None for a wrong one. Steps up to after are used up (RFC
    6238 section 5.2)."""
    digits = "".join(code.split())
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    here = int(now) // STEP_SECONDS
    found = None
    for step in range(here - _SKEW, here + _SKEW + 1):
        if hmac.compare_digest(code_at(secret, step), digits) and step > after:
            found = step
    return found


def in_letters(secret: bytes) -> str:
    """The secret as people type it into an app: groups of four letters (base32)."""
    text = base64.b32encode(secret).decode("ascii")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def uri(secret: bytes, address: str, site: str) -> str:
    """What the picture says to an app."""
    plain = base64.b32encode(secret).decode("ascii").rstrip("=")
    name, who = quote(site, safe=""), quote(address, safe="@")
    return (
        f"otpauth://totp/{name}:{who}?secret={plain}&issuer={name}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"
    )


def new_recovery_codes() -> tuple[str, ...]:
    """Each opens the door once, in place of the phone: 59 bits, without letters that look alike."""
    made = ("".join(secrets.choice(_LETTERS) for _ in range(_RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES))
    return tuple("-".join(code[at : at + 4] for at in range(0, _RECOVERY_LENGTH, 4)) for code in made)


def plain_recovery_code(typed: str) -> str:
    """As it was written down: with or without strokes and spaces, in any case; "" for what cannot be one."""
    plain = "".join(each for each in typed.casefold() if each not in "- \t")
    return plain if len(plain) == _RECOVERY_LENGTH and set(plain) <= set(_LETTERS) else ""
