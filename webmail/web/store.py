"""Where sign-in records live: an interface, and the directory that keeps them on one machine."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

Record = dict[str, str | int | bool]


class RecordStore(Protocol):
    """Records by key. A store for many machines answers the same four calls."""

    def get(self, key: str) -> tuple[Record, float] | None:
        """The record and when it was last touched (seconds since the epoch), or None."""

    def put(self, key: str, record: Record) -> None:
        """Write a record, replacing an older one."""

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

    def touch(self, key: str) -> None:
        """The file's time is the record's time."""
        with suppress(OSError):
            os.utime(self._path(key))

    def delete(self, key: str) -> None:
        """Remove it; missing is fine."""
        with suppress(OSError):
            self._path(key).unlink()

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
