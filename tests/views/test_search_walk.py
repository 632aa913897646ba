"""Folder after folder: in what order, how many at a time, and who waits for whom."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from webmail import errors
from webmail.mail.ids import MailboxName
from webmail.mail.mailbox import Mailbox
from webmail.mail.program import Asker
from webmail.mail.query import parse
from webmail.views._search_walk import Search

WHO = Asker("", datetime.now(UTC))
ROOT = parse("ferry").root


def search(counts: list[int | None], borrow: Callable[..., Any], begin: int = 0) -> Search:
    boxes = [Mailbox(MailboxName(f"Box {n}"), "/", frozenset(), None, count, 0) for n, count in enumerate(counts)]
    return Search([(box, ROOT) for box in boxes], WHO, borrow, begin)


def numbers_of(work: Any) -> list[int]:
    return list(work.keywords["numbers"])


def test_small_folders_are_asked_together_more_and_more_of_them_and_large_ones_alone() -> None:
    asked: list[list[int]] = []
    counts = [10, 10, 0, 10, 100_000, *[10] * 40, 3000, 3000, None, None]
    one = search(counts, lambda work: asked.append(numbers_of(work)) or [])
    told = [number for turn in one.turns() for number, _ in turn]
    assert sorted(told) == [*range(len(counts))]
    assert asked[0] == [0]
    assert [4] in asked, "the large one"
    assert max(map(len, asked)) <= 16
    assert not any(45 in turn and 46 in turn for turn in asked)
    assert not any(2 in turn for turn in asked), "it is known to be empty"


def test_a_folder_that_takes_long_does_not_hold_the_others() -> None:
    go_on = threading.Event()

    def borrow(work: Any) -> list[Any]:
        numbers = numbers_of(work)
        if 0 in numbers:
            assert go_on.wait(30)
        return [(number, None) for number in numbers]

    told = []
    for turn in search([100_000, *[10] * 30], borrow).beside():
        told += [number for number, _ in turn]
        if len(told) == 30:
            go_on.set()
    assert told == [*range(1, 31), 0]


def test_without_a_second_connection_all_are_searched_all_the_same() -> None:
    first = threading.get_ident()
    lanes: set[int] = set()

    def borrow(work: Any) -> list[Any]:
        lanes.add(threading.get_ident())
        if threading.get_ident() != min(lanes) and threading.get_ident() != first:
            raise errors.ServerBusy
        return [(number, None) for number in numbers_of(work)]

    told = [result for turn in search([10] * 40, borrow).beside() for result in turn]
    assert sorted(number for number, _ in told) == [*range(40)]


def test_who_stops_is_not_waited_for_any_longer_than_the_turn_under_way() -> None:
    asked: list[int] = []

    def borrow(work: Any) -> list[Any]:
        asked.extend(numbers_of(work))
        return []

    steps = search([10] * 2000, borrow).beside()
    next(steps)
    steps.close()
    assert len(asked) < 400


def test_it_goes_on_behind_what_was_done_before() -> None:
    one = search([10] * 5, lambda work: [], begin=3)
    assert [number for turn in one.turns() for number, _ in turn] == [3, 4]
    assert one.at_start().done == 3
