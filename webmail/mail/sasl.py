"""What signs somebody in (RFC 4422): a password, or a token of a provider that renews itself (RFC 7628, XOAUTH2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from webmail import errors

T = TypeVar("T")

MECHANISMS: Final = ("OAUTHBEARER", "XOAUTH2")
"""Those that carry a token, the standard one first."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/-]{1,16000}=*")
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Token:
    """An access token (RFC 6750 2.1)."""

    value: str = field(repr=False)


class Bearer(Protocol):
    """Who can show a token, again and again."""

    @property
    def name(self) -> str:
        """A secret of this sign-in that stays when its tokens change: what the connection pool knows it by."""

    def token(self, refused: Token | None = None) -> Token:
        """A token for now. refused: what a server did not take; another than that.

        Raises GrantEnded when there is no other, ProviderFailed when the provider cannot be asked.
        """


Secret = str | Bearer
"""A password, or a bearer."""


def shown(secret: Secret, attempt: Callable[[str | Token], T], refused: type[errors.MailError]) -> T:
    """Attempt it with the password, or with a token; once more with another when the server does not take the first.

    refused: how the attempt says that. Raises what attempt and Bearer.token raise.
    """
    if isinstance(secret, str):
        return attempt(secret)
    token = secret.token()
    try:
        return attempt(token)
    except refused:
        pass
    return attempt(secret.token(refused=token))


def mechanism(offered: Collection[str]) -> str:
    """Which of the offered mechanisms (upper case) carries a token. Raises ServerRefused."""
    for name in MECHANISMS:
        if name in offered:
            return name
    raise errors.ServerRefused("the server takes no tokens: it offers neither OAUTHBEARER nor XOAUTH2")


def response(name: str, login: str, token: Token, host: str, port: int) -> bytes:
    """The initial response of that mechanism. Raises UnsafeText for what would end a field (R9)."""
    if _UNSAFE.search(login) or _UNSAFE.search(host) or not _TOKEN.fullmatch(token.value):
        raise errors.UnsafeText
    if name == "XOAUTH2":
        return f"user={login}\x01auth=Bearer {token.value}\x01\x01".encode()
    # A saslname (RFC 5801 4): what separates is written otherwise.
    who = login.replace("=", "=3D").replace(",", "=2C")
    return f"n,a={who},\x01host={host}\x01port={port}\x01auth=Bearer {token.value}\x01\x01".encode()


def surrender(name: str) -> bytes:
    """What to say to the error that the server tells as a challenge (RFC 7628 3.2.3): then it says no."""
    return b"AQ==" if name == "OAUTHBEARER" else b""
