"""What a site remembers, and where: files of this machine, or what all its machines share. Nobody else knows which."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from webmail.config import Settings
from webmail.endings import Endings
from webmail.errors import SharedAway
from webmail.journal import FileJournal, Journal
from webmail.meter import SILENT, Meter
from webmail.rate import Counter, MemoryCounter
from webmail.shared.counter import SharedCounter
from webmail.shared.endings import SharedEndings
from webmail.shared.journal import SharedJournal
from webmail.shared.link import Link
from webmail.shared.node import Node
from webmail.shared.store import SharedStore
from webmail.web.factors import Factors
from webmail.web.store import DirectoryStore, Record, RecordStore
from webmail.web.vault import Vault

_MINUTE: Final = 60
_DETOUR: Final = 900
_WAITING: Final = 900
"""Seconds that these are of no use any more after: their owners look more exactly."""


@dataclass(frozen=True, slots=True)
class Kept:
    """store: sign-ins. detours, waiting: those on their way to one. well: whether it can be read and written now.
    close: the process ends."""

    store: RecordStore
    detours: RecordStore
    waiting: RecordStore
    vault: Vault
    factors: Factors | None
    journal: Journal
    counter: Counter
    endings: Endings
    well: Callable[[], bool]
    close: Callable[[], None]


def kept(settings: Settings, told: Meter = SILENT) -> Kept:
    """Raises AnotherKey, FactorsLost, and OSError where the state directory cannot be used."""
    state = Path(settings.state_dir).absolute()
    return _shared(settings, state, told) if settings.shared else _here(settings, state, told)


class NotCarried(Exception):
    """What lies in files of this machine could not be brought to where all machines look for it."""


def carry(settings: Settings) -> None:
    """Passkeys and second factors of a machine that was alone go to where all machines look for them, once: whoever has
    a second factor would get in without it there. The files are kept under another name. Raises NotCarried."""
    if not settings.shared:
        return
    state, link = Path(settings.state_dir).absolute(), Link(settings.shared)
    places = {"passkeys": state / "passkeys"}
    if settings.second_factor != "off":
        places["second-factors"] = _apart(settings, state)
    try:
        for name, folder in places.items():
            if folder.is_dir():
                _carried(DirectoryStore(folder), SharedStore(link, name))
                folder.rename(folder.with_name(f"{folder.name}-carried-{time.time_ns()}"))
    except (SharedAway, OSError):
        raise NotCarried from None
    finally:
        link.close()


def _apart(settings: Settings, state: Path) -> Path:
    """Where second factors lie in files."""
    return Path(settings.second_factor_dir or state / "second-factors")


def _carried(here: DirectoryStore, there: RecordStore) -> None:
    found = list(here.all())
    if len(found) != here.weight()[0]:
        raise NotCarried  # one that cannot be read is somebody's all the same
    for key, record, _ in found:
        there.swap(key, None, record)


def _here(settings: Settings, state: Path, told: Meter) -> Kept:
    return Kept(
        store=DirectoryStore(state / "sign-ins"),
        detours=DirectoryStore(state / "detours"),
        waiting=DirectoryStore(state / "waiting"),
        vault=Vault(DirectoryStore(state / "passkeys")),
        factors=None
        if settings.second_factor == "off"
        else Factors(DirectoryStore(_apart(settings, state)), settings.secret_key),
        journal=FileJournal(state / "sends", told),
        counter=MemoryCounter(),
        endings=Endings(),
        well=lambda: True,
        close=lambda: None,
    )


def _shared(settings: Settings, state: Path, told: Meter) -> Kept:
    link = Link(settings.shared)
    node = Node(link)
    store = SharedStore(link, "sign-ins", life_in(settings))
    endings = SharedEndings(link, store.ended)
    store.used = endings.start
    factors, mark = None, state / "second-factors-are-shared"
    if settings.second_factor != "off":
        factors = Factors(SharedStore(link, "second-factors"), settings.secret_key, mark)

    def close() -> None:
        node.close()
        endings.close()
        link.close()

    return Kept(
        store=store,
        detours=SharedStore(link, "detours", lambda _: _DETOUR, weighed=True),
        waiting=SharedStore(link, "waiting", lambda _: _WAITING),
        vault=Vault(SharedStore(link, "passkeys")),
        factors=factors,
        journal=SharedJournal(link, node, told),
        counter=SharedCounter(link),
        endings=endings,
        well=link.well,
        close=close,
    )


def life_in(settings: Settings) -> Callable[[Record], int]:
    """Seconds after which a sign-in that nobody used cannot last any more; web/session.py says when it ends."""

    def life(record: Record) -> int:
        if record.get("kept") is True:
            return settings.keep_days * 86400 + _MINUTE
        minutes = settings.shared_idle_minutes if record.get("shared") else settings.session_idle_minutes
        return minutes * 60 + 2 * _MINUTE

    return life
