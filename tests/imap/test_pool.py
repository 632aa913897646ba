"""Lending connections: few for each person, none waits for somebody else's server, none outlives a sign-out."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.imap.lending import account, wait_until
from tests.servers.answers import Stall
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person, letter
from tests.servers.scripted import Scripted
from webmail import errors
from webmail.imap import append, fetch, mailboxes, selection
from webmail.imap.client import Client
from webmail.imap.connection import Connection
from webmail.imap.pool import Account, Pool
from webmail.mail.flags import SEEN
from webmail.mail.ids import MailboxName

INBOX = MailboxName("INBOX")
Start = Callable[..., Scripted]
Pools = Callable[..., Pool]


# --- keeping ----------------------------------------------------------------------------------------------------------


def test_a_connection_is_kept_between_requests(dovecot: Dovecot, alice: Person, account_of: Any, pools: Pools) -> None:
    mine, books = account_of(alice), pools()
    books.sign_in(mine)
    for _ in range(3):
        with books.lease(mine) as conn:
            fetch.select(conn, INBOX)
    assert dovecot.sessions(alice) == 1


def test_signing_in_checks_the_password_although_a_connection_is_open(
    alice: Person, account_of: Any, pools: Pools
) -> None:
    mine, books = account_of(alice), pools()
    books.sign_in(mine)
    with pytest.raises(errors.SignInRefused):
        books.sign_in(Account(mine.endpoint, mine.login, "wrong"))


def test_a_wrong_password_never_gets_the_connection_of_the_right_one(
    alice: Person, account_of: Any, pools: Pools
) -> None:
    """R34: the connection is found by login and password together."""
    mine, books = account_of(alice), pools()
    books.sign_in(mine)
    with pytest.raises(errors.SignInRefused), books.lease(Account(mine.endpoint, mine.login, "wrong")):
        pass


def test_r34_people_never_get_each_others_connections(
    alice: Person, bob: Person, account_of: Any, pools: Pools
) -> None:
    alice.append(b"Subject: for alice\r\n\r\nx\r\n")
    books = pools()
    for person, expected in ((alice, 1), (bob, 0), (alice, 1)):
        assert books.run(account_of(person), lambda conn: fetch.select(conn, INBOX)).messages == expected


def test_sign_out_ends_every_connection(dovecot: Dovecot, alice: Person, account_of: Any, pools: Pools) -> None:
    mine, books = account_of(alice), pools()
    with books.lease(mine), books.lease(mine):
        pass
    with books.lease(mine):
        assert dovecot.sessions(alice) == 2
        books.forget(mine)
    wait_until(lambda: dovecot.sessions(alice) == 0)


def test_idle_connections_are_closed_after_a_while(
    dovecot: Dovecot, alice: Person, account_of: Any, pools: Pools
) -> None:
    mine, books = account_of(alice), pools(idle_seconds=0.4)
    books.sign_in(mine)
    wait_until(lambda: dovecot.sessions(alice) == 0)
    assert books.run(mine, lambda conn: fetch.select(conn, INBOX)).messages == 0


def test_no_password_lies_in_the_books(alice: Person, account_of: Any, pools: Pools) -> None:
    mine, books = account_of(alice), pools()
    books.sign_in(mine)
    assert alice.password not in repr(mine)
    assert alice.password not in repr(books._seats)


def test_making_a_pool_starts_nothing(pools: Pools) -> None:
    before = threading.active_count()
    pools()
    assert threading.active_count() == before


def test_closing_stops_the_reaper(alice: Person, account_of: Any, pools: Pools) -> None:
    books = pools()
    books.sign_in(account_of(alice))
    reaper = books._reaper
    assert reaper is not None
    assert reaper.daemon
    books.close()
    reaper.join(2)
    assert not reaper.is_alive()


def test_no_socket_is_left_to_the_garbage_collector(alice: Person, account_of: Any, pools: Pools) -> None:
    """Warnings are errors in this suite, so an unclosed socket would fail it."""
    books = pools()
    with books.lease(account_of(alice)):
        pass
    books.close()
    gc.collect()


# --- limits -----------------------------------------------------------------------------------------------------------


def test_a_third_request_waits_for_one_of_two_connections(scripted: Start, endpoint_of: Any, pools: Pools) -> None:
    server, books = scripted(), pools(per_user=2)
    mine = account(server, endpoint_of)
    most, now, lock = 0, 0, threading.Lock()

    def work(conn: Connection) -> None:
        nonlocal most, now
        with lock:
            now += 1
            most = max(most, now)
        conn.noop()
        time.sleep(0.05)
        with lock:
            now -= 1

    with ThreadPoolExecutor(8) as crew:
        list(crew.map(lambda _: books.run(mine, work), range(16)))
    assert most == 2
    assert server.connections == 2


def test_the_wait_is_bounded(scripted: Start, endpoint_of: Any, pools: Pools) -> None:
    mine, books = account(scripted(), endpoint_of), pools(per_user=1, wait_seconds=0.2)
    with books.lease(mine), pytest.raises(errors.ServerBusy), books.lease(mine):
        pass
    with books.lease(mine) as conn:
        conn.noop()


def test_the_process_has_a_limit_and_idle_connections_of_others_make_room(
    scripted: Start, endpoint_of: Any, pools: Pools
) -> None:
    server, books = scripted(), pools(per_process=2, wait_seconds=0.3)
    people = [account(server, endpoint_of, name) for name in ("alice", "bob", "charlie")]
    for person in people:
        with books.lease(person):
            pass
    assert books._count == 2
    busy = pytest.raises(errors.ServerBusy)
    with books.lease(people[0]), books.lease(people[1]), busy, books.lease(people[2]):
        pass
    with books.lease(people[2]) as conn:
        conn.noop()


def test_somebody_who_waits_for_the_process_gets_the_first_free_place(
    scripted: Start, endpoint_of: Any, pools: Pools
) -> None:
    server, books = scripted(), pools(per_process=1, wait_seconds=5)
    alice, bob = (account(server, endpoint_of, name) for name in ("alice", "bob"))
    with ThreadPoolExecutor(1) as crew:
        with books.lease(alice):
            waiting = crew.submit(books.run, bob, lambda conn: conn.noop())
            time.sleep(0.2)
            assert not waiting.done()
        waiting.result(3)


def test_one_slow_persons_server_slows_nobody_else(scripted: Start, endpoint_of: Any, pools: Pools) -> None:
    slow, fast, books = scripted({"NOOP": Stall()}), scripted(), pools(read_timeout=2)
    stuck, free = account(slow, endpoint_of), account(fast, endpoint_of, "bob")
    with ThreadPoolExecutor(4) as crew:
        waiting = [crew.submit(books.run, stuck, lambda conn: conn.noop(1.5)) for _ in range(2)]
        dialling = crew.submit(books.sign_in, account(scripted(greeting=Stall()), endpoint_of, "charlie"))
        time.sleep(0.2)
        start = time.monotonic()
        for _ in range(20):
            books.run(free, lambda conn: conn.noop())
        assert time.monotonic() - start < 1
        assert not any(task.done() for task in (*waiting, dialling))
        for task in (*waiting, dialling):
            assert isinstance(task.exception(10), errors.ServerTooSlow)


def test_when_the_server_allows_no_more_connections_a_request_waits_for_our_own(
    another_dovecot: Callable[..., Dovecot], account_of: Any, pools: Pools
) -> None:
    server = another_dovecot(max_connections=1)
    person = server.person(next(iter(server.people.values())))
    mine, books = account_of(person), pools(per_user=2, wait_seconds=5)
    with ThreadPoolExecutor(1) as crew:
        with books.lease(mine):
            second = crew.submit(books.run, mine, lambda conn: fetch.select(conn, INBOX).messages)
            time.sleep(0.3)
        assert second.result(5) == 0


def test_a_message_can_be_appended_under_a_lease(alice: Person, account_of: Any, pools: Pools) -> None:
    with pools().lease(account_of(alice)) as conn:
        append.append(conn, INBOX, b"Subject: x\r\n\r\ny\r\n", [], datetime(2026, 1, 1, tzinfo=UTC))
    assert len(alice.messages()) == 1


def test_while_thousands_are_marked_nobody_hears_of_them_one_by_one(
    alice: Person, account_of: Any, pools: Pools, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page leaves the mailbox and opens it as it is; afterwards it asks for news as ever."""
    uids = alice.append_all([letter(f"Number {n}") for n in range(20)])
    pool, mine, told = pools(), account_of(alice), list[int]()
    run = Client.run

    def counted(self: Client, *given: Any) -> Any:
        reply = run(self, *given)
        told.append(len(reply.data.get("FETCH", ())))
        return reply

    def seen(conn: Connection) -> list[bool]:
        mailboxes.list_mailboxes(conn)
        return [SEEN in row.flags for row in fetch.page(conn, INBOX, size=2).rows]

    assert pool.run(mine, seen) == [False, False]
    with pool.apart(mine) as conn:
        selection.select(conn, INBOX)
        conn.command(b"UID STORE", b"%d:%d" % (uids[0], uids[-1]), b"+FLAGS.SILENT", b"(\\Seen)")
        monkeypatch.setattr(Client, "run", counted)
        assert pool.run(mine, seen) == [True, True]
        assert max(told) <= 2
        [box] = [box for box in pool.run(mine, mailboxes.list_mailboxes) if box.name == INBOX]
        assert box.unseen == 0
    alice.mark(uids[-1], SEEN, remove=True)
    assert pool.run(mine, seen) == [False, True]
