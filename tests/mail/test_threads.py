"""Who answers whom, from identifiers alone, whatever they claim."""

from __future__ import annotations

import itertools
import time

from hypothesis import given
from hypothesis import strategies as st

from webmail.mail.ids import Uid
from webmail.mail.threads import Linked, Node, Thread, thread


def letter(uid: int, name: str | None, *references: str) -> Linked:
    return Linked(Uid(uid), name, references)


def drawn(talks: tuple[Thread, ...]) -> list[str]:
    """Each talk as text: "1 .2 ..3"; a dot for each step down, ? for a letter that is not here."""
    return [" ".join("." * node.depth + str(node.uid or "?") for node in talk) for talk in talks]


def test_answers_stand_below_what_they_answer() -> None:
    talks = thread([letter(1, "a"), letter(2, "b", "a"), letter(3, "c", "a", "b"), letter(4, "d", "a"), letter(5, "e")])
    assert drawn(talks) == ["1 .2 ..3 .4", "5"]


def test_a_letter_that_came_before_what_it_answers_stands_below_it_all_the_same() -> None:
    assert drawn(thread([letter(1, "b", "a"), letter(2, "a")])) == ["2 .1"]


def test_answers_to_a_letter_that_is_not_here_stay_together() -> None:
    assert drawn(thread([letter(1, "b", "a"), letter(2, "c", "a")])) == ["? .1 .2"]


def test_a_single_answer_to_a_letter_that_is_not_here_stands_alone() -> None:
    assert drawn(thread([letter(7, "c", "a", "b")])) == ["7"]


def test_a_gap_in_the_middle_is_bridged() -> None:
    assert drawn(thread([letter(1, "a"), letter(2, "c", "a", "b"), letter(3, "d", "a", "b", "c")])) == ["1 .2 ..3"]


def test_what_a_letter_says_of_itself_goes_before_what_others_say_of_it() -> None:
    """3 claims that c answers b; c itself says that it answers a."""
    talks = thread([letter(1, "a"), letter(2, "b"), letter(3, "d", "b", "c"), letter(4, "c", "a")])
    assert drawn(talks) == ["1 .4 ..3", "2"]


def test_equal_subjects_join_nothing_and_a_letter_without_a_name_is_a_talk_of_its_own() -> None:
    assert drawn(thread([letter(1, None), letter(2, None), letter(3, None, "x")])) == ["1", "2", "3"]


def test_of_letters_with_one_name_the_first_is_answered() -> None:
    assert drawn(thread([letter(1, "a"), letter(2, "a"), letter(3, "b", "a")])) == ["1 .3", "2"]


def test_letters_that_claim_to_answer_each_other_are_shown_once_each() -> None:
    talks = thread([letter(1, "a", "b"), letter(2, "b", "a"), letter(3, "c", "c")])
    assert sorted(node.uid or 0 for talk in talks for node in talk) == [1, 2, 3]
    assert len(talks) == 2


def test_answers_to_a_copy_do_not_lose_their_order() -> None:
    talks = thread([letter(9, "z", "a"), letter(3, "y", "a"), letter(5, "x", "a"), letter(1, "a")])
    assert drawn(talks) == ["1 .3 .5 .9"]


def test_nothing_is_no_talk() -> None:
    assert thread([]) == ()


def test_r15_a_chain_of_thousands_is_no_recursion() -> None:
    names = [f"n{number}" for number in range(5000)]
    talks = thread(letter(number + 1, name, *names[max(0, number - 1) : number]) for number, name in enumerate(names))
    assert len(talks) == 1
    assert talks[0][-1] == Node(Uid(5000), 4999)


def test_r15_letters_with_a_thousand_references_each_take_no_long_time() -> None:
    start = time.monotonic()
    rows = [letter(n + 1, f"m{n}", *(f"r{(n * 7 + k) % 4000}" for k in range(1000))) for n in range(1000)]
    assert sum(len([node for node in talk if node.uid]) for talk in thread(rows)) == 1000
    assert time.monotonic() - start < 20


names = st.one_of(st.none(), st.sampled_from("abcdefgh"))


@given(st.lists(st.tuples(names, st.lists(st.sampled_from("abcdefghxy"), max_size=5)), max_size=25))
def test_every_letter_is_in_one_talk_once_whatever_they_claim(claims: list[tuple[str | None, list[str]]]) -> None:
    rows = [letter(uid, name, *references) for uid, (name, references) in enumerate(claims, 1)]
    talks = thread(rows)
    assert sorted(node.uid for talk in talks for node in talk if node.uid) == [row.uid for row in rows]
    for talk in talks:
        assert talk[0].depth == 0
        assert all(node.depth > 0 for node in talk[1:])
        assert all(deeper.depth <= node.depth + 1 for node, deeper in itertools.pairwise(talk))
