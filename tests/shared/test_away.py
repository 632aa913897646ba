"""What all machines share is away, full, or forgets: said clearly, nothing lost, and well again by itself."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers.dovecot import free_ports
from tests.servers.valkey import PASSWORD, Valkey
from webmail import errors
from webmail.journal import State, account_key, letter_key
from webmail.rate import Rate
from webmail.shared.counter import SharedCounter
from webmail.shared.endings import SharedEndings
from webmail.shared.journal import SharedJournal
from webmail.shared.link import Link
from webmail.shared.node import Node
from webmail.shared.store import SharedStore
from webmail.web.factors import Factors, FactorsLost, FactorUnreadable

LinkTo = Callable[[str], Link]

KEY = "ab" * 32
ACCOUNT = account_key("mail.example.org", "alice@example.org")
LETTER = letter_key(ACCOUNT, "<1@example.org>")


@pytest.fixture
def own() -> Iterator[Valkey]:
    """One that this test may stop."""
    server = Valkey().start()
    yield server
    server.stop()


def soon(true: Callable[[], object], seconds: float = 10) -> None:
    """It becomes so by itself."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def back(link: Link) -> None:
    soon(link.well)


def test_r17_a_server_that_does_not_answer_is_one_error_without_its_address(
    link_to: LinkTo, caplog: pytest.LogCaptureFixture
) -> None:
    [port] = free_ports(1)
    link = link_to(f"redis://:{PASSWORD}@127.0.0.1:{port}/0")
    store = SharedStore(link, "sign-ins")
    began = time.monotonic()
    for _ in range(50):
        with pytest.raises(errors.SharedAway):
            store.get(KEY)
    assert time.monotonic() - began < 1, "who comes after is not kept waiting"
    assert not link.well()
    assert [record.levelno for record in caplog.records] == [logging.ERROR], "said once"
    assert PASSWORD not in caplog.text
    assert str(port) not in caplog.text


def test_one_that_is_silent_costs_a_moment_and_not_a_thread(link_to: LinkTo) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        link = link_to(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        began = time.monotonic()
        assert not link.well()
        assert time.monotonic() - began < 5


def test_a_wrong_password_and_no_memory_are_the_same_error(link_to: LinkTo, own: Valkey) -> None:
    with pytest.raises(errors.SharedAway):
        SharedStore(link_to(own.url.replace(PASSWORD, "another")), "sign-ins").get(KEY)
    with own.client as client:
        client.config_set("maxmemory", "100kb")
    with pytest.raises(errors.SharedAway):
        SharedStore(link_to(own.url), "sign-ins").put(KEY, {"a": 1})


def test_a_sign_in_that_was_seen_lately_is_believed_until_it_is_back(link_to: LinkTo, own: Valkey) -> None:
    link = link_to(own.url)
    store = SharedStore(link, "sign-ins")
    store.put(KEY, {"a": 1})
    assert store.get(KEY) is not None
    own.kill()
    seen = store.get(KEY)
    assert seen is not None
    assert seen[0] == {"a": 1}
    store.touch(KEY)
    store.change(KEY, {"a": 2})
    for deed in (lambda: store.put(KEY, {"a": 3}), lambda: store.delete(KEY), lambda: store.get("cd" * 32)):
        with pytest.raises(errors.SharedAway):
            deed()
    own.start()
    back(link)
    found = store.get(KEY)
    assert found is not None, "what was told that it is written was written"
    assert found[0] == {"a": 1}
    store.delete(KEY)
    own.kill()
    with pytest.raises(errors.SharedAway):
        store.get(KEY)


def test_every_answer_was_on_the_disk_before_it_was_given(link_to: LinkTo, own: Valkey) -> None:
    """SIGKILL in the middle of many writers: what somebody was told is there, whatever else is."""
    links = [link_to(own.url) for _ in range(4)]
    told: list[str] = []

    def write(link: Link, number: int) -> None:
        journal = SharedJournal(link, Node(link))
        for at in range(10_000):
            letter = letter_key(ACCOUNT, f"<{number}.{at}@example.org>")
            try:
                journal.note(ACCOUNT, letter, State.SENDING, after=(None,))
            except errors.NotNoted:
                return
            told.append(letter)

    threads = [threading.Thread(target=write, args=pair) for pair in zip(links, range(4), strict=True)]
    for thread in threads:
        thread.start()
    time.sleep(0.4)
    own.kill()
    for thread in threads:
        thread.join(20)
    own.start()
    link = link_to(own.url)
    found = SharedJournal(link, Node(link)).waiting(ACCOUNT)
    assert len(told) > 20
    assert set(told) <= found.keys()


def test_a_limit_goes_on_in_each_machine_alone(link_to: LinkTo, own: Valkey) -> None:
    link = link_to(own.url)
    counter = SharedCounter(link)
    assert sum(counter.take("k", Rate(3, 900)) == 0 for _ in range(5)) == 3
    own.kill()
    assert sum(counter.take("k", Rate(3, 900)) == 0 for _ in range(5)) == 3
    counter.give_back("k", Rate(3, 900))
    own.start()
    back(link)
    assert counter.take("k", Rate(3, 900)) > 0


def test_what_has_happened_is_written_once_somebody_can_be_told(link_to: LinkTo, own: Valkey) -> None:
    link = link_to(own.url)
    journal = SharedJournal(link, Node(link))
    journal.note(ACCOUNT, LETTER, State.SENDING, after=(None,))
    own.kill()
    with pytest.raises(errors.NotNoted):
        journal.note(ACCOUNT, LETTER, State.ACCEPTED, after=(State.SENDING,))
    journal.later(ACCOUNT, LETTER, State.ACCEPTED, after=(State.SENDING,))
    own.start()

    def accepted() -> bool:
        try:
            found = journal.get(ACCOUNT, LETTER)
        except errors.NotNoted:
            return False
        return found is not None and found.state is State.ACCEPTED

    soon(accepted)
    journal.close()


def test_a_step_of_which_nobody_knows_whether_it_was_written_counts_as_not_taken(link_to: LinkTo, own: Valkey) -> None:
    """The answer is lost on the way: the letter was not handed over, and can be sent again."""
    link = link_to(own.url)
    journal = SharedJournal(link, Node(link))
    journal.note(ACCOUNT, LETTER, State.HELD, after=(None,))
    with own.client as client:
        client.execute_command("CLIENT", "PAUSE", "3000", "WRITE")
    with pytest.raises(errors.NotNoted):
        journal.note(ACCOUNT, LETTER, State.SENDING, after=(State.HELD,))
    time.sleep(2)
    back(link)
    assert journal.note(ACCOUNT, LETTER, State.SENDING, after=(State.HELD, State.FAILED)) is None
    journal.close()


def test_who_gives_no_sign_of_life_is_taken_for_dead_and_writes_no_more(link_to: LinkTo, valkey: Valkey) -> None:
    """A process that sleeps through its lease wakes up, and what it held is another's."""
    nodes = [Node(link_to(valkey.url)), Node(link_to(valkey.url))]
    nodes[0].lease, nodes[0].beat, nodes[1].beat = 0.5, 60, 0.1
    sleeper, waker = (SharedJournal(node._link, node) for node in nodes)
    sleeper.note(ACCOUNT, LETTER, State.SENDING, after=(None,))
    other = letter_key(ACCOUNT, "<2@example.org>")
    sleeper.note(ACCOUNT, other, State.HELD, after=(None,))
    entries = waker.waiting(ACCOUNT)
    assert not waker.abandoned(entries[LETTER])
    time.sleep(0.7)
    assert waker.abandoned(entries[LETTER])
    assert waker.note(ACCOUNT, LETTER, State.UNKNOWN, after=(State.SENDING,)) is None
    assert waker.take(ACCOUNT, other, entries[other])
    assert not sleeper.sends(ACCOUNT, LETTER), "asked before the final dot"
    assert sleeper.note(ACCOUNT, LETTER, State.FAILED, after=(State.SENDING,)) is not None
    sleeper.later(ACCOUNT, other, State.FAILED, after=(State.HELD,))
    assert sleeper.note(ACCOUNT, letter_key(ACCOUNT, "<3@example.org>"), State.HELD, after=(None,)) is None
    found = waker.get(ACCOUNT, other)
    assert found is not None
    assert waker.own(found)
    assert found.state is State.HELD
    sleeper.close()
    waker.close()


def test_an_end_is_heard_on_every_machine_and_again_after_a_restart(link_to: LinkTo, own: Valkey) -> None:
    woken: list[str] = []
    store, elsewhere = SharedStore(link_to(own.url), "sign-ins"), SharedStore(link_to(own.url), "sign-ins")
    endings = SharedEndings(link_to(own.url), elsewhere.ended)
    elsewhere.put(KEY, {"a": 1})
    elsewhere.get(KEY)
    with endings.awaiting(KEY, lambda: woken.append(KEY)), endings.awaiting("cd" * 32, lambda: woken.append("other")):
        soon(lambda: "other" in woken)
        woken.clear()
        time.sleep(0.2)
        store.delete(KEY)
        soon(lambda: woken == [KEY])
        own.kill()
        own.start()
        soon(lambda: "other" in woken)
    endings.close()


def test_r12_what_is_kept_there_says_nothing_of_who_and_what(link_to: LinkTo, valkey: Valkey) -> None:
    link = link_to(valkey.url)
    journal = SharedJournal(link, Node(link))
    journal.note(ACCOUNT, LETTER, State.FAILED, after=(None,), why="RecipientsRefused")
    SharedCounter(link).take(ACCOUNT, Rate(3, 900))
    with valkey.client as client:
        for place in client.scan_iter():
            told = json.dumps(client.hgetall(place) if client.type(place) == "hash" else client.get(place))
            assert "@" not in place + told
            assert "alice" not in place + told
    journal.close()


def test_second_factors_that_are_gone_let_nobody_in(link_to: LinkTo, valkey: Valkey, tmp_path: Path) -> None:
    key, mark = "k" * 40, tmp_path / "mark"
    store = SharedStore(link_to(valkey.url), "second-factors")
    factors = Factors(store, key, mark)
    assert not factors.has(KEY)
    valkey.clear()
    with pytest.raises(FactorUnreadable):
        factors.has(KEY)
    with pytest.raises(FactorsLost):
        Factors(store, key, mark)
    mark.unlink()
    assert not Factors(store, key, mark).has(KEY)


def test_nothing_of_a_sign_in_stays_for_ever(link_to: LinkTo, valkey: Valkey) -> None:
    """Not even the list of an account whose owner never comes back."""
    link = link_to(valkey.url)
    SharedStore(link, "sign-ins", lambda _: 60).put("ab" * 32, {"of": "cd" * 32})
    with valkey.client as client:
        left = {place: client.ttl(place) for place in client.scan_iter("pennypost:*")}
    assert len(left) == 2
    assert [place for place, seconds in left.items() if seconds <= 0] == []
