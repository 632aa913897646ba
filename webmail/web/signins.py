"""Where the reader is signed in, and ending it there: a deleted record is the end, on whatever machine that is seen."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass

from webmail.web import session
from webmail.web.services import services
from webmail.web.store import Record, owner


@dataclass(frozen=True, slots=True)
class Known:
    """One sign-in. handle: its name in a form, which opens nothing. since, seen: seconds since the epoch.

    mine: the one that asks.
    """

    handle: str
    record_key: str
    browser: str
    since: int
    seen: float
    shared: bool
    kept: bool
    mine: bool


def known() -> tuple[Known, ...]:
    """All of the reader's that last: this one first, then by when they were last used."""
    who = session.current()
    found = [_known(key, record, seen, who.record_key) for key, record, seen in _of(who.address)]
    return tuple(sorted(found, key=lambda one: (not one.mine, -one.seen)))


def end(handle: str) -> Known | None:
    """End one of the reader's, but this one; None when it is nobody's, or somebody else's."""
    found = next((one for one in known() if one.handle == handle and not one.mine), None)
    if found is not None:
        session.forget(found.record_key)
        services().watcher.nudge(session.account())
    return found


def end_others() -> int:
    """End all of the reader's but this one; how many there were."""
    others = [one for one in known() if not one.mine]
    for one in others:
        session.forget(one.record_key)
    if others:
        services().watcher.nudge(session.account())
    return len(others)


def end_all(of: str) -> int:
    """End all sign-ins of an owner (store.owner), for somebody who has just signed out; how many there were."""
    keys = [key for key, _, _ in services().store.of(of)]
    for key in keys:
        session.forget(key)
    return len(keys)


def owner_of(address: str) -> str:
    """What the records call the account of an address."""
    return owner(address, services().server_key)


def _of(address: str) -> Iterator[tuple[str, Record, float]]:
    for key, record, seen in services().store.of(owner_of(address)):
        if session.lasts(record, seen):
            yield key, record, seen


def _known(key: str, record: Record, seen: float, mine: str) -> Known:
    made = hmac.new(services().server_key.encode(), f"pennypost handle 1 {key}".encode(), hashlib.sha256)
    return Known(
        made.hexdigest()[:32], key, str(record.get("browser") or "A browser"), int(record["created"]), seen,
        bool(record.get("shared")), bool(record.get("kept")), key == mine,
    )  # fmt: skip
