"""Files on their way into a letter: each is uploaded as soon as it is picked, and waits here for the next save."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from webmail import errors

_LIFE: Final = 3600
"""Seconds that a file waits at most: long enough for a session that ended while writing."""

_CHUNK: Final = 256 << 10
_ROOMS: Final = 3
"""So many letters' worth of files one person may have waiting; then the oldest go."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that arrived whole (mail/draft.py, Octets). name, type: as the browser told them."""

    name: str
    type: str
    path: Path
    size: int

    def chunks(self) -> Iterator[bytes]:
        """From its beginning. Raises PartMissing when it was swept away."""
        try:
            with self.path.open("rb") as stream:
                while chunk := stream.read(_CHUNK):
                    yield chunk
        except FileNotFoundError:
            raise errors.PartMissing from None


class Spool:
    """A directory of mode 0700, with one below it for each person; files of mode 0600. Nothing in a name tells who or
    what; deleting it all costs an upload."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.chmod(0o700)
        self.sweep()

    def take(self, owner: str, name: str, type: str, read: Callable[[int], bytes], limit: int) -> str:
        """Put down what read() gives until it gives nothing; the token to find it by. limit: octets.

        Raises TooLarge as soon as there is more, NoRoom when the disk is full; then nothing stays.
        """
        self.sweep()
        home = self._home(owner)
        token = secrets.token_hex(16)
        path = home / token
        try:
            home.mkdir(mode=0o700, exist_ok=True)
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                left = limit
                while chunk := read(_CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise errors.TooLarge
                    stream.write(chunk)
            path.with_suffix(".json").write_text(json.dumps([name, type]), "utf-8")
        except BaseException as error:
            self.drop(owner, token)
            if isinstance(error, OSError) and not isinstance(error, ConnectionError | TimeoutError):
                raise errors.NoRoom from None
            raise
        self._make_room(home, _ROOMS * limit)
        return token

    def find(self, owner: str, token: str) -> Upload:
        """Raises PartMissing when it is not here (any more)."""
        path = self._home(owner) / token
        try:
            name, type = json.loads(path.with_suffix(".json").read_text("utf-8"))
            return Upload(name, type, path, path.stat().st_size)
        except (OSError, ValueError):
            raise errors.PartMissing from None

    def drop(self, owner: str, token: str) -> None:
        """It is in the mailbox now, or is not wanted."""
        path = self._home(owner) / token
        for each in (path, path.with_suffix(".json")):
            with suppress(OSError):
                each.unlink()

    def sweep(self) -> None:
        """Remove what waited for too long."""
        old = time.time() - _LIFE
        for path in self._directory.glob("*/*"):
            with suppress(OSError):
                if path.stat().st_mtime < old:
                    path.unlink()
        for home in self._directory.glob("*"):
            with suppress(OSError):
                if home.stat().st_mtime < old:
                    home.rmdir()

    def _make_room(self, home: Path, most: int) -> None:
        found = []
        for path in home.iterdir():
            with suppress(OSError):
                told = path.stat()
                found.append((told.st_mtime_ns, told.st_size, path))
        octets = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if octets <= most:
                return
            path.unlink(missing_ok=True)
            octets -= size

    def _home(self, owner: str) -> Path:
        return self._directory / hashlib.sha256(owner.encode()).hexdigest()[:32]
