"""Where passkeys lie: one record an account. What it holds of a password is a ciphertext that only the passkey's own
device gives the key to (docs/decisions/0038-passkeys.md); nothing here opens one."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, cast

from webmail.web.store import Record, RecordStore

MOST: Final = 20
"""Passkeys of one account."""

TICKET_SECONDS: Final = 120
TRIES: Final = 5
TRY_SECONDS: Final = 300
_MOST_COUNTED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Passkey:
    """credential: its id, base64url. public_key: COSE (RFC 9052), base64url. counter: signatures made, as it said.

    created, used: seconds since the epoch, used 0 for never. sealed: the ciphertext as the browser made it, "" for none
    yet. latest: when the last challenge that it answered was made, nanoseconds. ticket: digest of the proof that was
    given out for the last answer, "" once it was taken.
    """

    credential: str
    public_key: str
    counter: int
    name: str
    created: int
    used: int = 0
    sealed: str = ""
    latest: int = 0
    ticket: str = ""

    @property
    def id(self) -> str:
        """What a form calls it."""
        return hashlib.sha256(self.credential.encode()).hexdigest()[:32]


class Vault:
    """Passkeys by account key (web/accounts.py). Deleting what is in its store costs typing a password, and nothing
    else."""

    def __init__(self, store: RecordStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._tries: OrderedDict[str, list[float]] = OrderedDict()

    def of(self, account: str) -> tuple[Passkey, ...]:
        """The passkeys of an account, oldest first."""
        return self._read(account)[1]

    def find(self, account: str, id: str) -> Passkey | None:
        """One of them by what a form calls it."""
        return next((each for each in self.of(account) if each.id == id), None)

    def add(self, account: str, made: Passkey) -> bool:
        """Keep a new one; False when it is there already, or there are too many."""

        def more(kept: tuple[Passkey, ...]) -> tuple[Passkey, ...] | None:
            if len(kept) >= MOST or any(each.credential == made.credential for each in kept):
                return None
            return (*kept, made)

        return self._work(account, more)

    def change(self, account: str, id: str, work: Callable[[Passkey], Passkey | None]) -> Passkey | None:
        """Replace one by what work makes of it as it is now, with nobody in between; None leaves it, or it is gone.

        work may be called again, when another machine was in between.
        """
        new: Passkey | None = None

        def changed(kept: tuple[Passkey, ...]) -> tuple[Passkey, ...] | None:
            nonlocal new
            old = next((each for each in kept if each.id == id), None)
            new = work(old) if old else None
            return tuple(new if each is old else each for each in kept) if new else None

        return new if self._work(account, changed) else None

    def remove(self, account: str, id: str) -> bool:
        """Forget one; False when there is none such."""

        def fewer(kept: tuple[Passkey, ...]) -> tuple[Passkey, ...] | None:
            rest = tuple(each for each in kept if each.id != id)
            return rest if len(rest) < len(kept) else None

        return self._work(account, fewer)

    def forget(self, account: str) -> bool:
        """Forget all of an account; False when there were none."""
        with self._lock:
            there = self._store.has(account)
            self._store.delete(account)
            return there

    def spend(self, account: str, ticket: str) -> bool:
        """Whether this proof was given out for a passkey of this account, lately, and was not taken before."""
        digest = ticket_digest(ticket)

        def take(key: Passkey) -> Passkey | None:
            fits = secrets.compare_digest(key.ticket, digest) and 0 <= time.time() - key.used < TICKET_SECONDS
            return replace(key, ticket="") if fits else None

        return any(self.change(account, each.id, take) for each in self.of(account) if each.ticket)

    def may_try(self, sign_in: str) -> bool:
        """Count one more try of somebody who is asked to prove who they are; False when there were too many lately."""
        with self._lock:
            now = time.monotonic()
            recent = [at for at in self._tries.pop(sign_in, []) if now - at < TRY_SECONDS]
            self._tries[sign_in] = recent if len(recent) >= TRIES else [*recent, now]
            if len(self._tries) > _MOST_COUNTED:
                self._tries.popitem(last=False)
            return len(recent) < TRIES

    def stop_counting(self, sign_in: str) -> None:
        """They have proved it."""
        with self._lock:
            self._tries.pop(sign_in, None)

    def _read(self, account: str) -> tuple[Record | None, tuple[Passkey, ...]]:
        found: Any = self._store.get(account)
        kept = found[0].get("passkeys") if found else None
        return found and found[0], tuple(filter(None, map(_passkey, kept))) if isinstance(kept, list) else ()

    def _work(self, account: str, work: Callable[[tuple[Passkey, ...]], tuple[Passkey, ...] | None]) -> bool:
        """Write what work makes of those that are there; False when it makes None."""
        with self._lock:
            while True:
                record, kept = self._read(account)
                made = work(kept)
                if made is None:
                    return False
                after = cast(Record, {**(record or {}), "passkeys": _written(record, made)}) if made else None
                if self._store.swap(account, record, after):
                    return True


def ticket_digest(ticket: str) -> str:
    """What is kept of a proof."""
    return hashlib.sha256(ticket.encode()).hexdigest()


def _written(record: Any, made: tuple[Passkey, ...]) -> list[dict[str, Any]]:
    """As JSON, with what a later version wrote beside the fields that are known here."""
    before = {each["credential"]: each for each in (record or {}).get("passkeys", ()) if _passkey(each)}
    return [{**before.get(each.credential, {}), **asdict(each)} for each in made]


def _passkey(kept: Any) -> Passkey | None:
    """A passkey out of JSON; None for what is none."""
    try:
        made = Passkey(**{name: kept[name] for name in Passkey.__slots__ if name in kept})
    except TypeError:
        return None
    as_it_should_be = all(type(value) is type(getattr(_EXAMPLE, name)) for name, value in asdict(made).items())
    return made if as_it_should_be else None


_EXAMPLE: Final = Passkey("", "", 0, "", 0)
