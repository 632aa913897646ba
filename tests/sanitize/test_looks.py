"""Rules under widths and for dark paper: kept as a sheet of ours, and no word comes or goes with them (R27)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webmail.sanitize.html import Cleaned, Reason, clean
from webmail.sanitize.rules import MAX_LOOKS, MAX_LOOKS_SHEET
from webmail.sanitize.to_text import to_text


def cleaned(html: str) -> Cleaned:
    return clean(html, inline=lambda _: None, remote=None)


def looks(sheet: str, body: str = "<p class=a>x</p>") -> str:
    return cleaned(f"<style>{sheet}</style>{body}").looks


NARROW = "@media screen and (max-width:600px){.size-1{width:100%!important}}"


@pytest.mark.parametrize(("condition", "written"), [
    ("(max-width: 600px)", "screen and (max-width:600px)"),
    ("only screen and (max-width:600px)", "screen and (max-width:600px)"),
    ("ONLY SCREEN AND (MAX-WIDTH:600PX)", "screen and (max-width:600px)"),
    ("screen and (max-device-width:480px)", "screen and (max-width:480px)"),
    ("all and (min-width:20em) and (max-width:40em)", "screen and (min-width:320px) and (max-width:640px)"),
    ("(width <= 600px)", "screen and (max-width:600px)"),
    ("(width<600px)", "screen and (max-width:599.98px)"),
    ("(600px >= width)", "screen and (max-width:600px)"),
    ("(300px < width <= 600px)", "screen and (min-width:300.02px) and (max-width:600px)"),
    ("print, (max-width:600px)", "screen and (max-width:600px)"),
])  # fmt: skip
def test_a_width_is_read_and_written_anew(condition: str, written: str) -> None:
    assert looks(f"@media {condition}{{.a{{width:100%}}}}") == f"@media {written}{{.size-1{{width:100%!important}}}}"


@pytest.mark.parametrize("condition", [
    "print", "not all and (max-width:9px)", "(max-width:)", "(max-width:-9px)", "(max-width:9vw)",
    "(max-width:99999px)",
    "(max-width:calc(9px))", "(orientation:portrait)", "(min-resolution:2dppx)", "(-webkit-min-device-pixel-ratio:0)",
    "(max-height:9px)", "(width)", "(400px < width > 9px)", "(min-width:9px) and (max-width:8px)", "(hover:hover)",
    "(prefers-color-scheme:light)", "screen and", "(max-width:9px) or (min-width:1px)", "(max-width:9px;)",
    "(max-width:url(http://a.example/))", "\\28 max-width:9px)",
])  # fmt: skip
def test_any_other_condition_never_holds(condition: str) -> None:
    assert looks(f"@media {condition}{{.a{{width:100%}}}}") == ""


def test_nested_conditions_hold_together_and_several_each() -> None:
    assert looks("@media screen{@media (min-width:1px){@media (max-width:600px){.a{width:9px}}}}").startswith(
        "@media screen and (min-width:1px) and (max-width:600px){"
    )
    assert looks("@media (max-width:1px), (min-width:9px){.a{width:9px}}").count("@media") == 2


@pytest.mark.parametrize(("sheet", "inline", "kept"), [
    (".a{width:9px!important}", "width:5px", True),
    (".a{width:9px}", "width:5px", False),
    (".a{width:9px!important}", "width:5px!important", False),
    (".a{padding:0}", "padding-left:5px", False),
    (".a{padding-left:0}", "padding:5px", False),
    (".a{padding-left:0}", "padding-right:5px", True),
])  # fmt: skip
def test_the_cascade_decides_here_too(sheet: str, inline: str, kept: bool) -> None:
    found = looks(f"@media (max-width:600px){{{sheet}}}", f'<p class=a style="{inline}">x</p>')
    assert bool(found) is kept


def test_a_later_and_a_more_exact_rule_wins() -> None:
    assert looks("@media (max-width:600px){.a{width:9px}} p.a{width:8px}") == ""
    assert looks("@media (max-width:600px){p.a{width:9px}} .a{width:8px}") != ""
    found = looks("@media (max-width:600px){.a{width:9px}} @media (max-width:400px){.a{width:8px}}")
    assert found.index("9px") < found.index("8px")


def test_equal_elements_share_a_mark_and_the_letter_cannot_choose_one() -> None:
    found = cleaned(
        f"<style>@media (max-width:600px){{.a{{width:100%}}}}</style>{'<p class=a>x</p>' * 3}<p class=size-1>y</p>"
    )
    assert found.looks == NARROW
    assert str(found.html) == '<p class="size-1">x</p>' * 3 + "<p>y</p>"


def test_marks_outlive_a_second_round() -> None:
    """Where tags cross, the gate moves them, and the sheet is no longer there to be asked."""
    found = cleaned("<style>@media (max-width:600px){.a{width:100%}}</style><b><p class=a>x</b>y</p>")
    assert 'class="size-1"' in str(found.html)
    assert found.looks == NARROW


# --- R27 --------------------------------------------------------------------------------------------------------------

HIDING = [
    "display:none", "visibility:hidden", "opacity:0", "font-size:0", "font-size:1px", "font-size:.1em", "font-size:1%",
    "line-height:0", "color:#fff", "background-color:#000", "background:#000", "overflow:hidden", "text-indent:500px",
    "font:0/0 a", "margin-left:1000px", "padding:900px", "letter-spacing:-3px", "direction:rtl", "unicode-bidi:embed",
    "position:absolute", "margin:-9px", "transform:scale(0)", "content:'x'", "z-index:9", "background:url(http://a.b/)",
    "width:expression(x)", "width:var(--x)", "width:100vw", "d\\69splay:none", "vertical-align:-20px",
]  # fmt: skip


@pytest.mark.parametrize("declaration", HIDING)
def test_r27_no_width_hides_a_word(declaration: str) -> None:
    assert looks(f"@media (max-width:600px){{.a{{{declaration}!important}}}}") == ""


def test_r27_what_is_hidden_is_gone_and_no_width_brings_it_back() -> None:
    """A Kobold letter: harmless words here, others where it is answered."""
    for hidden in ("display:none", "max-height:0;overflow:hidden", "font-size:0", "visibility:hidden"):
        html = (
            f"<style>.k{{{hidden}}} @media (min-width:1px){{.k{{display:block!important;font-size:20px!important;"
            f"max-height:none!important;visibility:visible!important}}}}</style><p>seen</p><p class=k>kobold</p>"
        )
        found = cleaned(html)
        assert "kobold" not in str(found.html)
        assert to_text(str(found.html)) == "seen"


def test_r27_what_is_quoted_is_what_every_width_shows() -> None:
    html = (
        "<style>@media (max-width:600px){.d{display:none!important}} .m{display:none}"
        "@media (max-width:600px){.m{display:block!important}}</style><p class=d>for desks</p><p class=m>for phones</p>"
    )
    found = cleaned(html)
    assert (found.looks, to_text(str(found.html))) == ("", "for desks")


@pytest.mark.parametrize(("element", "hidden"), [
    ("<br class=a>", True), ("<hr class=a>", True), ("<img class=a alt=''>", True), ("<img class=a>", True),
    ("<img class=a alt=words>", False), ("<span class=a></span>", False), ("<td class=a>", False),
])  # fmt: skip
def test_r27_only_what_has_no_words_may_be_hidden_by_a_width(element: str, hidden: bool) -> None:
    found = looks("@media (max-width:600px){.a{display:none}}", f"<table><tr>{element}" if "td" in element else element)
    assert bool(found) is hidden


def test_r27_a_box_that_cuts_its_text_off_keeps_its_size() -> None:
    sheet = "@media (max-width:600px){.a{height:9px!important;width:9px!important}}"
    assert looks(sheet, "<p class=a style='overflow:hidden;height:90px'>x</p>") == ""


# --- dark paper -------------------------------------------------------------------------------------------------------

DARK = "@media (prefers-color-scheme:dark)"


def test_a_letter_with_a_dark_design_of_its_own_uses_it() -> None:
    sheet = f".p{{background:#fff;color:#222}} {DARK}{{.p{{background:#101418!important;color:#eee!important}}}}"
    found = cleaned(f"<style>{sheet}</style><div class=p><p>words that can be read</p></div>")
    assert found.night == ".look-1{background-color:#101418!important;color:#eeeeee!important}"
    assert found.looks == ""


@pytest.mark.parametrize("rules", [
    ".p{background:#101418!important}",  # dark on dark
    ".p{color:#eee!important}",  # pale on white
    ".q{background:#101418!important;color:#eee!important}",  # covers nothing
    ".p{background:#101418!important;color:#eee!important} .k{color:#101418!important}",  # R27: one text is hidden
    ".p{background:#101418!important;color:#eee!important} .k{color:rgba(255,255,255,.02)!important}",
])  # fmt: skip
def test_r27_a_dark_design_that_hides_or_covers_too_little_is_not_used(rules: str) -> None:
    sheet = f".p{{background:#fff;color:#222}} {DARK}{{{rules}}}"
    found = cleaned(f"<style>{sheet}</style><div class=p><p>words that can be read</p><p class=k>others</p></div>")
    assert "look-" not in found.night
    assert ".ground-" in found.night


def test_a_dark_design_may_only_colour() -> None:
    dark = ".p{background:#101418!important;color:#eee!important;display:none;width:9px}"
    sheet = f".p{{background:#fff;color:#222}} {DARK}{{{dark}}}"
    found = cleaned(f"<style>{sheet}</style><div class=p>words</div>")
    assert found.night == ".look-1{background-color:#101418!important;color:#eeeeee!important}"
    assert looks(f"{DARK}{{@media (max-width:9px){{.a{{color:red}}}}}}") == ""


# --- nothing else gets into the sheet ---------------------------------------------------------------------------------

SHEET = re.compile(
    r"(?:@media screen(?: and \((?:min|max)-width:\d+(?:\.\d+)?px\))*\{)?"
    r"\.(?:look|size)-\d+\{(?:[a-z-]+:[a-z0-9#%., -]+!important;?)+\}\}?"
)
PIECES = [
    "</style>", "</StYlE >", "<!--", "-->", "}", "{", "}}", ";", "*/", "/*", "\\", "\\}", "\\7d ", "url(", "url('",
    "'", '"', "@import 'http://a.example/';", "@media", "@media (max-width:600px){", f"{DARK}{{", ".a{", "p{",
    "#i{", "*{", ".a\\7b {", ".a,p{", ".a:not(p){", "[class=a]{", "[class='</style>']{", "td>p{", "width:100%",
    "width:100%!important", "color:red", "color:#eee!important", "background:#111!important", "display:none",
    "font-family:'</style>'", "content:'x'", ":root{", "width:calc(1px)", "--x:1", "width:var(--x)",
    "position:fixed", "height:1e9px", "(max-width:600px)", "\x0c", "\x00", "é", "expression(", "width:1\\px",
    "border:1px solid red", "padding:0 5px", "@media(max-width:600px){.a{width:9px}}",
]  # fmt: skip
BODY = "<p class=a id=i>x</p><b><div class='a look-1 size-1'>y</b>z</div><table><td><p>w</table>"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_whatever_a_sheet_says_ours_holds_nothing_but_marks_and_judged_declarations(text: str) -> None:
    """R4: no address, no function but a colour, no at-rule but a width; nothing that could close <style>."""
    found = cleaned(f"<style>{text}</style>{BODY}")
    for sheet in (found.looks, found.night.replace("rgba(", "").replace(")!", "!")):
        assert not set(sheet) & set("<>&\\\"'")
    rest = SHEET.sub("", found.looks)
    assert rest == ""
    marks = set(re.findall(r"(?:look|size)-\d+", str(found.html)))
    assert {mark[1:] for mark in re.findall(r"\.(?:look|size)-\d+", found.looks)} <= marks
    again = cleaned(str(found.html))
    assert re.sub(r' ?(?:look|size)-\d+|(?: class="")', "", str(found.html)).replace(' class=""', "") == str(again.html)


def test_the_sheet_has_a_budget() -> None:
    """R15."""
    rules = "".join(f".a{n}{{width:{n}px}}" for n in range(1, 1500))
    body = "".join(f"<p class=a{n}>x</p>" for n in range(1, 1500))
    found = cleaned(f"<style>@media (max-width:600px){{{rules}}}</style>{body}")
    assert found.looks.count("@media") == MAX_LOOKS
    assert len(found.looks) <= MAX_LOOKS_SHEET
    assert Reason.TOO_LARGE in [each.reason for each in found.blocked]
    assert str(found.html).count("<p") == 1499
