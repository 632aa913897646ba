"""The IMAP connections of the whole process: lent to one request at a time, kept warm between requests, few per user.

One mutex guards the books and is never held while a socket is read or written, so a slow server keeps nobody waiting
but those who asked it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TypeVar

from webmail import errors, meter
from webmail.config import Endpoint
from webmail.imap.connection import Connection, dial, tls_context
from webmail.imap.log import Log
from webmail.imap.state import State
from webmail.mail.sasl import Secret, Token, shown

T = TypeVar("T")

_CHECK_AFTER: Final = 60.0
"""Seconds idle after which a connection is asked for a sign of life: NAT boxes forget a quiet one without telling."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who signs in where, with a password or with tokens that renew themselves.

    origin: their own network address, for a server that believes us; it tells no account from another.
    """

    endpoint: Endpoint
    login: str
    password: Secret = field(repr=False)
    origin: str = field(default="", compare=False)


Key = tuple[Endpoint, str, bytes]
"""An account as the books know it."""


@dataclass(slots=True)
class _Seat:
    """The connections of one account. count: idle ones, lent ones, and those being dialled.

    state: what they know together.
    """

    key: Key
    freed: threading.Condition
    state: State
    idle: list[tuple[Connection, float]] = field(default_factory=list)
    count: int = 0
    gone: bool = False

    @property
    def lent(self) -> int:
        return self.count - len(self.idle)


class Pool:
    """per_user, per_process: most connections at once. idle_seconds: how long one is kept. Timeouts in seconds.

    wait_seconds: how long a request waits for a connection before ServerBusy is raised. told: of every command.
    """

    def __init__(
        self,
        per_user: int = 2,
        per_process: int = 500,
        idle_seconds: float = 300,
        connect_timeout: float = 10,
        read_timeout: float = 30,
        wait_seconds: float = 15,
        told: meter.Meter = meter.SILENT,
    ) -> None:
        self.per_user = per_user
        self.per_process = per_process
        self.idle_seconds = idle_seconds
        self.connect_timeout = connect_timeout
        self.read_timeout = read_timeout
        self.wait_seconds = wait_seconds
        self._meter = told
        self._mutex = threading.Lock()
        self._room = threading.Condition(self._mutex)
        self._seats: dict[Key, _Seat] = {}
        self._count = 0
        # Passwords are not kept as they are: a seat is found by a keyed digest that means nothing outside this process.
        self._secret = secrets.token_bytes(32)
        self._logs: weakref.WeakValueDictionary[Key, Log] = weakref.WeakValueDictionary()
        self._reaper: threading.Thread | None = None
        self._stop = threading.Event()
        self.returned: Callable[[Key, Connection], None] | None = None
        """Called with every connection that came back healthy, after it came back: for watch.py."""

    # --- what the rooms above use -------------------------------------------------------------------------------------

    def sign_in(self, account: Account) -> None:
        """Check the password by dialling anew, and keep the connection warm. Raises as connection.dial does."""
        seat = self._take_place(account, reuse=False)[0]
        conn = self._dial(account, seat)
        self._give_back(seat, conn)

    @contextmanager
    def lease(self, account: Account) -> Iterator[Connection]:
        """A connection for the length of the block; it is returned whatever happens, and dropped when it is broken.

        Raises ServerBusy when none is free in time, and what connection.dial raises.
        """
        # What is done under a lease is not done twice: find out first whether there is somebody.
        seat, conn, _ = self._borrow(account, reuse=True, sure=True)
        try:
            yield conn
        finally:
            self._give_back(seat, conn)

    def run(self, account: Account, work: Callable[[Connection], T]) -> T:
        """Run work. When a kept connection dies under it before anything was changed, dial once and run it again.

        Raises what lease and work raise.
        """
        seat, conn, reused = self._borrow(account, reuse=True)
        try:
            return work(conn)
        except errors.ConnectionLost:
            if not reused or conn.changed:
                raise
        finally:
            self._give_back(seat, conn)
        seat, conn, _ = self._borrow(account, reuse=False)
        try:
            return work(conn)
        finally:
            self._give_back(seat, conn)

    @contextmanager
    def spare(self, account: Account, *, dial: bool) -> Iterator[Connection | None]:
        """A connection that nobody needs right now; None while all are lent. When there is none at all: a new one if
        dial says so, else None.

        Raises as lease does.
        """
        with self._mutex:
            seat = self._seats.get(self.key(account))
            idle = seat is not None and bool(seat.idle)
            none = seat is None or not seat.count
        if not (idle or (none and dial)):
            yield None
        else:
            with self.lease(account) as conn:
                yield conn

    @contextmanager
    def apart(self, account: Account) -> Iterator[Connection]:
        """One of the account's connections for a long piece of work, dialled for it and closed after it, while pages
        use the others. It does not ask the server to number every change (RFC 7162): of thousands nobody would read
        that, and Dovecot takes three times as long. Raises as lease does, ServerBusy also where there is but one.
        """
        if self.per_user < 2:
            raise errors.ServerBusy
        seat = self._take_place(account, reuse=False)[0]
        conn = self._dial(account, seat)
        conn.capabilities -= {"CONDSTORE", "QRESYNC", "NOTIFY"}
        conn.at_work = True
        with self._mutex:
            seat.state.busy += 1
        try:
            yield conn
        finally:
            conn.logout()
            with self._mutex:
                seat.state.busy -= 1
                self._leave(seat)

    def log(self, account: Account) -> Log:
        """What happens in this account, as heard on all its connections, for as long as somebody keeps the log."""
        with self._mutex:
            return self._log(self.key(account))

    def forget(self, account: Account) -> None:
        """Sign-out: say goodbye on every idle connection of this account; lent ones are closed when they come back."""
        with self._mutex:
            seat = self._seats.pop(self.key(account), None)
            idle = self._empty(seat) if seat else []
        for conn in idle:
            conn.logout()

    def reap(self) -> None:
        """Close what has been idle for idle_seconds, and forget accounts that have no connection."""
        now = time.monotonic()
        old: list[Connection] = []
        with self._mutex:
            for key, seat in list(self._seats.items()):
                for pair in [pair for pair in seat.idle if now - pair[1] >= self.idle_seconds]:
                    seat.idle.remove(pair)
                    self._leave(seat)
                    old.append(pair[0])
                if not seat.count:
                    del self._seats[key]
        for conn in old:
            conn.logout()

    def close(self) -> None:
        """End the reaper and every idle connection; lent ones are closed when they come back."""
        self._stop.set()
        with self._mutex:
            idle = [conn for seat in self._seats.values() for conn in self._empty(seat)]
            self._seats.clear()
        for conn in idle:
            conn.close()

    def numbers(self) -> tuple[int, int]:
        """Connections that are open or being dialled, and how many of them nobody uses at this moment."""
        with self._mutex:
            return self._count, sum(len(seat.idle) for seat in self._seats.values())

    # --- borrowing ----------------------------------------------------------------------------------------------------

    def _borrow(self, account: Account, *, reuse: bool, sure: bool = False) -> tuple[_Seat, Connection, bool]:
        """A seat, a connection on it, and whether it was used before."""
        end = time.monotonic() + self.wait_seconds
        while True:
            seat, kept, since = self._take_place(account, reuse=reuse, end=end)
            if kept is None:
                try:
                    return seat, self._dial(account, seat), False
                except errors.ServerBusy:
                    # [LIMIT]: the user's other devices hold the rest. Wait for one of ours instead of asking again.
                    if not self._wait_for_own(seat, end):
                        raise
                    reuse = True
                    continue
            elif self._alive(kept, since, sure):
                return seat, kept, True
            self._give_back(seat, kept)

    def _take_place(
        self, account: Account, *, reuse: bool, end: float | None = None
    ) -> tuple[_Seat, Connection | None, float]:
        """An idle connection with the time of its last use, or (reuse False, or none idle) the right to dial one."""
        end = time.monotonic() + self.wait_seconds if end is None else end
        crowded: list[Connection] = []
        with self._mutex:
            self._start_reaper()
            while True:
                seat = self._seat(account)
                if seat.idle and reuse:
                    # The one that hears of all mailboxes answers most pages from what it knows.
                    best = max(range(len(seat.idle)), key=lambda n: (bool(seat.idle[n][0].notified), n))
                    conn, since = seat.idle.pop(best)
                    return seat, conn, since
                if seat.idle and seat.count >= self.per_user:
                    crowded.append(self._evict(seat))
                if seat.count < self.per_user:
                    if self._count >= self.per_process:
                        crowded += self._evict_any()
                    if self._count < self.per_process:
                        seat.count += 1
                        self._count += 1
                        break
                    waited = self._room.wait(end - time.monotonic())
                else:
                    waited = seat.freed.wait(end - time.monotonic())
                if not waited:
                    raise errors.ServerBusy
        for conn in crowded:
            conn.close()
        return seat, None, 0.0

    def _dial(self, account: Account, seat: _Seat) -> Connection:
        try:
            conn = shown(account.password, lambda word: self._dialled(account, word), errors.SignInRefused)
        except BaseException:
            with self._mutex:
                self._leave(seat)
            raise
        conn.state = seat.state
        conn.meter = self._meter
        conn.begin(reused=False)
        return conn

    def _dialled(self, account: Account, word: str | Token) -> Connection:
        began, outcome = time.monotonic(), "LOST"
        try:
            conn = dial(
                account.endpoint, account.login, word, context=tls_context(account.endpoint.ca_file),
                connect_timeout=self.connect_timeout, read_timeout=self.read_timeout, origin=account.origin,
            )  # fmt: skip
            outcome = "OK"
        except errors.SignInRefused:
            outcome = "NO"
            raise
        finally:
            self._meter.command(b"SIGN-IN", time.monotonic() - began, outcome)
        return conn

    def _alive(self, conn: Connection, since: float, sure: bool) -> bool:
        """Trust a connection that was quiet for a moment; ask one that stirred, or that was quiet for long."""
        conn.begin(reused=True)
        if not sure and not conn.stirred() and time.monotonic() - since < _CHECK_AFTER:
            return True
        try:
            conn.noop()
        except errors.MailError:
            conn.close()
            return False
        return True

    def _wait_for_own(self, seat: _Seat, end: float) -> bool:
        """Wait until another connection of this seat is given back; False when there is none to wait for."""
        with self._mutex:
            if seat.gone or not seat.count:
                return False
            return bool(seat.idle) or seat.freed.wait(max(0.0, end - time.monotonic()))

    def _give_back(self, seat: _Seat, conn: Connection) -> None:
        conn.asked = None
        with self._mutex:
            keep = not (conn.broken or conn.closed or seat.gone)
            if keep:
                seat.idle.append((conn, time.monotonic()))
                seat.freed.notify()
                # Somebody without a place may now evict this one.
                self._room.notify()
            else:
                self._leave(seat)
        if not keep:
            conn.logout()
        elif self.returned is not None:
            self.returned(seat.key, conn)

    # --- the books; all of these with the mutex held ------------------------------------------------------------------

    def key(self, account: Account) -> Key:
        """How the books call this account; says nothing outside this process."""
        known = account.password if isinstance(account.password, str) else account.password.name
        digest = hmac.digest(self._secret, known.encode("utf-8", "surrogateescape"), hashlib.sha256)
        return account.endpoint, account.login, digest

    def _seat(self, account: Account) -> _Seat:
        key = self.key(account)
        if key not in self._seats:
            self._seats[key] = _Seat(key, threading.Condition(self._mutex), State(self._log(key)))
        return self._seats[key]

    def _log(self, key: Key) -> Log:
        return self._logs.setdefault(key, Log())

    def _leave(self, seat: _Seat) -> None:
        seat.count -= 1
        self._count -= 1
        seat.freed.notify()
        self._room.notify()

    def _evict(self, seat: _Seat) -> Connection:
        conn, _ = seat.idle.pop(0)
        self._leave(seat)
        return conn

    def _evict_any(self) -> list[Connection]:
        """The connection that has been idle longest, whoever's it is; none when all are lent."""
        seats = [seat for seat in self._seats.values() if seat.idle]
        return [self._evict(min(seats, key=lambda seat: seat.idle[0][1]))] if seats else []

    def _empty(self, seat: _Seat) -> list[Connection]:
        seat.gone = True
        conns = [conn for conn, _ in seat.idle]
        for _ in conns:
            self._leave(seat)
        seat.idle.clear()
        return conns

    def _start_reaper(self) -> None:
        """Lazily: making a pool starts nothing, and the thread lives in the process that serves."""
        if self._reaper is None or not self._reaper.is_alive():
            self._stop.clear()
            self._reaper = threading.Thread(target=self._reap_on, name="imap-reaper", daemon=True)
            self._reaper.start()

    def _reap_on(self) -> None:
        while not self._stop.wait(min(30.0, self.idle_seconds / 2)):
            self.reap()
