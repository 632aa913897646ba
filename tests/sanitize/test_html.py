"""What is left of a message, and what the reader is told about the rest."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from webmail.sanitize.html import Blocked, Cleaned, Reason, clean


def cleaned(html: str, *, inline: Callable[[str], str | None] = lambda _: None, remote: bool = False) -> Cleaned:
    return clean(html, inline=inline, remote=str if remote else None)


def text(html: str) -> str:
    """Without the marks for dark paper, which have a test of their own."""
    return re.sub(r' class="(?:(?:ink|ground)-[0-9a-f]{6} ?)+"', "", str(cleaned(html).html))


def reasons(html: str) -> dict[str, int]:
    return {blocked.reason.value: blocked.count for blocked in cleaned(html).blocked}


# --- ordinary mail ----------------------------------------------------------------------------------------------------

KEPT = [
    "<p>Hello <b>Alice</b>, <i>this</i> <u>is</u> <s>not</s> <em>a</em> <strong>test</strong>.</p>",
    "<h1>Title</h1><h2>Below</h2>",
    '<ul><li>one</li><li>two<ol start="3"><li>three</li></ol></li></ul>',
    '<table align="center" border="0" cellpadding="0" cellspacing="0" width="600"><tbody><tr><td valign="top">x</td></tr></tbody></table>',  # noqa: E501
    '<table role="presentation"><tbody><tr><td bgcolor="#ff8800" colspan="2" nowrap="nowrap">x</td></tr></tbody></table>',  # noqa: E501
    '<div style="max-width:600px;margin:0 auto;padding:20px 10px;background-color:#ffffff">x</div>',
    "<p style=\"font-family:'Segoe UI', Arial, sans-serif;font-size:16px;line-height:1.5;color:#333333\">x</p>",
    '<span style="border:1px solid #cccccc;border-radius:4px;text-align:center;vertical-align:middle">x</span>',
    '<blockquote style="margin:0 0 0 0.8ex;border-left:1px solid #cccccc;padding-left:1ex">quoted</blockquote>',
    '<font color="#336699" face="Arial, Helvetica" size="2">x</font>',
    "<center>x</center><pre>  kept\n    as is</pre><hr><code>x</code><br>",
    '<p dir="rtl" lang="ar">\u0645\u0631\u062d\u0628\u0627</p>',
    '<div style="display:inline-block;width:100%;box-sizing:border-box">x</div>',
    '<table style="border-collapse:collapse;table-layout:fixed"><tbody><tr><td style="white-space:nowrap">x</td></tr></tbody></table>',  # noqa: E501
    "<sub>a</sub><sup>b</sup><small>c</small><big>d</big><tt>e</tt><abbr title=\"x\">f</abbr>",
    "<details><summary>more</summary>x</details>",
]  # fmt: skip


@pytest.mark.parametrize("html", KEPT)
def test_ordinary_markup_comes_through_as_it_went_in(html: str) -> None:
    assert text(html) == html
    assert cleaned(html).blocked == ()


def test_what_the_body_says_about_the_whole_sheet_becomes_a_div() -> None:
    html = '<html dir=rtl><body bgcolor=#eeeeee text=navy style="margin:0;padding:5px;height:100%">x</body></html>'
    assert text(html) == '<div dir="rtl" style="background-color:#eeeeee;color:#000080;padding:5px">x</div>'


def test_links_open_elsewhere_and_say_nothing_about_the_reader() -> None:
    """R6."""
    assert text("<a href=' HTTP://Shop.Example/a b?c=1&d=2 '>x</a>") == (
        '<a href="http://shop.example/a%20b?c=1&amp;d=2" target="_blank" rel="noopener noreferrer nofollow">x</a>'
    )


@pytest.mark.parametrize(("typed", "kept"), [
    ("mailto:bob@b.example?subject=x", "mailto:bob@b.example?subject=x"),
    ("tel:+49 30 1234", "tel:+49%2030%201234"),
    ("//b.example/x", "https://b.example/x"),
    ("https://b\u00fccher.example/", "https://xn--bcher-kva.example/"),
    ("http://b.example:8080/#top", "http://b.example:8080/#top"),
    ("https:b.example", "https://b.example"),
])  # fmt: skip
def test_an_address_is_written_the_one_way(typed: str, kept: str) -> None:
    assert f'href="{kept}"' in text(f'<a href="{typed}">x</a>')


@pytest.mark.parametrize(
    "href", ["/logout", "x.html", "?x", "ftp://b.example/", "http://", "http:///", "https://b c.example/", "cid:x"]
)
@pytest.mark.asvs("1.2.2")
def test_r6_an_address_that_leads_nowhere_good_is_dropped_and_told(href: str) -> None:
    assert "href" not in text(f"<a href='{href}'>x</a>")
    assert reasons(f"<a href='{href}'>x</a>") == {"link": 1}


def test_a_link_whose_text_names_another_place_is_pointed_out() -> None:
    """R6: text that looks like another host is flagged; the true host is in the tooltip."""
    html = "<a href=https://evil.example/login title=fine>https://www.bank.example/</a>"
    assert 'title="evil.example"' in text(html)
    assert cleaned(html).blocked == (Blocked(Reason.MISLEADING_LINK, 1, ("evil.example",)),)


@pytest.mark.parametrize(
    "words", ["Shop now", "bank.example", "report.py", "www.bank.example", "https://bank.example/x", "login.bank.com"]
)
def test_an_honest_link_is_left_alone(words: str) -> None:
    assert reasons(f"<a href=https://www.bank.example/y>{words}</a>") == (
        {} if words != "login.bank.com" else {"misleading-link": 1}
    )


# --- what is told -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("html", "told"), [
    ("<script>x</script><p onclick=x onfocus=y>x</p><a href=javascript:x>y</a>", {"script": 4}),
    ("<form><input><button>x</button><select><option>y</select></form>", {"form": 4}),
    ("<iframe src=http://a.example/></iframe><svg></svg><object data=x></object>", {"embedded": 3}),
    ("<meta http-equiv=refresh content=0><base href=x><meta charset=utf-8>", {"page-command": 2}),
    ("<link rel=stylesheet href=http://a.example/><style>@import 'http://b.example/'</style>", {"stylesheet": 2}),
    ("<p style='position:fixed;top:0;margin:-5px;color:red'>x</p>", {"style": 3}),
    ("<p style='mso-line-height-rule:exactly;-webkit-text-size-adjust:100%;position:relative'>x</p>", {}),
    ("<div style='display:none'>x</div>", {"hidden-text": 1}),
    ("<p style='" + "color:red;" * 1000 + "'>x</p>", {"too-large": 1}),
])  # fmt: skip
def test_each_thing_left_out_has_a_name(html: str, told: dict[str, int]) -> None:
    assert reasons(html) == told


def test_hosts_are_named_once_and_counts_are_of_one_pass() -> None:
    html = "<img src=http://a.example/1><img src=http://A.example/2><iframe src=http://c.example/></iframe>"
    assert cleaned(html).blocked == (
        Blocked(Reason.REMOTE_IMAGE, 2, ("a.example",)),
        Blocked(Reason.EMBEDDED, 1, ("c.example",)),
    )


def test_no_message_names_more_than_twenty_hosts() -> None:
    (blocked,) = cleaned("".join(f"<img src=http://h{n}.example/>" for n in range(50))).blocked
    assert (blocked.count, len(blocked.hosts)) == (50, 20)


def test_r26_no_form_control_survives_and_its_text_stays_readable() -> None:
    assert text("<form>Your name: <button>Send</button><input value=x></form>") == "Your name: Send"


def test_text_after_a_cut_off_tag_is_not_made_up() -> None:
    assert text("<p>Hello <b>Alice</b> and <a href='http://a.exa") == "<p>Hello <b>Alice</b> and </p>"


def test_surrogates_and_controls_do_not_break_the_door() -> None:
    assert text("a\ud800b\x00c\x1bd\r\ne") == "a?bcd\ne"


def test_an_error_of_the_caller_is_heard() -> None:
    """R5: what inline() answers must be a path of ours, never an address from somewhere else."""
    for answer in ("http://a.example/", "//a.example/x", "/\\a.example", "javascript:x", ""):
        with pytest.raises(ValueError, match="our own host"):
            cleaned("<img src=cid:x>", inline=lambda _, answer=answer: answer)  # type: ignore[misc]


# --- what can be seen (R27) -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", [
    "display:none", "DISPLAY : NONE !important", "visibility:hidden", "opacity:0", "opacity:0.01",
    "max-height:0;overflow:hidden",
    "height:0px;overflow:hidden", "width:0;overflow:hidden", "font-size:0", "font-size:1px", "font:0/0 a",
    "dis\\70lay:none",
])  # fmt: skip
def test_what_cannot_be_seen_is_not_carried_along(style: str) -> None:
    assert "secret" not in text(f'<p>seen</p><div style="{style}">secret</div><p>seen</p>')


def test_hidden_text_ends_where_its_element_ends() -> None:
    html = "<table><tr><td style=display:none>secret<p>secret<div>secret</div><td>seen</table><p style=display:none>secret<p>seen"  # noqa: E501
    assert "secret" not in text(html)
    assert text(html).count("seen") == 2


def test_the_gap_trick_of_newsletters_keeps_its_columns() -> None:
    """font-size:0 around inline-block columns takes out the gaps; the columns set a size of their own."""
    html = '<div style="font-size:0"> <div style="display:inline-block;font-size:16px">column</div> </div>'
    assert text(html) == html


@pytest.mark.parametrize(("html", "ink"), [
    ('<p style="color:#ffffff">words</p>', "#000000"),
    ('<p style="color:#fefefe">words</p>', "#000000"),
    ('<div style="background-color:#000000"><p>words</p></div>', "#ffffff"),
    ('<p style="color:rgba(0,0,0,0)">words</p>', "#000000"),
    ('<font color="#ffffff">words</font>', "#000000"),
])  # fmt: skip
def test_text_in_the_colour_of_its_ground_is_shown(html: str, ink: str) -> None:
    assert f'<span style="color:{ink}">words</span>' in text(html)
    assert reasons(html) == {"hidden-text": 1}


def test_white_on_dark_is_fine() -> None:
    html = '<table bgcolor="#222222"><tbody><tr><td style="color:#ffffff">words</td></tr></tbody></table>'
    assert text(html) == html


# --- <style> ----------------------------------------------------------------------------------------------------------


def test_simple_rules_of_a_style_block_are_written_into_the_elements() -> None:
    html = (
        "<style>p{color:red} .big, #x{font-size:20px} td p{margin:0} ul > li{padding:1px}</style><p class='big a'>x</p>"
    )
    assert text(html) == '<p style="color:#ff0000;font-size:20px">x</p>'


@pytest.mark.parametrize(("sheet", "inline", "colour"), [
    ("p{color:red} p{color:blue}", "", "#0000ff"),
    (".a{color:red} p{color:blue}", "", "#ff0000"),
    ("#i{color:red} p.a.b{color:blue}", "", "#ff0000"),
    ("p{color:red}", "color:lime", "#00ff00"),
    ("p{color:red!important}", "color:lime", "#ff0000"),
    ("p{color:red!important}", "color:lime!important", "#00ff00"),
    ("div > p{color:red}", "", "#ff0000"),
    ("body p{color:red}", "", "#ff0000"),
    ("section p{color:red} *{color:blue}", "", "#0000ff"),
    ("@media screen{p{color:red}}", "", "#ff0000"),
])  # fmt: skip
def test_the_cascade_decides(sheet: str, inline: str, colour: str) -> None:
    html = f'<style>{sheet}</style><div><p class="a b" id=i style="{inline}">x</p></div>'
    assert f'<p style="color:{colour}">' in text(html)


@pytest.mark.parametrize("rule", [
    "p:hover{color:red}", "p::before{color:red}", "p[title]{color:red}", "b + p{color:red}",
    "@media (max-width:9px){p{color:red}}",
    "@media print{p{color:red}}", "@supports (x:y){p{color:red}}", "p{color:red", "p{{color:red}}", "p{col or:red}",
    "<!-- x{} -->",
])  # fmt: skip
def test_conditional_and_broken_rules_do_nothing(rule: str) -> None:
    expected = '<p style="color:#ff0000">x</p>' if rule == "p{color:red" else "<p>x</p>"
    assert text(f"<style>{rule}</style><p>x</p>") == expected


def test_a_rule_can_hide_and_then_the_text_is_gone() -> None:
    assert text("<style>.preheader{display:none!important}</style><div class=preheader>secret</div>x") == "x"


def test_an_element_looks_to_the_one_it_stands_in_not_to_the_one_it_closes() -> None:
    html = "<table bgcolor=#ffffff><tr><td bgcolor=#000000 style='color:#ffffff'>a<td>b</table>"
    assert text(html).endswith("<td>b</td></tr></tbody></table>")
    assert "span" not in text(html)


def test_a_rule_sees_the_parts_of_a_table_that_nobody_wrote() -> None:
    assert 'color:#ff0000">x' in text("<style>table > tbody > tr > td{color:red}</style><table><td>x</table>")


def test_a_rule_for_links_is_for_every_link_and_for_no_place() -> None:
    sheet = "<style>a{color:#111111} a:link,span.x{color:#0563c1} a:visited{color:#ff0000}</style>"
    assert 'style="color:#0563c1"' in text(sheet + "<a href=https://a.example/>x</a>")
    assert 'style="color:#111111"' in text(sheet + "<a name=place>x</a>")


def test_a_rule_may_look_at_the_class_of_the_body() -> None:
    sheet = "<style>.news p{color:#0563c1}</style>"
    assert 'color:#0563c1">x' in text(sheet + "<body class=news><p>x</p>")
    assert "color" not in text(sheet + "<body class=other><p>x</p>")
