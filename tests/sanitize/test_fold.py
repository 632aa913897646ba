"""The quote that ends a letter is folded; nothing else is, and nothing gets lost by it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sanitize.test_fixpoint import soup
from tests.sanitize.vectors import BY_CLASS
from webmail.sanitize.html import clean
from webmail.sanitize.to_text import to_text


def shown(html: str) -> str:
    return str(
        clean(html, inline=lambda _: None, remote=None, fold=lambda first: "" if first[:3] == "---" else "More").html
    )


def plain(html: str) -> str:
    return str(clean(html, inline=lambda _: None, remote=None).html)


GMAIL = (
    '<div dir="ltr">Yes &amp; no</div><br><div class="gmail_quote gmail_quote_container"><div class="gmail_attr">On '
    'Monday Bob:<br></div><blockquote class="gmail_quote" style="margin:0 0 0 1ex">Shall we?</blockquote></div><br>'
)
OPEN, CLOSE = "<details><summary>More</summary>", "</details>"


@pytest.mark.parametrize("html", [
    GMAIL,
    '<p>Yes</p><div class="moz-cite-prefix">Bob wrote:<br></div><blockquote type="cite"><p>old</p></blockquote>',
    '<html><body>Yes<blockquote type="CITE">old</blockquote></body></html>&nbsp;<p></p>\n',
    '<table><tr><td>Yes<div class="yahoo_quoted">old</div></td></tr></table>',
    "<p>Yes<blockquote type=cite>old, and never closed<div>x",
    '<body bgcolor="#eeeeee"><b>Yes</b><blockquote type=cite>old<blockquote type=cite>x</blockquote></blockquote><hr>',
    '<p>Yes</p><blockquote type=cite>one</blockquote><p>No</p><blockquote type=cite>two</blockquote><img alt="">',
])  # fmt: skip
def test_the_quote_at_the_end_is_folded_and_what_is_around_it_is_as_it_was(html: str) -> None:
    made = shown(html)
    assert made.count(OPEN) == made.count(CLOSE) == 1
    assert made.replace(OPEN, "").replace(CLOSE, "") == plain(html)
    before, _, inside = made.partition(OPEN)
    inside, _, behind = inside.partition(CLOSE)
    assert "Yes" in before
    assert re.search("old|two|Shall", inside)
    assert not to_text(behind).strip("- \n")
    assert plain(made) == made, "cleaned again it is the same"


@pytest.mark.parametrize("html", [
    "<blockquote type=cite>only a quote</blockquote>",
    "<p>Yes</p><blockquote type=cite>old</blockquote><p>and my answer below</p>",
    "<p>Read this:</p><blockquote>a quote that the newsletter draws</blockquote>",
    '<p>For you</p><div class="gmail_quote"><div>---------- Forwarded message</div>words</div>',
    "<p>Yes</p><b><blockquote type=cite>old</b> words that cross</blockquote>",
    "<p>Yes</p><div style='display:none'><blockquote type=cite>old</blockquote></div>",
    "<p>Yes</p>",
])  # fmt: skip
def test_what_is_no_quote_at_the_end_stays_open(html: str) -> None:
    assert shown(html) == plain(html)


@pytest.mark.parametrize("html", [each for found in BY_CLASS.values() for each in found])
def test_r2_a_hostile_letter_is_the_same_with_its_quote_folded(html: str) -> None:
    for letter in (
        f"<p>Yes</p><blockquote type=cite>{html}",
        f"<p>Yes</p>{html}<blockquote type=cite>old</blockquote>",
    ):
        made = shown(letter)
        assert made.replace(OPEN, "").replace(CLOSE, "") == plain(letter).replace(CLOSE, "")
        assert made.count(OPEN) <= made.count(CLOSE)


@given(st.tuples(soup, soup, soup))
def test_r2_no_soup_loses_a_word_by_the_fold(pieces: tuple[str, str, str]) -> None:
    letter = f"x{pieces[0]}<blockquote type=cite>{pieces[1]}</blockquote>{pieces[2]}"
    made = shown(letter)
    if OPEN in made:
        begins = made.index(OPEN)
        without = made[:begins] + made[begins + len(OPEN) :]
        assert plain(letter) in {
            without[:at] + without[at + len(CLOSE) :] for at in (match.start() for match in re.finditer(CLOSE, without))
        }
    else:
        assert made == plain(letter)
    assert plain(made) == made
