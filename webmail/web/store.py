"""Where sign-in records live: an interface, and the directory that keeps them on one machine."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

Record = dict[str, str | int | bool]


class RecordStore(Protocol):
    """Records by key. A store for many machines answers the same five calls."""

    def get(self, key: str) -> tuple[Record, float] | None:
        """The record and when it was last touched (seconds since the epoch), or None."""

    def put(self, key: str, record: Record) -> None:
        """Write a record, replacing an older one."""

    def amend(self, key: str, name: str, value: str) -> None:
        """Change one value of a record that is there, without using it."""

    def touch(self, key: str) -> None:
        """Note that the record was used now."""

    def delete(self, key: str) -> None:
        """Remove it; missing is fine."""


class DirectoryStore:
    """One JSON file a record in a directory of mode 0700. Keys are hex digests, never what a cookie holds.

    Deleting the directory signs everybody out and costs nothing else.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._amending = threading.Lock()
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

    def amend(self, key: str, name: str, value: str) -> None:
        """The file's time stays. A record that is deleted meanwhile does not come back."""
        with self._amending:
            found = self.get(key)
            if found is not None:
                self.put(key, found[0] | {name: value})
                with suppress(OSError):
                    os.utime(self._path(key), (found[1], found[1]))

    def touch(self, key: str) -> None:
        """The file's time is the record's time."""
        with suppress(OSError):
            os.utime(self._path(key))

    def delete(self, key: str) -> None:
        """Remove it; missing is fine."""
        with self._amending, suppress(OSError):
            self._path(key).unlink()

    def weight(self) -> tuple[int, int]:
        """How many there are, and their octets."""
        sizes = []
        for path in self._files():
            with suppress(OSError):
                sizes.append(path.stat().st_size)
        return len(sizes), sum(sizes)

    def sweep(self, older_than: float) -> None:
        """Remove files not touched since older_than (seconds since the epoch)."""
        for path in self._files():
            with suppress(OSError):
                if path.stat().st_mtime < older_than:
                    path.unlink()

    def _files(self) -> Iterator[Path]:
        with suppress(OSError):
            yield from self._directory.iterdir()

    def _path(self, key: str) -> Path:
        if len(key) != 64 or not set(key) <= set("0123456789abcdef"):
            raise ValueError("a store key is a SHA-256 hex digest")
        return self._directory / f"{key}.json"
