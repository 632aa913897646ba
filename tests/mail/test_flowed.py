"""format=flowed (RFC 3676): what is typed arrives as typed, and fits every window on the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.mail.flowed import Line, flow, lines, unflow


def test_a_long_paragraph_is_broken_softly_and_comes_back_whole() -> None:
    typed = "word " * 40 + "end"
    sent = flow(typed)
    assert all(len(line) <= 78 for line in sent.split("\n"))
    assert all(line.endswith(" ") for line in sent.split("\n")[:-1])
    assert unflow(sent) == typed


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("From the start", " From the start"),
        (" indented", "  indented"),
        ("trailing  ", "trailing"),
        ("> quoted", "> quoted"),
        (">> twice", ">> twice"),
        ("> > loosely", ">> loosely"),
        (">", ">"),
        ("-- ", "-- "),
        ("a\n\nb", "a\n\nb"),
        ("", ""),
    ],
)
def test_stuffing(typed: str, sent: str) -> None:
    """RFC 3676 4.4."""
    assert flow(typed) == sent


def test_a_long_quote_is_broken_into_quoted_lines() -> None:
    sent = flow("> " + "word " * 40)
    assert all(line.startswith("> ") and len(line) <= 78 for line in sent.split("\n"))
    assert unflow(sent) == "> " + ("word " * 40).rstrip()


def test_a_signature_line_is_never_joined() -> None:
    """RFC 3676 4.3."""
    assert lines("text \n-- \nme", flowed=True) == [Line(0, "text"), Line(0, "-- "), Line(0, "me")]


def test_a_paragraph_ends_where_the_quoting_changes() -> None:
    """RFC 3676 4.5."""
    assert lines("> a \nb", flowed=True) == [Line(1, "a"), Line(0, "b")]
    assert lines(">> a \n>> b \n> c", flowed=True) == [Line(2, "a b"), Line(1, "c")]


def test_delsp_drops_the_space_of_a_soft_break() -> None:
    assert lines("日本 \n語", flowed=True, delsp=True) == [Line(0, "日本語")]


def test_text_without_spaces_stays_whole() -> None:
    assert flow("日本語" * 100) == "日本語" * 100


def test_unflowed_quotes_are_counted_however_they_are_marked() -> None:
    found = lines("> a\n>> b\n> > c\n>d\n e > f", flowed=False)
    assert found == [Line(1, "a"), Line(2, "b"), Line(2, "c"), Line(1, "d"), Line(0, " e > f")]


def test_an_mbox_from_is_nobodys_quote() -> None:
    assert lines("x\n>From here", flowed=False)[1] == Line(0, "From here")
    assert lines("> x\n>From here", flowed=False)[1] == Line(1, "From here")


def test_a_stuffed_mark_is_text() -> None:
    assert lines(" > not a quote", flowed=True) == [Line(0, "> not a quote")]


WORDS = st.text(st.sampled_from("ab >-\nFrom é日"), max_size=300)


@given(WORDS)
def test_what_is_typed_comes_back(typed: str) -> None:
    wanted = [
        Line(line.depth, line.text if line.text == "-- " else line.text.rstrip(" "))
        for line in lines(typed, flowed=False)
    ]
    assert lines(flow(typed), flowed=True) == wanted


@given(WORDS)
def test_a_draft_that_is_opened_and_saved_again_does_not_change(typed: str) -> None:
    once = unflow(flow(typed))
    assert unflow(flow(once)) == once


@given(st.text(max_size=300), st.booleans(), st.booleans())
def test_no_text_raises(text: str, flowed: bool, delsp: bool) -> None:
    assert lines(text, flowed=flowed, delsp=delsp)
