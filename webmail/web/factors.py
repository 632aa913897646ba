"""Second factors: one record an account, on this site and not in the mailbox, which opens to the password alone
(docs/decisions/0039-second-factor.md). The secret is sealed under the server's key; a record that does not open keeps
the door shut."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, cast

from webmail.errors import MailError
from webmail.web import seal, totp
from webmail.web.accounts import derived
from webmail.web.store import DirectoryStore, Record

TRIES: Final = ((5, 300), (30, 86400))
"""At most so many tries in so many seconds: who has the password needs twenty years of them for an even chance."""

_CHECK: Final = "0" * 64

Verdict = Literal["right", "wrong", "wait"]


class FactorUnreadable(MailError):
    """There is a second factor, and it does not open: a damaged file, or another server key. Never taken for none."""


class AnotherKey(Exception):
    """The second factors were sealed under another server key than the one that is set now."""


@dataclass(frozen=True, slots=True)
class Factor:
    """sealed: the secret. created: seconds since the epoch. step: the last half minute whose code was taken.

    codes: digests of the recovery codes that are left. tries: when codes were tried in vain, this last day.
    """

    sealed: str
    created: int
    step: int
    codes: list[str]
    tries: list[int]


class Factors:
    """Second factors by account key (web/accounts.py)."""

    def __init__(self, directory: Path, server_key: str) -> None:
        """Raises AnotherKey."""
        self._store = DirectoryStore(directory)
        self._key = derived(server_key, "second factor 1")
        self._lock = threading.Lock()
        self._check_key()

    def has(self, account: str) -> bool:
        """Whether this account has a second factor, readable or not."""
        return self._store.has(account)

    def codes_left(self, account: str) -> int:
        """Recovery codes not yet used. Raises FactorUnreadable."""
        return len(self._read(account).codes)

    def enrol(self, account: str, secret: bytes, codes: tuple[str, ...], code: str) -> bool:
        """Keep a new second factor in place of the old, if code is one of its own; it is used up with that."""
        step = totp.step_of(secret, code, time.time(), 0)
        if step is None:
            return False
        with self._lock:
            sealed = seal.seal(secret.hex(), self._key.hex(), "", account)
            digests = [self._digest(account, each) for each in codes]
            self._write(account, Factor(sealed, int(time.time()), step, digests, []))
        return True

    def renew_codes(self, account: str, codes: tuple[str, ...]) -> None:
        """Other recovery codes in place of all there were. Raises FactorUnreadable."""
        with self._lock:
            kept = self._read(account)
            self._write(account, replace(kept, codes=[self._digest(account, each) for each in codes]))

    def check(self, account: str, typed: str) -> Verdict:
        """Judge a code, or a recovery code, and use it up. Every try counts, before it is judged. Raises
        FactorUnreadable."""
        with self._lock:
            now = int(time.time())
            kept = self._read(account)
            recent = [at for at in kept.tries if 0 <= now - at < TRIES[-1][1]]
            if any(sum(now - at < seconds for at in recent) >= most for most, seconds in TRIES):
                return "wait"
            kept = replace(kept, tries=[*recent, now])
            taken = self._take(account, kept, typed, now)
            self._write(account, taken or kept)
        return "right" if taken else "wrong"

    def remove(self, account: str) -> bool:
        """Forget it; False when there was none."""
        with self._lock:
            there = self._store.has(account)
            self._store.delete(account)
            return there

    def _take(self, account: str, kept: Factor, typed: str, now: int) -> Factor | None:
        plain = totp.plain_recovery_code(typed)
        digest = self._digest(account, plain) if plain else ""
        if digest in kept.codes:
            return replace(kept, codes=[each for each in kept.codes if each != digest], tries=[])
        step = totp.step_of(self._secret(account, kept), typed, now, kept.step)
        return replace(kept, step=step, tries=[]) if step is not None else None

    def _secret(self, account: str, kept: Factor) -> bytes:
        try:
            return bytes.fromhex(seal.unseal(kept.sealed, self._key.hex(), "", account))
        except seal.SealBroken:
            raise FactorUnreadable from None

    def _digest(self, account: str, code: str) -> str:
        said = f"{account} {totp.plain_recovery_code(code)}".encode()
        return hmac.new(self._key, said, hashlib.sha256).hexdigest()

    def _read(self, account: str) -> Factor:
        kept: Any = self._store.get(account)
        try:
            made = Factor(**kept[0])
            numbers, texts = [made.created, made.step, *made.tries], [made.sealed, *made.codes]
        except TypeError:
            raise FactorUnreadable from None
        if not all(type(each) is int for each in numbers) or not all(type(each) is str for each in texts):
            raise FactorUnreadable
        return made

    def _write(self, account: str, made: Factor) -> None:
        self._store.put(account, cast(Record, asdict(made)))

    def _check_key(self) -> None:
        """Under another key no name would be found, and every account would seem to have no second factor."""
        mark = hmac.new(self._key, b"check", hashlib.sha256).hexdigest()
        if not self._store.has(_CHECK):
            self._store.put(_CHECK, {"check": mark})
            return
        found = self._store.get(_CHECK)
        if found is None or json.dumps(found[0].get("check")) != json.dumps(mark):
            raise AnotherKey
