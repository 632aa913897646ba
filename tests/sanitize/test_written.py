"""HTML that is written here: through the gate, and then as a letter carries it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sanitize.vectors import BY_CLASS
from webmail.errors import TooLarge
from webmail.sanitize.written import document, from_text, inside, pictures, with_quote, words, written


def cleaned(html: str) -> str:
    return written(html, lambda cid: cid != "gone@x")


@pytest.mark.parametrize(("html", "sent"), [
    ('<p class="look-1 n-3" onclick="x()">a</p>', "<p>a</p>"),
    ('<a href="https://a.example/?a=1&amp;b" target="_blank">x</a>', '<a href="https://a.example/?a=1&amp;b">x</a>'),
    ('<img src="cid:a%40b" alt="A &quot;sign&quot; <img src=x>">',
     '<img alt="A &quot;sign&quot; &lt;img src=x&gt;" src="cid:a@b">'),
    ('<img src="cid:gone@x" alt="g">', '<img alt="g">'),
    ('<img src="/cid/a%40b" alt="g">', '<img alt="g">'),
    ('<p title="src=&quot;/cid/a@b&quot;">a &lt;img src="/cid/a@b"&gt;</p>',
     '<p title="src=&quot;/cid/a@b&quot;">a &lt;img src="/cid/a@b"&gt;</p>'),
    ('<img src="https://t.example/p.png" alt="A picture">', '<img alt="A picture">'),
    ("<blockquote>q</blockquote>", '<blockquote type="cite">q</blockquote>'),
    ('<div dir="rtl">z</div>', '<div dir="rtl">z</div>'),
    ("<div><br></div><p>&nbsp; </p><style>p{color:red}</style><script>x</script>", ""),
    ("<hr>", "<hr>"),
])  # fmt: skip
def test_what_is_sent_is_clean_and_has_no_classes_of_ours(html: str, sent: str) -> None:
    assert cleaned(html) == sent


@pytest.mark.parametrize("html", [each for found in BY_CLASS.values() for each in found])
@pytest.mark.asvs("1.3.1")
def test_r2_nothing_hostile_is_sent_and_a_second_pass_changes_nothing(html: str) -> None:
    once = cleaned(html)
    assert cleaned(once) == once
    tags = " ".join(re.findall("<[^>]*>", once)).lower()
    assert 'href="javascript' not in tags
    names = re.sub('"[^"]*"', "", tags)
    assert not re.search("<(?:script|iframe|svg|math|style|form)| on[a-z]+=| class=", names)


@given(st.text(alphabet=st.sampled_from("<>\"= /acid:imgsrb'&;-p1"), max_size=120))
def test_any_text_comes_to_rest(html: str) -> None:
    once = cleaned(html)
    assert cleaned(once) == once
    assert inside(document(once)) == once


def test_pictures_are_named_once_and_only_where_they_are_shown() -> None:
    html = cleaned(
        '<img src="cid:a@b"><p title="&lt;img src=cid:x@y">cid:z@y</p><img src="cid:a@b"><img src="cid:c%2Bd@e">'
    )
    assert pictures(html) == ("a@b", "c+d@e")


def test_text_and_html_are_one_letter() -> None:
    text = "Dear Bob,\n\nfish & <chips>\n\nOn Monday you wrote:\n> one\n>> two\n> three\n\n-- \nAlice"
    assert words(cleaned(from_text(text))).replace("\n>\n", "\n").replace("\n\n", "\n") == (
        "Dear Bob,\nfish & <chips>\nOn Monday you wrote:\n> one\n> > two\n> three\n-- \nAlice"
    )
    quoted = with_quote(text, "<p>one</p>")
    assert "<blockquote><p>one</p></blockquote>" in quoted
    assert "three" not in quoted
    assert with_quote("> a\nbetween\n> b", "<p>x</p>") == from_text("> a\nbetween\n> b"), (
        "answers between the lines stay"
    )


def test_r15_what_is_over_the_budget_is_refused() -> None:
    with pytest.raises(TooLarge):
        cleaned("<b>x</b>" * 70_000)
