"""Cleaned HTML read as text, for quoting in an answer."""

from __future__ import annotations

import pytest

from webmail.sanitize.html import clean
from webmail.sanitize.to_text import to_text


def read(html: str) -> str:
    return to_text(str(clean(html, inline=lambda _: None, remote=None).html))


@pytest.mark.parametrize(("html", "text"), [
    ("<div>Hi,</div><div>second line</div>", "Hi,\nsecond line"),
    ("<p>One</p><p>Two</p>", "One\n\nTwo"),
    ("one<br>two<br><br>three", "one\ntwo\n\nthree"),
    ("<ul><li>a<li>b</ul>", "  - a\n  - b"),
    ("<ol start=3><li>a<li>b</ol>", "  3. a\n  4. b"),
    ("<b>bold</b> <i>it</i> <code>x</code> 5*3 a_b_c 1. # -", "bold it x 5*3 a_b_c 1. # -"),
    ("<h1>Title</h1>text", "Title\n\ntext"),
    ("see <a href=http://a.example/x>this page</a>.", "see this page <http://a.example/x>."),
    ("<a href=http://a.example/>a.example</a> <a href=http://a.example/x>http://a.example/x</a>", "a.example http://a.example/x"),
    ("<a href=mailto:a@b.example>Alice</a> <a href=mailto:a@b.example>a@b.example</a>",
     "Alice <a@b.example> a@b.example"),
    ("<img src=cid:x alt=Logo> x", "Logo x"),
    ("<table><tr><td>a<td>b<tr><td>c<td>d</table>", "a b\nc d"),
    ("<pre>  if x:\n      y()</pre>", "  if x:\n      y()"),
    ("&lt;b&gt; &amp; a&nbsp;b", "<b> & a b"),
    ("<blockquote>one<br>two<p>three</blockquote>after", "> one\n> two\n>\n> three\n\nafter"),
    ("a<blockquote>b<blockquote>c</blockquote></blockquote>d", "a\n\n> b\n>\n> > c\n\nd"),
    ("<div style='display:none'>secret</div>x", "x"),
    ("", ""),
])  # fmt: skip
def test_it_reads_as_a_person_would_have_typed_it(html: str, text: str) -> None:
    assert read(html) == text


def test_marks_of_our_own_in_a_message_mean_nothing() -> None:
    assert to_text("a\ue000b\ue001c\ue002d") == "abcd"


def test_only_the_beginning_of_a_very_long_message_is_read() -> None:
    assert 0 < len(to_text("<p>x</p>" * 100_000)) < 500_000
