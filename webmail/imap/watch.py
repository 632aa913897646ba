"""Hearing what other devices do, for the pages that people have open: no connection more than the pages need anyway.

A connection that nobody has borrowed waits here, all of them in one thread. When the server speaks up, the connection
is borrowed like by any request, asked what is new, and what it hears goes into the account's log (news.py). So that the
server speaks up, the connection idles (RFC 2177) once it was quiet for a moment. Where it does not report on all
mailboxes besides (NOTIFY, RFC 5465), the others are counted every now and then.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from webmail import errors
from webmail.imap import mailboxes
from webmail.imap.connection import Connection
from webmail.imap.log import Changed, Log
from webmail.imap.pool import Account, Key, Pool
from webmail.imap.selection import learn, select
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Mailbox

_QUIET: Final = 0.3
"""Seconds without a request before a connection idles: DONE costs every request after that a round trip."""

_COUNT_AGAIN: Final = 20.0
"""Seconds between counts of all mailboxes where nobody reports on them."""

_SIGN_OF_LIFE: Final = 120.0
"""Seconds between questions where the server reports by itself: NAT boxes forget a quiet connection."""

_LEAVING: Final = 1.0
_BUSY: Final = 1.0
"""Seconds between looks while thousands of messages are being marked."""

_MOST_OF_ONE: Final = 12
"""Streams of one account; then the oldest ends. A browser needs one, and one that left without a word is found out only
when something is written to it."""

_PATIENCE: Final = 10.0
_LONGEST_REST: Final = 60.0


@dataclass(eq=False, slots=True)
class Page:
    """One stream. over: it has to make room for a newer one."""

    log: Log
    over: bool = False


@dataclass(slots=True)
class Watch:
    """One account that is watched. pages: its streams; mailbox: the one that the last of them shows.

    due: when to look next. looker: the thread that is looking, 0 for none; again: look once more after that.
    alone: the last look found no connection.
    """

    account: Account
    log: Log
    mailbox: MailboxName
    pages: list[Page] = field(default_factory=list)
    due: float = 0.0
    looker: int = 0
    again: bool = False
    alone: bool = False
    failures: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Watcher:
    """All watched accounts. most: streams at once, over all accounts."""

    def __init__(self, pool: Pool, most: int) -> None:
        self._pool, self._most = pool, most
        self._mutex = threading.Lock()
        self._watches: dict[Key, Watch] = {}
        self._pages = 0
        self._selector = selectors.DefaultSelector()
        self._thread: threading.Thread | None = None
        self._ears: tuple[socket.socket, socket.socket] | None = None
        self.closed = False
        self.chore: Callable[[Connection, tuple[Mailbox, ...]], float] | None = None
        """Done at each look, with the mailboxes as they are: returns after how many seconds to look again."""
        pool.returned = self._returned

    # --- what the rooms above use -------------------------------------------------------------------------------------

    @contextmanager
    def listen(self, account: Account, mailbox: MailboxName) -> Iterator[Page]:
        """The account's log, kept up to date for the length of the block. Raises ServerBusy."""
        watch, page = self._begin(account, mailbox)
        try:
            yield page
        finally:
            self._end(watch, page)

    def nudge(self, account: Account) -> None:
        """Let everybody who listens to this account look whether they are still wanted (somebody signed out)."""
        with self._mutex:
            watch = self._watches.get(self._pool.key(account))
        if watch is not None:
            watch.log.nudge()

    @property
    def pages(self) -> int:
        """Streams that are open."""
        return self._pages

    def close(self) -> None:
        """A deploy: everybody who listens wakes up and finds `closed`."""
        self.closed = True
        with self._mutex:
            watches = list(self._watches.values())
        for watch in watches:
            watch.log.nudge()
        self._wake()

    # --- who is watched -----------------------------------------------------------------------------------------------

    def _begin(self, account: Account, mailbox: MailboxName) -> tuple[Watch, Page]:
        key = self._pool.key(account)
        with self._mutex:
            if self.closed or self._pages >= self._most:
                raise errors.ServerBusy
            self._pages += 1
            watch = self._watches.get(key)
            if watch is None:
                watch = self._watches[key] = Watch(account, self._pool.log(account), mailbox)
            page = Page(watch.log)
            watch.pages.append(page)
            for old in watch.pages[:-_MOST_OF_ONE]:
                old.over = True
            watch.log.listeners += 1
            watch.mailbox = mailbox
            # The page asks first, on the connection that it has.
            watch.due = time.monotonic() + _QUIET
            self._start()
        if len(watch.pages) > _MOST_OF_ONE:
            watch.log.nudge()
        self._wake()
        return watch, page

    def _end(self, watch: Watch, page: Page) -> None:
        with self._mutex:
            self._pages -= 1
            watch.pages.remove(page)
            watch.log.listeners -= 1
            if not watch.pages:
                del self._watches[self._pool.key(watch.account)]

    def _returned(self, key: Key, conn: Connection) -> None:
        """A connection came back from a request (or from us)."""
        watch = self._watches.get(key)
        if watch is None or self.closed:
            return
        ours = watch.looker == threading.get_ident()
        untold = conn.box is not None and (conn.box.grown or conn.box.unseen is None)
        if conn.stirred() or (untold and not ours):
            self._look_soon(watch)
        elif conn.idling:
            self._wait_for(watch, conn)
        else:
            watch.due = min(watch.due, time.monotonic() + _QUIET)
            self._wake()

    def _wait_for(self, watch: Watch, conn: Connection) -> None:
        with self._mutex:
            if self.closed:
                return
            self._forget(conn)
            # It was closed in this very moment: the next look finds out.
            with contextlib.suppress(ValueError, OSError, KeyError):
                self._selector.register(conn.fileno(), selectors.EVENT_READ, watch)

    def _forget(self, place: Connection | int) -> None:
        fileno = place if isinstance(place, int) else place.fileno()
        with contextlib.suppress(ValueError, OSError, KeyError):
            self._selector.unregister(fileno)

    # --- the one thread that waits ------------------------------------------------------------------------------------

    def _start(self) -> None:
        """With the mutex held. Lazily, so that the thread lives in the process that serves."""
        if self._thread is None or not self._thread.is_alive():
            self._ears = socket.socketpair()
            self._ears[0].setblocking(False)
            self._selector.register(self._ears[0], selectors.EVENT_READ, None)
            self._thread = threading.Thread(target=self._run, name="imap-watch", daemon=True)
            self._thread.start()

    def _wake(self) -> None:
        ears = self._ears
        if ears is not None:
            with contextlib.suppress(OSError):
                ears[1].send(b".")

    def _run(self) -> None:
        while not self.closed:
            now = time.monotonic()
            with self._mutex:
                watches = list(self._watches.values())
            nearest = min((watch.due for watch in watches if not watch.looker), default=now + _SIGN_OF_LIFE)
            for key, _ in self._selector.select(max(0.0, nearest - now)):
                self._stirred(key)
            now = time.monotonic()
            for watch in watches:
                if watch.due <= now and not watch.looker:
                    self._look_soon(watch)
        with self._mutex:
            self._selector.close()
            ears, self._ears = self._ears, None
        for ear in ears or ():
            ear.close()

    def _stirred(self, key: selectors.SelectorKey) -> None:
        if key.data is None:
            with contextlib.suppress(OSError):
                key.fileobj.recv(4096)  # type: ignore[union-attr]
            return
        # Once: whoever borrows it now reads it, and it comes back here afterwards.
        with self._mutex:
            self._forget(key.fd)
        self._look_soon(key.data)

    # --- looking, one short thread at a time per account --------------------------------------------------------------

    def _look_soon(self, watch: Watch) -> None:
        with watch.lock:
            watch.again = bool(watch.looker)
            if watch.looker:
                return
            watch.looker = -1
        threading.Thread(target=self._look, args=(watch,), name="imap-look", daemon=True).start()

    def _look(self, watch: Watch) -> None:
        watch.looker = threading.get_ident()
        try:
            rest = self._looked(watch)
            watch.failures = 0
        except errors.MailError as error:
            watch.failures += 1
            rest = min(_LONGEST_REST, 2.0**watch.failures)
            if isinstance(error, errors.SignInRefused):
                # The password was changed elsewhere: the page finds out when it asks.
                rest = _LONGEST_REST
                watch.log.tell(Changed(watch.mailbox))
        watch.due = time.monotonic() + rest
        with watch.lock:
            watch.looker = 0
            again, watch.again = watch.again, False
        if again:
            self._look_soon(watch)
        else:
            self._wake()

    def _looked(self, watch: Watch) -> float:
        """Ask what is new. Returns after how many seconds to ask again, if nothing happens before."""
        with self._pool.spare(watch.account, dial=watch.alone) as conn:
            if conn is None:
                # All are lent, or there is none any more. That is so too when somebody signs out: those who listen are
                # leaving then, and nobody dials for them.
                rest, watch.alone = (_COUNT_AGAIN if watch.alone else _LEAVING), True
                return rest
            watch.alone = False
            if conn.state.busy:
                # It would hear of thousands of messages one by one; those who watch ask how far the job is.
                conn.refresh()
                return _BUSY
            if conn.box is None or conn.box.name != watch.mailbox:
                with contextlib.suppress(errors.MailboxMissing, errors.ServerRefused):
                    select(conn, watch.mailbox)
            conn.refresh()
            learn(conn)
            known = mailboxes.list_mailboxes(conn)
            rest = _SIGN_OF_LIFE if conn.notified else _COUNT_AGAIN
            before = conn.box
            if self.chore is not None:
                rest = min(rest, self.chore(conn, known))
            if conn.box is not before:
                return 0.0
            if "IDLE" in conn.capabilities and not conn.quirks.deaf_in_idle:
                conn.idle(_PATIENCE)
            return rest
