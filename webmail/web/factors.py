"""Second factors: one record an account, on this site and not in the mailbox, which opens to the password alone
(docs/decisions/0039-second-factor.md). The secret is sealed under the server's key; a record that does not open keeps
the door shut."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, cast

from webmail.errors import MailError, SharedAway
from webmail.web import seal, totp
from webmail.web.accounts import derived
from webmail.web.store import Record, RecordStore

TRIES: Final = ((5, 300), (30, 86400))
"""At most so many tries in so many seconds: who has the password needs twenty years of them for an even chance."""

_CHECK: Final = "0" * 64

Verdict = Literal["right", "wrong", "wait"]


class FactorUnreadable(MailError):
    """There is a second factor, and it does not open: a damaged file, or another server key. Never taken for none."""


class FactorsLost(Exception):
    """The store that all machines share had second factors, and is empty."""


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
    """Second factors by account key (web/accounts.py).

    mark: a file of this machine that says that the store, which is elsewhere, has had something in it. An empty one
    would let everybody in with a password alone, so then nobody gets in. None: the store is a directory here, whose
    owner knows what deleting it means.
    """

    def __init__(self, store: RecordStore, server_key: str, mark: Path | None = None) -> None:
        """Raises AnotherKey, FactorsLost. A store that is away is looked at when it is back."""
        self._store, self._mark = store, mark
        self._key = derived(server_key, "second factor 1")
        self._lock = threading.Lock()
        self._sure = False
        with suppress(SharedAway):
            self._check_key()

    def has(self, account: str) -> bool:
        """Whether this account has a second factor, readable or not. Raises FactorUnreadable when nobody knows."""
        try:
            self._check_key()
        except (AnotherKey, FactorsLost):
            raise FactorUnreadable from None
        return self._store.has(account)

    def codes_left(self, account: str) -> int:
        """Recovery codes not yet used. Raises FactorUnreadable."""
        return len(self._read(account)[1].codes)

    def enrol(self, account: str, secret: bytes, codes: tuple[str, ...], code: str) -> bool:
        """Keep a new second factor in place of the old, if code is one of its own; it is used up with that."""
        step = totp.step_of(secret, code, time.time(), 0)
        if step is None:
            return False
        sealed = seal.seal(secret.hex(), self._key.hex(), "", account)
        digests = [self._digest(account, each) for each in codes]
        self._store.put(account, _record(Factor(sealed, int(time.time()), step, digests, [])))
        return True

    def renew_codes(self, account: str, codes: tuple[str, ...]) -> None:
        """Other recovery codes in place of all there were. Raises FactorUnreadable."""
        digests = [self._digest(account, each) for each in codes]
        done = False
        while not done:
            record, kept = self._read(account)
            done = self._replaced(account, record, replace(kept, codes=digests))

    def check(self, account: str, typed: str) -> Verdict:
        """Judge a code, or a recovery code, and use it up. Every try counts, before it is judged. Raises
        FactorUnreadable."""
        while True:
            now = int(time.time())
            record, kept = self._read(account)
            recent = [at for at in kept.tries if 0 <= now - at < TRIES[-1][1]]
            if any(sum(now - at < seconds for at in recent) >= most for most, seconds in TRIES):
                return "wait"
            tried = replace(kept, tries=[*recent, now])
            taken = self._take(account, tried, typed, now)
            # Another machine may have taken the same code meanwhile: then it is judged anew.
            if self._replaced(account, record, taken or tried):
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

    def _read(self, account: str) -> tuple[Record, Factor]:
        kept: Any = self._store.get(account)
        try:
            # A later version may have written more, and nobody is locked out by going back.
            made = Factor(**{name: kept[0][name] for name in Factor.__slots__ if name in kept[0]})
            numbers, texts = [made.created, made.step, *made.tries], [made.sealed, *made.codes]
        except TypeError:
            raise FactorUnreadable from None
        if not all(type(each) is int for each in numbers) or not all(type(each) is str for each in texts):
            raise FactorUnreadable
        return kept[0], made

    def _replaced(self, account: str, before: Record, after: Factor) -> bool:
        with self._lock:
            return self._store.swap(account, before, {**before, **_record(after)})

    def _check_key(self) -> None:
        """Under another key no name would be found, and every account would seem to have no second factor."""
        if self._sure and (self._mark is None or self._store.has(_CHECK)):
            return
        check = hmac.new(self._key, b"check", hashlib.sha256).hexdigest()
        if not self._store.has(_CHECK):
            if self._mark is not None and self._mark.exists():
                raise FactorsLost
            self._store.swap(_CHECK, None, {"check": check})
        found = self._store.get(_CHECK)
        if found is None or json.dumps(found[0].get("check")) != json.dumps(check):
            raise AnotherKey
        if self._mark is not None:
            self._mark.touch(mode=0o600)
        self._sure = True


def _record(made: Factor) -> Record:
    return cast(Record, asdict(made))
