"""What a reader granted this site, for as long as the sign-in lasts: a token for now, renewed before it expires or when
a server does not take it, once for everybody who waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from webmail import errors
from webmail.mail.sasl import Token
from webmail.oauth.provider import Provider, Tokens

_EARLY: Final = 60.0
"""Seconds before its end in which a token is renewed; a tenth of its life when that is shorter."""

_JUST_NOW: Final = 30.0
"""A token younger than this that a server refuses is refused for another reason than its age: another is not asked
for, so that a locked account does not become a storm."""

_REST: Final = 5.0
"""Seconds in which a provider that did not answer is not asked again."""

Keep = Callable[[Tokens], None]


@dataclass(eq=False)
class Grant:
    """A Bearer (mail/sasl.py). keep: called with newer tokens, to put them where the sign-in finds them again. look:
    the tokens that are there, None when there are none; another machine may have renewed them, and a refresh token that
    is used twice ends everything. since: when the provider gave the tokens, by the monotonic clock."""

    provider: Provider
    name: str = field(repr=False)
    tokens: Tokens
    keep: Keep = field(repr=False, default=lambda _: None)
    look: Callable[[], Tokens | None] = field(repr=False, default=lambda: None)
    since: float = -1e9
    _asking: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _keeping: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _failed: float = -1e9
    _ended: bool = False
    _left: bool = False

    def token(self, refused: Token | None = None) -> Token:
        """As Bearer has it. Raises GrantEnded, ProviderFailed, ProviderRefused."""
        with self._asking:
            if self._ended:
                raise errors.GrantEnded
            if refused == self.tokens.access and time.monotonic() - self.since < _JUST_NOW:
                raise errors.SignInRefused
            if refused == self.tokens.access or time.time() > self.tokens.expires - self._early:
                self._renew()
            return self.tokens.access

    def leave(self) -> None:
        """The sign-in is over: nothing is kept for it any more. What is under way may still be sent."""
        with self._keeping:
            self._left = True

    def revoke(self) -> None:
        """Tell the provider that it is over. Raises ProviderFailed."""
        with self._asking:
            ended, self._ended = self._ended, True
            if self.tokens.refresh and not ended:
                self.provider.revoke(self.tokens.refresh)

    @property
    def _early(self) -> float:
        return min(_EARLY, self.tokens.life / 10)

    def _renew(self) -> None:
        there = self.look()
        if there is not None and there.refresh != self.tokens.refresh and time.time() < there.expires - self._early:
            self.since, self.tokens = time.monotonic(), there
            return
        if not self.tokens.refresh:
            self._end()
        if time.monotonic() - self._failed < _REST:
            raise errors.ProviderFailed("it did not answer a moment ago")
        try:
            newer = self.provider.refresh(self.tokens.refresh)
        except errors.GrantEnded:
            self._end()
        except errors.MailError:
            self._failed = time.monotonic()
            raise
        self.since, self.tokens = time.monotonic(), newer
        with self._keeping:
            if not self._left:
                self.keep(newer)

    def _end(self) -> None:
        self._ended = True
        raise errors.GrantEnded
