"""Counting: so often at once, then one after the other; many at the same moment are not more than one after another."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from webmail.rate import Counter, MemoryCounter, Rate
from webmail.shared.counter import SharedCounter

TEN = Rate(10, 900)
Make = Callable[..., Any]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "shared"])
def make(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Makes a counter of either kind, which keep the same promises. Without a clock it goes by its own."""
    if request.param == "memory":
        return MemoryCounter
    link = request.getfixturevalue("link_to")(request.getfixturevalue("valkey").url)
    return lambda clock=None: SharedCounter(link, clock)


def taken(counter: Counter, rate: Rate, tries: int, key: str = "k") -> int:
    return sum(counter.take(key, rate) == 0.0 for _ in range(tries))


def test_r18_all_at_once_and_then_one_for_each_interval(make: Make, clock: Clock) -> None:
    counter = make(clock=clock)
    assert taken(counter, TEN, 1000) == 10
    assert counter.take("k", TEN) == pytest.approx(90)
    clock.now += 89
    assert counter.take("k", TEN) == pytest.approx(1)
    clock.now += 1
    assert taken(counter, TEN, 5) == 1
    clock.now += 900
    assert taken(counter, TEN, 1000) == 10


def test_keys_do_not_know_of_each_other(make: Make) -> None:
    counter = make()
    assert taken(counter, TEN, 20) == taken(counter, TEN, 20, "another") == 10


def test_what_is_given_back_can_be_taken_again(make: Make, clock: Clock) -> None:
    counter = make(clock=clock)
    for _ in range(100):
        assert counter.take("k", TEN) == 0.0
        counter.give_back("k", TEN)
    if isinstance(counter, MemoryCounter):
        assert len(counter) == 0
    counter.give_back("nobody", TEN)


def test_what_is_refused_takes_nothing(make: Make, clock: Clock) -> None:
    counter = make(clock=clock)
    assert taken(counter, TEN, 10) == 10
    assert [round(counter.take("k", TEN)) for _ in range(50)] == [90] * 50


def test_zero_is_no_limit(make: Make) -> None:
    counter = make()
    assert taken(counter, Rate(0, 60), 1000) == 1000
    counter.give_back("k", Rate(0, 60))
    if isinstance(counter, MemoryCounter):
        assert len(counter) == 0


def test_more_than_there_ever_is_waits_for_all_of_it(make: Make, clock: Clock) -> None:
    counter, hour = make(clock=clock), Rate(500, 3600)
    assert counter.take("k", hour, 2000) == 0.0
    assert counter.take("k", hour, 1) == pytest.approx(7.2)
    clock.now += 3599
    assert counter.take("k", hour, 2000) == pytest.approx(1)


def test_a_limit_may_be_stricter_for_a_while(make: Make, clock: Clock) -> None:
    counter, strict = make(clock=clock), Rate(2, 900)
    assert taken(counter, strict, 10) == 2
    assert taken(counter, TEN, 10, "other") == 10
    assert counter.take("other", strict) > 0


def test_r18_of_many_at_the_same_moment_none_is_too_many(make: Make) -> None:
    counter, got = make(), []
    gate = threading.Barrier(16)

    def work() -> None:
        gate.wait()
        got.extend(counter.take("k", TEN) for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got.count(0.0) == 10


def test_r15_what_is_kept_is_bounded_and_the_busiest_stay(clock: Clock) -> None:
    counter = MemoryCounter(most=100, clock=clock)
    taken(counter, TEN, 10, "busy")
    for number in range(1000):
        counter.take(str(number), TEN)
        assert len(counter) <= 100
    assert counter.take("busy", TEN) > 0
    clock.now += 10000
    counter.take("late", TEN)
    for number in range(100):
        counter.take(f"again {number}", TEN)
    assert len(counter) <= 100
