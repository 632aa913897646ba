"""Where sign-in records live: an interface, and the directory that keeps them on one machine."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Protocol

_SWEEP_SECONDS: Final = 60.0

Record = dict[str, str | int | bool]


def owner(address: str, server_key: str) -> str:
    """What a record calls its account: the same for every sign-in of an address, and not to be turned back."""
    return hmac.new(server_key.encode(), b"pennypost owner 1 " + address.lower().encode(), hashlib.sha256).hexdigest()


class RecordStore(Protocol):
    """Records by key. A store for many machines answers the same calls; who deletes a record ends its sign-in."""

    def get(self, key: str) -> tuple[Record, float] | None:
        """The record and when it was last touched (seconds since the epoch), or None."""

    def has(self, key: str) -> bool:
        """Whether there is something under this key, readable or not."""

    def put(self, key: str, record: Record) -> None:
        """Write a record, replacing an older one."""

    def swap(self, key: str, before: Record | None, after: Record | None) -> bool:
        """Write one, or (None) remove it, if what is there is still before (None: nothing), as one step."""

    def touch(self, key: str) -> None:
        """Note that the record was used now."""

    def change(self, key: str, changes: Mapping[str, str | int | bool]) -> None:
        """Write some fields anew, without touching it. What is missing, or is deleted meanwhile, stays away."""

    def delete(self, key: str) -> None:
        """Remove it; missing is fine."""

    def all(self) -> Iterator[tuple[str, Record, float]]:
        """Key, record, and when it was last touched, of each."""

    def of(self, name: str) -> Iterator[tuple[str, Record, float]]:
        """The same of one account's, by what owner() calls it."""

    def weight(self) -> tuple[int, int]:
        """How many there are, and their octets."""

    def sweep(self, older_than: float, over: Callable[[Record, float], bool] = lambda *_: True) -> None:
        """Remove what was not touched since older_than (seconds since the epoch), where that ends it. Often asked for,
        so it may be done rarely."""


class DirectoryStore:
    """One JSON file a record in a directory of mode 0700. Keys are hex digests, never what a cookie holds.

    Deleting the directory signs everybody out and costs nothing else.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._swept = -_SWEEP_SECONDS
        self._owners: dict[str, str] = {}
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.chmod(0o700)

    def get(self, key: str) -> tuple[Record, float] | None:
        """A record that cannot be read, or is not JSON, is no record."""
        try:
            path = self._path(key)
            record = json.loads(path.read_text("utf-8"))
            return (record, path.stat().st_mtime) if isinstance(record, dict) else None
        except (OSError, ValueError):
            return None

    def put(self, key: str, record: Record) -> None:
        """Written beside and renamed, so that a crash leaves the old record or the new one."""
        path = self._path(key)
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = path.with_suffix(f".{os.getpid()}-{time.monotonic_ns()}")
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
            json.dump(record, stream)
        beside.replace(path)

    def has(self, key: str) -> bool:
        """Whether there is something under this key, readable or not."""
        try:
            os.stat(self._path(key))
        except FileNotFoundError:
            return False
        except OSError:
            pass
        return True

    def swap(self, key: str, before: Record | None, after: Record | None) -> bool:
        """Under the same lock as every other change."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._alone():
            found = self.get(key)
            if (found[0] if found else None) != before:
                return False
            if after is not None:
                self.put(key, after)
            else:
                self._path(key).unlink(missing_ok=True)
            return True

    def touch(self, key: str) -> None:
        """The file's time is the record's time."""
        with suppress(OSError):
            os.utime(self._path(key))

    def change(self, key: str, changes: Mapping[str, str | int | bool]) -> None:
        """Nobody deletes it between reading and writing, in this process or in another on this machine."""
        with suppress(OSError), self._alone():
            found = self.get(key)
            if found is not None:
                self.put(key, {**found[0], **changes})
                os.utime(self._path(key), (found[1], found[1]))

    def delete(self, key: str) -> None:
        """Remove it; missing is fine."""
        with suppress(OSError), self._alone():
            self._path(key).unlink()

    def weight(self) -> tuple[int, int]:
        """How many there are, and their octets."""
        sizes = []
        for path in self._files():
            with suppress(OSError):
                sizes.append(path.stat().st_size)
        return len(sizes), sum(sizes)

    def all(self) -> Iterator[tuple[str, Record, float]]:
        """Reads every file, which is for pages that are rarely opened."""
        for path in self._files():
            found = self.get(path.stem) if path.suffix == ".json" else None
            if found is not None:
                yield path.stem, *found

    def of(self, name: str) -> Iterator[tuple[str, Record, float]]:
        """Whose a record is does not change: a process reads every file once for that, and then only the new ones."""
        here = [file.removesuffix(".json") for file in self._names() if file.endswith(".json")]
        # Made anew and then put in place: threads that do so at once do no harm, and what is gone is forgotten.
        self._owners = owners = {key: self._owners.get(key) or self._owner(key) for key in here}
        for key in here:
            if owners[key] == name and (found := self.get(key)) is not None:
                yield key, *found

    def _owner(self, key: str) -> str:
        found = self.get(key)
        return sys.intern(str(found[0].get("of", ""))) if found else ""

    def sweep(self, older_than: float, over: Callable[[Record, float], bool] = lambda *_: True) -> None:
        """Remove files not touched since older_than (seconds since the epoch), where that ends them.

        At most once a minute: it reads the old ones, and every sign-in asks for it.
        """
        if time.monotonic() < self._swept + _SWEEP_SECONDS:
            return
        self._swept = time.monotonic()
        for path in self._files():
            with suppress(OSError):
                if path.stat().st_mtime < older_than and self._useless(path, over):
                    path.unlink()

    def _useless(self, path: Path, over: Callable[[Record, float], bool]) -> bool:
        found = self.get(path.stem) if path.suffix == ".json" else None
        return found is None or over(*found)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One at a time. The lock goes with the descriptor, also when the process dies."""
        held = os.open(self._directory, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield
        finally:
            os.close(held)

    def _files(self) -> Iterator[Path]:
        return map(self._directory.joinpath, self._names())

    def _names(self) -> list[str]:
        try:
            return os.listdir(self._directory)
        except OSError:
            return []

    def _path(self, key: str) -> Path:
        if len(key) != 64 or not set(key) <= set("0123456789abcdef"):
            raise ValueError("a store key is a SHA-256 hex digest")
        return self._directory / f"{key}.json"
