"""Cleaned bodies, rows and headers wait in memory: bounded, the oldest leaves first, what has one owner together."""

from __future__ import annotations

import threading

from webmail.cache import BoundedCache


def filled(limit: int, *keys: str, size: int = 10) -> BoundedCache[str]:
    cache: BoundedCache[str] = BoundedCache(limit)
    for key in keys:
        cache.put(("alice", key), key, size)
    return cache


def test_what_was_put_is_found_under_its_whole_key_only() -> None:
    cache = filled(100, "a")
    assert cache.get(("alice", "a")) == "a"
    assert cache.get(("charlie", "a")) is None
    assert cache.get(("alice",)) is None
    assert cache.get(()) is None


def test_r15_the_one_unused_for_longest_makes_room() -> None:
    cache = filled(40, "a", "b", "c", "d")
    assert cache.get(("alice", "a")) == "a"
    cache.put(("alice", "e"), "e", 10)
    assert cache.get(("alice", "b")) is None
    assert [key for key in "acde" if cache.get(("alice", key))] == list("acde")


def test_r15_one_body_never_drives_out_all_others() -> None:
    cache = filled(100, "a")
    cache.put(("alice", "huge"), "huge", 26)
    assert cache.get(("alice", "huge")) is None
    assert cache.get(("alice", "a")) == "a"


def test_putting_again_counts_once() -> None:
    cache = filled(40, "a", "a", "a", "a", "a", "b", "c", "d")
    assert cache.get(("alice", "a")) == "a"
    assert cache._size == 40


def test_r12_a_sign_in_that_ends_takes_its_bodies_with_it() -> None:
    cache = filled(100, "a", "b")
    cache.put(("charlie", "a"), "his", 10)
    cache.forget("alice")
    assert cache.get(("alice", "a")) is None
    assert cache.get(("charlie", "a")) == "his"
    assert cache._size == 10
    cache.forget("nobody")


def test_threads_leave_the_books_in_order() -> None:
    cache = filled(400)

    def work(name: str) -> None:
        for n in range(300):
            cache.put((name, str(n % 17)), name, 10)
            assert cache.get((name, str(n % 17))) in (name, None)
            if n % 50 == 0:
                cache.forget(name)

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache._size == 10 * len(cache._entries) <= 400
