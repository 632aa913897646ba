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

from tests.servers.answers import Bye, Close, Stall, Turns
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person
from tests.servers.proxy import Proxy
from tests.servers.scripted import Scripted
from webmail import errors
from webmail.config import Endpoint
from webmail.imap import append, fetch, mailboxes, pool
from webmail.imap.connection import Connection
from webmail.imap.pool import Account, Pool
from webmail.mail.ids import MailboxName

INBOX = MailboxName("INBOX")
Start = Callable[..., Scripted]
Pools = Callable[..., Pool]


def account(server: Any, endpoint_of: Callable[[Any], Endpoint], login: str = "alice") -> Account:
    return Account(endpoint_of(server), login, "secret")


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
        assert books.read(account_of(person), lambda conn: fetch.select(conn, INBOX)).messages == expected


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
    assert books.read(mine, lambda conn: fetch.select(conn, INBOX)).messages == 0


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


def wait_until(true: Callable[[], bool], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


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
        list(crew.map(lambda _: books.read(mine, work), range(16)))
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
            waiting = crew.submit(books.read, bob, lambda conn: conn.noop())
            time.sleep(0.2)
            assert not waiting.done()
        waiting.result(3)


def test_one_slow_persons_server_slows_nobody_else(scripted: Start, endpoint_of: Any, pools: Pools) -> None:
    slow, fast, books = scripted({"NOOP": Stall()}), scripted(), pools(read_timeout=2)
    stuck, free = account(slow, endpoint_of), account(fast, endpoint_of, "bob")
    with ThreadPoolExecutor(4) as crew:
        waiting = [crew.submit(books.read, stuck, lambda conn: conn.noop(1.5)) for _ in range(2)]
        dialling = crew.submit(books.sign_in, account(scripted(greeting=Stall()), endpoint_of, "charlie"))
        time.sleep(0.2)
        start = time.monotonic()
        for _ in range(20):
            books.read(free, lambda conn: conn.noop())
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
            second = crew.submit(books.read, mine, lambda conn: fetch.select(conn, INBOX).messages)
            time.sleep(0.3)
        assert second.result(5) == 0


# --- ends -------------------------------------------------------------------------------------------------------------


def test_a_read_survives_the_end_of_a_kept_connection(
    dovecot: Dovecot, alice: Person, account_of: Any, pools: Pools
) -> None:
    mine, books = account_of(alice), pools()
    books.sign_in(mine)
    dovecot.kick(alice)
    assert books.read(mine, lambda conn: fetch.select(conn, INBOX)).messages == 0


def test_a_read_is_repeated_once_when_the_connection_dies_under_it(
    scripted: Start, endpoint_of: Any, pools: Pools
) -> None:
    server, books = scripted({"NOOP": Turns(Close(), "{tag} OK done")}), pools()
    mine, calls = account(server, endpoint_of), []
    books.sign_in(mine)

    def work(conn: Connection) -> str:
        calls.append(conn)
        conn.noop()
        return "done"

    assert books.read(mine, work) == "done"
    assert len(calls) == 2
    assert server.connections == 2


def test_a_read_on_a_new_connection_is_not_repeated(scripted: Start, endpoint_of: Any, pools: Pools) -> None:
    server, books = scripted({"NOOP": Close()}), pools()
    with pytest.raises(errors.ConnectionLost):
        books.read(account(server, endpoint_of), lambda conn: conn.noop())
    assert server.connections == 1
    assert books._count == 0


def test_a_read_is_repeated_only_once(scripted: Start, endpoint_of: Any, pools: Pools) -> None:
    server, books = scripted({"NOOP": Close()}), pools()
    mine = account(server, endpoint_of)
    books.sign_in(mine)
    with pytest.raises(errors.ConnectionLost):
        books.read(mine, lambda conn: conn.noop())
    assert server.connections == 2


def test_a_write_is_never_repeated(scripted: Start, endpoint_of: Any, pools: Pools) -> None:
    server, books = scripted({"CREATE": Close()}), pools()
    mine = account(server, endpoint_of)
    books.sign_in(mine)
    with pytest.raises(errors.ConnectionLost), books.lease(mine) as conn:
        mailboxes.create(conn, MailboxName("New"))
    assert len(server.asked("CREATE")) == 1
    with books.lease(mine) as conn:
        conn.noop()


def test_a_write_does_not_begin_on_a_connection_that_was_ended_meanwhile(
    dovecot: Dovecot, alice: Person, account_of: Any, pools: Pools
) -> None:
    mine, books = account_of(alice), pools()
    books.sign_in(mine)
    dovecot.kick(alice)
    with books.lease(mine) as conn:
        mailboxes.create(conn, MailboxName("New"))
    assert "New" in alice.mailboxes()


def test_mail_goes_on_after_the_server_was_restarted(
    another_dovecot: Callable[..., Dovecot], account_of: Any, pools: Pools
) -> None:
    server = another_dovecot()
    person = server.person(next(iter(server.people.values())))
    mine, books = account_of(person), pools()
    with books.lease(mine), books.lease(mine):
        pass
    server.restart()
    for _ in range(3):
        assert books.read(mine, lambda conn: fetch.page(conn, INBOX)).total == 0


def test_a_silent_connection_is_asked_for_a_sign_of_life(
    alice: Person, account_of: Any, proxy: Callable[[int], Proxy], pools: Pools, monkeypatch: Any
) -> None:
    """A NAT box that forgot us: the socket looks well and carries nothing."""
    monkeypatch.setattr(pool, "_CHECK_AFTER", 0.0)
    monkeypatch.setattr(pool, "_SIGN_OF_LIFE", 0.3)
    between = proxy(alice.port)
    mine, books = account_of(alice, at=between), pools()
    books.sign_in(mine)
    between.stall()
    start = time.monotonic()
    with ThreadPoolExecutor(1) as crew:
        answer = crew.submit(books.read, mine, lambda conn: fetch.select(conn, INBOX).messages)
        time.sleep(0.6)
        between.pass_on()
        assert answer.result(5) == 0
    assert time.monotonic() - start < 3
    assert between.connections == 2


@pytest.mark.parametrize("octets", [1, 40, 300, 1000, 2500])
def test_a_cut_anywhere_in_an_answer_never_gives_half_a_page(
    alice: Person, account_of: Any, proxy: Callable[[int], Proxy], pools: Pools, octets: int
) -> None:
    alice.append_all(b"Subject: number %d\r\n\r\nx\r\n" % number for number in range(5))
    between = proxy(alice.port)
    mine, books = account_of(alice, at=between), pools()
    books.sign_in(mine)
    between.cut(after=octets)
    with ThreadPoolExecutor(1) as crew:
        answer = crew.submit(books.read, mine, lambda conn: fetch.page(conn, INBOX))
        time.sleep(0.2)
        between.pass_on()
        try:
            assert [row.subject for row in answer.result(10).rows] == [f"number {n}" for n in (4, 3, 2, 1, 0)]
        except errors.ConnectionLost:
            pass  # The second try was cut too: told, not guessed.


def test_a_broken_connection_is_not_lent_again(scripted: Start, endpoint_of: Any, pools: Pools) -> None:
    server, books = scripted({"NOOP": Turns("what?", "{tag} OK done")}), pools()
    mine = account(server, endpoint_of)
    with pytest.raises(errors.ProtocolBroken), books.lease(mine) as conn:
        conn.noop()
    with books.lease(mine) as conn:
        conn.noop()
    assert server.connections == 2


def test_an_error_in_the_page_leaves_the_connection_for_the_next(
    scripted: Start, endpoint_of: Any, pools: Pools
) -> None:
    server, books = scripted(), pools()
    mine = account(server, endpoint_of)
    with pytest.raises(ZeroDivisionError), books.lease(mine):
        raise ZeroDivisionError
    with books.lease(mine) as conn:
        conn.noop()
    assert server.connections == 1


def test_goodbye_while_nobody_looked_is_noticed_before_the_next_use(
    scripted: Start, endpoint_of: Any, pools: Pools
) -> None:
    server, books = scripted({"NOOP": ("{tag} OK done", Bye("idle for too long"))}), pools()
    mine = account(server, endpoint_of)
    with books.lease(mine) as conn:
        conn.noop()
    wait_until(lambda: conn.stirred())
    with books.lease(mine) as second:
        assert second is not conn


def test_a_changed_password_is_noticed_when_the_next_connection_is_made(
    another_dovecot: Callable[..., Dovecot], account_of: Any, pools: Pools
) -> None:
    server = another_dovecot()
    person = server.person(next(iter(server.people.values())))
    mine, books = account_of(person), pools()
    books.sign_in(mine)
    server.set_password(person.login, "new-password")
    server.kick(person)
    with pytest.raises(errors.SignInRefused):
        books.read(mine, lambda conn: conn.noop())


def test_many_threads_and_many_people_keep_the_books_straight(scripted: Start, endpoint_of: Any, pools: Pools) -> None:
    server, books = (
        scripted({"NOOP": Turns(*["{tag} OK done"] * 9, Close(), *["{tag} OK done"] * 200)}),
        pools(per_process=6, wait_seconds=10),
    )
    people = [account(server, endpoint_of, f"user{number}") for number in range(8)]

    def one(number: int) -> None:
        person = people[number % len(people)]
        try:
            books.read(person, lambda conn: conn.noop())
        except errors.ConnectionLost:
            pass
        if number % 17 == 0:
            books.forget(person)
        if number % 13 == 0:
            books.reap()

    with ThreadPoolExecutor(12) as crew:
        list(crew.map(one, range(150)))
    assert books._count == sum(seat.count for seat in books._seats.values()) <= 6
    assert all(seat.lent == 0 for seat in books._seats.values())


def test_a_message_can_be_appended_under_a_lease(alice: Person, account_of: Any, pools: Pools) -> None:
    with pools().lease(account_of(alice)) as conn:
        append.append(conn, INBOX, b"Subject: x\r\n\r\ny\r\n", [], datetime(2026, 1, 1, tzinfo=UTC))
    assert len(alice.messages()) == 1
