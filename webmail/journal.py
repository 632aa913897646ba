"""The journal of sending: how far each letter came, written down before the step is taken.

It holds no words: names are digests, an entry is a state, a time and the name of a fault. What a letter says is in its
writer's own Drafts. Whoever deletes the journal loses certainty, never a letter (docs/sending.md).
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol

from webmail import errors, meter

KEEP_DONE: Final = 30 * 86400
"""Seconds that "done" is remembered: the Back button of a forgotten tab is not pressed later than that."""

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_PROCESS: Final = re.compile(r"[0-9a-f]{16}")


class State(StrEnum):
    """How far a letter came. Only from HELD and FAILED, or because a person asked, does it go to the mail server."""

    HELD = "held"
    """Claimed, in Drafts or about to be; not handed over."""
    SENDING = "sending"
    """Being handed over: from here on a crash means UNKNOWN."""
    ACCEPTED = "accepted"
    """The submission server has it. Copy, mark and draft are to be seen to."""
    UNKNOWN = "unknown"
    """It may have been sent. Only a person decides, or a copy that turns up in Sent."""
    FAILED = "failed"
    """It surely was not sent; it is in Drafts."""
    DONE = "done"
    """Sent, and everything behind it is done."""


@dataclass(frozen=True, slots=True)
class Entry:
    """since: seconds since the epoch. by: the process that wrote it. why: class name of the fault, or "".

    due: of a letter that is HELD, when its writer was told that it goes (seconds since the epoch); 0: they were told
    nothing yet.
    """

    state: State
    since: int
    by: str
    why: str = ""
    due: int = 0


def account_key(host: str, login: str, kind: str = "account") -> str:
    """The account in the journal. kind: whatever is not a letter with a copy in Drafts is kept apart from those."""
    return sha256(f"pennypost {kind}\0{host}\0{login}".encode()).hexdigest()


def letter_key(account: str, message_id: str) -> str:
    """The letter in the journal, and in the address of its page. message_id: with brackets; 128 bits of it are random,
    so that nobody finds it by trying. account: from account_key."""
    return sha256(f"pennypost letter\0{account}\0{message_id}".encode()).hexdigest()


class Journal(Protocol):
    """What sending needs of a journal, wherever it is kept. Every call may raise NotNoted."""

    def get(self, account: str, letter: str) -> Entry | None:
        """The entry of a letter."""

    def note(
        self, account: str, letter: str, state: State, *, after: Collection[State | None], why: str = ""
    ) -> Entry | None:
        """Write down a state if the letter is in one of `after` (None: no entry), as one step that nobody divides.

        SENDING is left by the process that wrote it, and by others only for UNKNOWN, once that process is no more.
        Returns None when it is written where no crash can lose it, else the entry that was in the way.
        """

    def later(self, account: str, letter: str, state: State, *, after: Collection[State | None], why: str = "") -> None:
        """What has happened, and could not be written down: write it as soon as that is possible. Never raises."""

    def promise(self, account: str, letter: str, due: int) -> None:
        """The letter that this process holds goes at this time (seconds since the epoch), its writer was told."""

    def take(self, account: str, letter: str, found: Entry) -> bool:
        """A letter that a dead process held is held by this one now. False when the entry is no longer as found."""

    def sends(self, account: str, letter: str) -> bool:
        """True while it is this process that hands the letter over."""

    def waiting(self, account: str) -> dict[str, Entry]:
        """Every letter of the account that is not DONE."""

    def forget(self, account: str, letter: str) -> None:
        """Remove the entry; missing is fine."""

    def abandoned(self, entry: Entry) -> bool:
        """True when the process that wrote it is no more."""

    def own(self, entry: Entry) -> bool:
        """True when this process wrote it."""


class Comparing(ABC):
    """The steps of a Journal that only compare a whole entry: the same wherever it is kept."""

    @abstractmethod
    def get(self, account: str, letter: str) -> Entry | None:
        """As Journal has it."""

    @abstractmethod
    def own(self, entry: Entry) -> bool:
        """As Journal has it."""

    @abstractmethod
    def _self(self) -> str:
        """The name of this process, which others can see is alive."""

    @abstractmethod
    def _swap(self, account: str, letter: str, before: Entry, after: Entry) -> bool:
        """Write after if what is there is still before, as one step."""

    def promise(self, account: str, letter: str, due: int) -> None:
        """As Journal has it."""
        found = self.get(account, letter)
        if found is not None and found.state is State.HELD and self.own(found):
            self._swap(account, letter, found, replace(found, due=due))

    def take(self, account: str, letter: str, found: Entry) -> bool:
        """As Journal has it."""
        return self._swap(account, letter, found, replace(found, by=self._self()))

    def sends(self, account: str, letter: str) -> bool:
        """As Journal has it."""
        found = self.get(account, letter)
        return found is not None and found.state is State.SENDING and self.own(found)


class FileJournal(Comparing):
    """A directory of mode 0700; in it one for each account, in that one file for each letter.

    Several processes of one machine may share it: changes are made under a lock, and each process holds a lock of its
    own for as long as it lives, which the kernel takes from it however it ends. told: of every state.
    """

    def __init__(self, directory: Path, told: meter.Meter = meter.SILENT) -> None:
        self._directory = directory
        self._meter = told
        self._process = 0
        self._name = ""
        self._alive = -1
        self._guard = threading.Lock()
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.chmod(0o700)
        self._tidy()

    def get(self, account: str, letter: str) -> Entry | None:
        """What was done stays done, whatever else lies there."""
        return self._read(self._path(account, letter, "done")) or self._read(self._path(account, letter, "open"))

    def note(
        self, account: str, letter: str, state: State, *, after: Collection[State | None], why: str = ""
    ) -> Entry | None:
        """Written beside, synced, renamed, and the directory synced: about a millisecond on a disk that is one."""
        own = self._self()
        try:
            with self._locked():
                now = self.get(account, letter)
                if (now.state if now else None) not in after or (now and self._anothers(now, state)):
                    return now or Entry(State.FAILED, 0, "")
                self._write(account, letter, Entry(state, int(time.time()), own, why))
                self._meter.noted(state)
                return None
        except OSError as error:
            raise errors.NotNoted(error.strerror or "") from None

    def _anothers(self, now: Entry, state: State) -> bool:
        if now.state is not State.SENDING or self.own(now):
            return False
        return state is not State.UNKNOWN or not self.abandoned(now)

    def later(self, account: str, letter: str, state: State, *, after: Collection[State | None], why: str = "") -> None:
        """A disk that is full is not free a moment later: a restart finds out."""

    def _swap(self, account: str, letter: str, before: Entry, after: Entry) -> bool:
        try:
            with self._locked():
                if self.get(account, letter) != before:
                    return False
                self._write(account, letter, after)
                return True
        except OSError as error:
            raise errors.NotNoted(error.strerror or "") from None

    def waiting(self, account: str) -> dict[str, Entry]:
        """One look into a directory that mostly is not there."""
        found = {}
        with suppress(OSError):
            for path in sorted(self._folder(account).glob("*.open")):
                entry = self._read(path)
                if entry is not None and not path.with_suffix(".done").exists():
                    found[path.stem] = entry
        return found

    def forget(self, account: str, letter: str) -> None:
        """Both files."""
        for kind in ("open", "done"):
            with suppress(OSError):
                self._path(account, letter, kind).unlink()

    def abandoned(self, entry: Entry) -> bool:
        """Its lock can be taken: nobody holds it."""
        if self.own(entry):
            return False
        if not _PROCESS.fullmatch(entry.by):
            return True
        try:
            file = os.open(self._directory / f"{entry.by}.alive", os.O_RDWR)
        except OSError:
            return True
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return False
        finally:
            os.close(file)
        return True

    def own(self, entry: Entry) -> bool:
        """By its name."""
        return entry.by == self._name and self._process == os.getpid()

    def _write(self, account: str, letter: str, entry: Entry) -> None:
        folder = self._folder(account)
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sync(self._directory)
        kind = "done" if entry.state is State.DONE else "open"
        path = self._path(account, letter, kind)
        beside = path.with_suffix(f".{secrets.token_hex(4)}")
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as stream:
            json.dump(asdict(entry), stream)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
        if kind == "done":
            self._path(account, letter, "open").unlink(missing_ok=True)
        _sync(folder)

    def _read(self, path: Path) -> Entry | None:
        try:
            told = json.loads(path.read_text("ascii"))
            return Entry(
                State(told["state"]), int(told["since"]), str(told["by"]), str(told["why"]), int(told.get("due", 0))
            )
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            # Something was written and cannot be read: nobody knows what became of the letter.
            return Entry(State.UNKNOWN, 0, "")

    def close(self) -> None:
        """As if the process had ended: what it left open is abandoned."""
        with self._guard:
            if self._alive >= 0 and self._process == os.getpid():
                os.close(self._alive)
            self._process, self._name, self._alive = 0, "", -1

    def _self(self) -> str:
        """The name of this process, with its lock taken; a child that was forked is another one."""
        with self._guard:
            if self._process != os.getpid():
                name = secrets.token_hex(8)
                try:
                    # Under the lock, so that nobody tidies it away between its making and its locking.
                    with self._locked():
                        alive = os.open(self._directory / f"{name}.alive", os.O_RDWR | os.O_CREAT, 0o600)
                        fcntl.flock(alive, fcntl.LOCK_EX)
                except OSError as error:
                    raise errors.NotNoted(error.strerror or "") from None
                self._process, self._name, self._alive = os.getpid(), name, alive
            return self._name

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self._directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)

    def _tidy(self) -> None:
        """What is long done, and the locks of processes that are gone and of which no entry speaks."""
        old = time.time() - KEEP_DONE
        spoken = set()
        for path in self._directory.glob("*/*.done"):
            with suppress(OSError):
                if path.stat().st_mtime < old:
                    path.unlink()
        for path in self._directory.glob("*/*.open"):
            entry = self._read(path)
            spoken.add(entry.by if entry else "")
        with self._locked():
            for path in self._directory.glob("*.alive"):
                if path.stem not in spoken and self.abandoned(Entry(State.HELD, 0, path.stem)):
                    path.unlink(missing_ok=True)

    def _folder(self, account: str) -> Path:
        return self._directory / digest(account)

    def _path(self, account: str, letter: str, kind: str) -> Path:
        return self._folder(account) / f"{digest(letter)}.{kind}"


def digest(name: str) -> str:
    """A name in the journal, which is one. Raises ValueError."""
    if not _DIGEST.fullmatch(name):
        raise ValueError("a name in the journal is a SHA-256 hex digest")
    return name


def _sync(directory: Path) -> None:
    file = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
