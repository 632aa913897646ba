"""Places for those whose mail server answers."""

from __future__ import annotations

from webmail.lanes import SLOW, Lanes, Turn


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def lanes_of(room: int = 8) -> tuple[Lanes, Clock]:
    clock = Clock()
    return Lanes(lambda: room, clock), clock


def entered(lanes: Lanes, key: str, count: int = 1, server: str = "far") -> list[Turn]:
    turns = [lanes.enter(key, server) for _ in range(count)]
    assert None not in turns
    return [turn for turn in turns if turn is not None]


def quick(lanes: Lanes, key: str = "quick") -> None:
    [turn] = entered(lanes, key, server="near")
    lanes.leave(turn)


def test_who_waits_for_a_slow_server_leaves_a_quarter_to_the_others() -> None:
    lanes, clock = lanes_of()
    quick(lanes)
    for number in range(6):
        entered(lanes, f"slow {number}")
    clock.now += SLOW + 0.1
    assert lanes.enter("slow 0", "far") is None, "it waits already"
    quick(lanes)
    quick(lanes, "a stranger")


def test_who_was_slow_lately_is_known_and_who_is_quick_again_too() -> None:
    lanes, clock = lanes_of()
    for number in range(64):
        quick(lanes, f"most {number}")
    [turn] = entered(lanes, "late")
    clock.now += SLOW + 0.1
    lanes.leave(turn)
    waiting = [entered(lanes, f"slow {number}")[0] for number in range(6)]
    clock.now += SLOW + 0.1
    quick(lanes)
    assert lanes.enter("late", "far") is None
    lanes.leave(waiting[0])
    quick(lanes, "late")
    entered(lanes, "slow 0")
    clock.now += SLOW + 0.1
    quick(lanes)
    quick(lanes, "late")


def test_places_that_are_taken_by_quick_ones_refuse_nobody() -> None:
    lanes, clock = lanes_of()
    [turn] = entered(lanes, "late")
    clock.now += SLOW + 0.1
    lanes.leave(turn)
    quick(lanes)
    entered(lanes, "busy", 20)
    entered(lanes, "late")


def test_where_everybody_is_slow_nobody_is_refused() -> None:
    lanes, clock = lanes_of()
    entered(lanes, "slow", 20)
    clock.now += SLOW + 0.1
    entered(lanes, "slow", 20)


def test_a_form_is_counted_and_never_refused() -> None:
    lanes, clock = lanes_of()
    quick(lanes)
    entered(lanes, "slow", 6)
    clock.now += SLOW + 0.1
    assert lanes.enter("slow", "far") is None
    assert lanes.enter("slow", "far", sure=True) is not None


def test_somebody_who_was_slow_is_tried_again_after_a_minute() -> None:
    lanes, clock = lanes_of()
    [turn] = entered(lanes, "late")
    clock.now += 5
    lanes.leave(turn)
    clock.now += 61
    entered(lanes, "slow", 6)
    clock.now += SLOW + 0.1
    quick(lanes)
    entered(lanes, "late")


def test_what_is_remembered_of_the_slow_and_the_quick_is_bounded() -> None:
    lanes, clock = lanes_of()
    for number in range(10_050):
        for _ in range(3):
            quick(lanes, f"quick {number}")
        [turn] = entered(lanes, f"slow {number}")
        clock.now += SLOW + 0.1
        lanes.leave(turn)
        lanes.leave(turn)
    assert (len(lanes._slow), len(lanes._quick)) == (10_000, 10_000)
    assert not lanes._turns


def test_people_who_were_quick_before_their_server_fell_silent_leave_the_last_places_too() -> None:
    lanes, clock = lanes_of(16)
    people = [f"guest {number}" for number in range(30)]
    for one in people:
        [turn] = entered(lanes, one)
        lanes.leave(turn)
    clock.now += 5
    entered(lanes, people[0])
    for number in range(1, 4):
        entered(lanes, people[number])
    clock.now += SLOW + 0.1
    quick(lanes)
    got = [one for one in people[4:] if lanes.enter(one, "far") is not None]
    assert len(got) == 16 * 7 // 8 - 4
    quick(lanes)
    quick(lanes, "a stranger")


def test_who_was_quick_while_others_waited_for_the_same_server_is_no_suspect() -> None:
    lanes, clock = lanes_of(16)
    for number in range(12):
        entered(lanes, f"slow {number}")
    clock.now += SLOW + 0.1
    [turn] = entered(lanes, "lucky")
    lanes.leave(turn)
    [turn, _] = entered(lanes, "stranger", 2)
    assert lanes.enter("another", "far") is None
    for _ in range(20):
        entered(lanes, "lucky")


def test_where_most_take_long_because_there_is_much_to_do_nobody_is_slow() -> None:
    lanes, clock = lanes_of()
    for number in range(40):
        turns = entered(lanes, f"busy {number % 20}", 7)
        clock.now += 0.5 if number % 5 == 0 else 3
        for turn in turns:
            lanes.leave(turn)
    waiting = [entered(lanes, f"busy {number}")[0] for number in range(8)]
    clock.now += 5
    assert all(lanes.enter(f"busy {number}", "far") is not None for number in range(20))
    assert len(waiting) == 8
