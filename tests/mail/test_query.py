"""What is typed becomes a tree, and the tree becomes the same text's tree again; the keys are those of the table."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.mail.searches import NOW, TABLE
from webmail import errors
from webmail.imap import wire
from webmail.imap.find import arguments
from webmail.mail import moments
from webmail.mail.conditions import ALL, NONE, Not, Words, every, leaves, settled, widened
from webmail.mail.program import Asker, is_exact, program
from webmail.mail.query import parse, render

ASKER = Asker("alice@example.org", NOW)


def keys(typed: str, asker: Asker = ASKER) -> str:
    """What goes on the wire, the literals as a server with LITERAL+ gets them."""
    root = widened(parse(typed).root, lambda leaf: None if is_exact(leaf) else leaf)
    words, charset = arguments(root, asker)
    out = b""
    for word in (*charset, *words):
        checked = wire.guard(word)
        assert isinstance(checked, bytes)
        out += b"" if word == wire.CLOSE else b" "
        out += b"{%d+}\r\n%b" % (len(checked), checked) if isinstance(checked, wire.Literal) else checked
    return out.decode().strip()


@pytest.mark.parametrize("typed", TABLE, ids=repr)
def test_what_is_typed_becomes_these_keys(typed: str) -> None:
    assert keys(typed) == TABLE[typed]


def test_the_table_is_long_enough() -> None:
    assert len(TABLE) >= 80


def test_a_server_that_counts_seconds_is_told_the_moment_at_which_the_readers_day_begins() -> None:
    berlin = replace(ASKER, within=True, now=datetime(2026, 3, 10, 12, 0, tzinfo=ZoneInfo("Europe/Berlin")))
    assert keys("after:today", berlin) == "YOUNGER 43200"
    assert keys("before:yesterday", berlin) == "OLDER 129600"
    assert keys("on:yesterday", berlin) == "(YOUNGER 129600 OLDER 43200)"
    assert keys("on:today", berlin) == "(YOUNGER 43200 BEFORE 11-Mar-2026)", "tomorrow is not some seconds ago"
    assert keys("older_than:1d newer_than:2d", berlin) == "OLDER 86400 YOUNGER 172800"
    assert keys("after:2027", berlin) == "SINCE 1-Jan-2027"
    summer = replace(berlin, now=datetime(2026, 3, 29, 12, 0, tzinfo=ZoneInfo("Europe/Berlin")))
    assert keys("after:today", summer) == "YOUNGER 39600", "eleven hours: the clock was put forward"


def test_a_plain_word_is_fuzzy_where_that_is_wanted_and_nothing_else_is() -> None:
    fuzzy = replace(ASKER, fuzzy=True)
    assert keys("ferry", fuzzy) == 'FUZZY TEXT "ferry"'
    assert keys("subject:ferry", fuzzy) == 'SUBJECT "ferry"'
    assert "FUZZY" not in keys('"ferry times"', fuzzy)


@pytest.mark.parametrize(
    "typed", ["is:banana", "before:soon", "on:2026-13-01", "larger:huge", "has:fun", "older_than:x", "to:", "on:0000"]
)
def test_what_makes_no_sense_is_left_out_and_named(typed: str) -> None:
    query = parse(f"ferry {typed}")
    assert query.root == Words("", "ferry")
    assert [left.typed for left in query.left_out] == [typed]


def test_too_many_words_are_left_out_and_named() -> None:
    query = parse(" ".join(f"w{n}" for n in range(60)))
    assert len(list(leaves(query.root))) == 40
    assert {left.kind for left in query.left_out} == {"many"}


_PIECES = st.sampled_from([
    "a", "b", "OR", "AND", "NOT", "-", "(", ")", '"', "from:", "to:bob", "is:unread", "is:x", "before:2026", "on:today",
    "older_than:7d", "larger:5M", "in:", "|", "-from:", "“", "é", " ", "-(", 'x"y', "has:attachment", "label:", "--x",
    "filename:a", "subject:(", "-OR", "\r\n", "\0", "{3}",
])  # fmt: skip


@given(st.one_of(st.text(max_size=500), *(st.lists(_PIECES, max_size=25).map(sep.join) for sep in ("", " "))))
def test_nothing_that_can_be_typed_is_an_error_and_the_text_of_a_tree_is_that_tree(typed: str) -> None:
    root = parse(typed).root
    assert parse(render(root)).root == root
    for asker in (ASKER, replace(ASKER, within=True, fuzzy=True)):
        for part in program(root, asker):
            assert isinstance(part, str) or part.isascii()


@given(st.text(max_size=80))
def test_r9_no_text_ends_the_command(typed: str) -> None:
    """Whatever is typed: outside a literal there is neither CR nor LF nor NUL, and no quote that is not escaped."""
    for field in ("", "subject:", "from:", "filename:", "label:", "in:"):
        words, _ = arguments(widened(parse(field + typed).root, lambda _: None), ASKER)
        for word in words:
            assert wire.guard(word) == word
            if not isinstance(word, wire.Literal) and word.startswith(b'"'):
                inside = word[1:-1].replace(b"\\\\", b"").replace(b'\\"', b"")
                assert word.endswith(b'"')
                assert b'"' not in inside
                assert b"\\" not in inside


def test_r9_a_line_break_that_came_another_way_is_refused() -> None:
    for text in ("a\r\nb", "a\nb", "a\0b"):
        with pytest.raises(errors.UnsafeText):
            arguments(Words("subject", text), ASKER)


def test_each_piece_can_be_taken_away() -> None:
    query = parse("from:dora OR from:bob subject:report -is:read in:Sent")
    assert [render(piece) for piece in query.pieces] == [
        "from:dora OR from:bob", "subject:report", "-is:read", "in:Sent",
    ]  # fmt: skip
    assert render(every(query.pieces[1:])) == "subject:report -is:read in:Sent"


def test_a_tree_of_which_something_is_known_is_smaller() -> None:
    root = parse("from:dora (has:attachment OR subject:x)").root
    known = {leaf: True for leaf in leaves(root) if not is_exact(leaf)}
    assert settled(root, known.get) == parse("from:dora").root
    assert settled(root, dict.fromkeys(known, False).get) == parse("from:dora subject:x").root
    assert settled(Not(root), lambda _: True) == NONE
    assert settled(root, lambda _: True) == ALL


@pytest.mark.parametrize(
    ("count", "unit", "then"),
    [(1, "m", "2026-02-28"), (1, "y", "2025-03-31"), (13, "m", "2025-02-28"), (9999, "y", "1900-03-31")],
)
def test_months_and_years_go_by_the_calendar(count: int, unit: str, then: str) -> None:
    last_of_march = datetime(2026, 3, 31, 9, 0, tzinfo=UTC)
    assert moments.before(last_of_march, count, unit).date().isoformat() == then


def test_no_age_reaches_before_the_calendar() -> None:
    for unit in "hdwmy":
        assert moments.before(NOW, 9999, unit).year >= 1800
