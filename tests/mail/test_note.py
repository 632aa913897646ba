"""Notes of settings: read with patience, merged without loss, never too large."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.mail.note import LONGEST, Note, Register, changed, dump, merged, parse

NOW = 1_700_000_000_000
KEYS = st.sampled_from(["theme", "density", "image_senders/ana@example.org", "image_senders/bob@example.org", "newer"])
VALUES = st.one_of(st.booleans(), st.integers(-9, 9), st.sampled_from(["dark", "light", "", "ä"]), st.none())
NOTES = st.dictionaries(KEYS, st.builds(Register, VALUES, st.integers(0, 5)))


def note(**values: object) -> bytes:
    return json.dumps({"pennypost-settings": 1, "values": values}).encode()


@given(st.lists(NOTES, max_size=4), st.randoms())
def test_notes_merge_to_the_same_in_whatever_order_and_however_often(notes: list[Note], chance: object) -> None:
    expected = merged(notes)
    mixed = [*notes, *notes]
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert merged(mixed) == expected
    assert merged([merged(notes[:2]), merged(notes[2:])]) == expected


@given(NOTES)
def test_what_is_written_is_read_again(given_note: Note) -> None:
    assert parse(dump(given_note, ()), NOW) == given_note


def test_the_later_value_counts_and_lists_are_united() -> None:
    one = changed({}, {"theme": "dark", "image_senders/a@x.org": True}, 10)
    two = changed(one, {"image_senders/b@x.org": True, "image_senders/a@x.org": None}, 20)
    three = changed(one, {"theme": "light", "image_senders/c@x.org": True}, 30)
    both = merged([two, three])
    assert both["theme"].value == "light"
    assert {key: r.value for key, r in both.items() if "/" in key} == {
        "image_senders/a@x.org": None, "image_senders/b@x.org": True, "image_senders/c@x.org": True,
    }  # fmt: skip


def test_a_change_wins_over_what_it_replaces_even_on_a_slow_clock() -> None:
    before = {"theme": Register("dark", 500)}
    after = changed(before, {"theme": "light"}, 100)
    assert merged([before, after])["theme"].value == "light"
    assert changed(before, {"theme": "dark", "never": None}, 900) == before


def test_a_moment_in_the_future_does_not_win_for_ever() -> None:
    told = parse(note(theme=["dark", 2**52]), NOW)
    assert told == {"theme": Register("dark", NOW)}
    assert merged([told, changed({}, {"theme": "light"}, NOW + 1)])["theme"].value == "light"


@pytest.mark.parametrize(
    "octets",
    [
        b"", b"\xff\xfe", b"null", b"[]", b"{}", b'{"values": {}}', b'{"pennypost-settings": 1, "values": []}',
        b"[" * 30_000, b'{"a":' * 6000, b'{"pennypost-settings": ' + b"9" * 20_000 + b', "values": {}}',
        b"x" * (LONGEST + 1), note(a=["x" * LONGEST, 1]),
    ],
)  # fmt: skip
def test_r15_what_is_no_note_is_none(octets: bytes) -> None:
    assert parse(octets, NOW) is None


@pytest.mark.parametrize(
    "value",
    [
        {}, [], "dark", ["dark"], ["dark", "1"], ["dark", -1], ["dark", 1.5], ["dark", True], [{"a": 1}, 1], [["a"], 1],
        [1.5, 1], [2**60, 1], ["\ud800", 1], ["a\0b", 1], ["x" * 4001, 1], ["dark", 1, 2], ["dark", 2**60],
    ],
)  # fmt: skip
def test_r12_what_is_no_register_is_left_out(value: object) -> None:
    assert parse(note(theme=value, density=["compact", 1]), NOW) == {"density": Register("compact", 1)}


def test_a_key_that_could_not_be_ours_is_left_out_and_one_of_a_newer_version_stays() -> None:
    odd = {"": ["x", 1], "Theme": ["x", 1], "a/": ["x", 1], "a/\r\n": ["x", 1], "a/\ud800": ["x", 1], "b" * 400: [1, 1]}
    assert parse(note(**odd, quoting=["top", 7]), NOW) == {"quoting": Register("top", 7)}


def test_too_much_leaves_in_order_and_settings_stay() -> None:
    full: dict[str, Register] = {f"image_senders/{n:04}@example.org": Register(True, 1000 + n) for n in range(900)}
    full |= {f"image_senders/gone{n}@example.org": Register(None, 2000 + n) for n in range(50)}
    full |= {"signature": Register('ä\n"\\' * 500, 1), "newer": Register("y" * 3000, 1), "theme": Register("dark", 0)}
    octets = dump(full, {"signature", "theme"})
    assert LONGEST - 200 < len(octets) <= LONGEST
    kept = parse(octets, NOW) or {}
    assert {"signature", "theme", "newer"} <= kept.keys()
    assert not [key for key in kept if "gone" in key]
    members = sorted(key for key in kept if "/" in key)
    assert members == [f"image_senders/{n:04}@example.org" for n in range(900 - len(members), 900)]


def test_settings_alone_always_fit() -> None:
    from webmail.mail.preferences import KNOWN, OPTIONS

    longest = {name: "" if option.kind == "members" else "😀" * option.longest for name, option in OPTIONS.items()}
    worst = {
        name: Register(longest[name] or next(iter(option.choices), True), 2**52) for name, option in OPTIONS.items()
    }
    worst |= {f"unknown{n}": Register("x" * 4000, n) for n in range(30)}
    kept = parse(dump(worst, KNOWN), 2**53) or {}
    assert kept.keys() >= KNOWN
