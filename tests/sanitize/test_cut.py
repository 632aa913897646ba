"""The short cut through simple CSS says what tinycss2 says, or nothing."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from webmail.sanitize import css, sheet
from webmail.sanitize.blocked import Tally

NAMES = st.sampled_from(
    [
        "color", "background-color", "background", "font", "font-family", "font-size", "margin", "width", "position",
        "--x", "-ms-x", "border", "Z-INDEX"
    ]
)  # fmt: skip
VALUES = st.sampled_from(
    [
        "red", "#fff", "#ABCDEF", "0", "1", "-1px", "10px", "1.5em", ".5em", "50%", "-0", "1e3px", "1.px", "+", "-",
        "auto", "'a b'", '"c;d"', "'", "serif", "a\\62", "rgb(1,2,3)", "rgba(0,0,0,.5)", "url(x)", "url('x;y')",
        "url(a;b)", "expression(a)", "calc(1px+2px)", ",", "/", "/**/", "/*;*/", "!", "!important", "!IMPORTANT", "(",
        ")", "[", "]", "{", "}", "@x", "<!--", "-->", "\x0c", "u+1", "é"
    ]
)  # fmt: skip
COLONS = st.sampled_from([":", " : ", ":: ", "", " x:"])
declaration = st.builds("{}{}{}".format, NAMES, COLONS, st.lists(VALUES, max_size=6).map(" ".join))
styles = st.lists(st.one_of(declaration, VALUES), max_size=6).map(";".join)


@settings(max_examples=300, deadline=None)
@given(styles)
def test_r4_a_style_is_judged_the_same_with_and_without_the_short_cut(style: str) -> None:
    assert css._parse(style) == css.whole(style)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="abc:;#1.px%-!'\"()/* \n\t{}@\\,é", max_size=30))
def test_so_is_any_text_at_all(style: str) -> None:
    assert css._parse(style) == css.whole(style)


SELECTORS = st.sampled_from(
    [
        "p", ".a", "#i", "p.a", "p.a#i", "*.b", "ul>li", ">", "a:hover", "p[title]", "[class=x]", "td[class='x']",
        ",", ",", "p,.a", "a\\62", "1", "-a", "--b", "é", "p::after", "*"
    ]
)  # fmt: skip
blocks = st.builds("{{{}}}".format, styles)
rule = st.builds("{}{}".format, st.lists(SELECTORS, max_size=4).map(" ".join), blocks)
OTHERS = st.sampled_from(
    [
        " ", "<!--", "-->", "/* it's */", "@import 'http://a.example/';", "@font-face{src:url(http://a.example/)}",
        "}", "{", ";", "@charset 'x';", "@supports (a:b){p{color:red}}", "@media", "@page{margin:0}", "/*"
    ]
)  # fmt: skip
CONDITIONS = st.sampled_from(
    [
        "@media screen", "@media(max-width:600px)", "@media only screen and (min-width: 20em)", "@MEDIA print",
        "@media x", "@media (prefers-color-scheme:dark)", "@media (width<600px), screen", "@media not all", "@mediax",
        "@media /**/ screen"
    ]
)  # fmt: skip
inner = st.builds("{}{{{}}}".format, CONDITIONS, st.lists(st.one_of(rule, OTHERS), max_size=3).map("".join))
sheets = st.lists(st.one_of(rule, rule, OTHERS, inner), max_size=6).map("".join)


@settings(max_examples=250, deadline=None)
@given(sheets)
def test_a_sheet_is_read_the_same_with_and_without_the_short_cut(text: str) -> None:
    quick, slow = Tally(), Tally()
    told = [_usable(sheet._cut(text, quick)), _usable(sheet.whole(text, slow))]
    assert told[0] == told[1]
    assert quick.sum() == slow.sum()


def _usable(found: Iterable[sheet.Found]) -> list[sheet.Found]:
    return [one for one in found if one[0]]
