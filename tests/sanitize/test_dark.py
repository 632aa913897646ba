"""Dark paper by measured contrast: what is recoloured, what stays, and what it looks like in a browser."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser

from webmail.sanitize import dark
from webmail.sanitize.dark import DAY, ENOUGH, INK, PAPER, Colour, contrast
from webmail.sanitize.html import Cleaned, clean

COLOURS = st.tuples(*[st.integers(0, 255)] * 3)


def cleaned(html: str) -> Cleaned:
    return clean(html, inline=lambda _: None, remote=None)


def hexed(colour: Colour) -> str:
    return f"#{bytes(colour).hex()}"


def test_contrast_is_what_wcag_says() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == 21
    assert round(contrast((119, 119, 119), (255, 255, 255)), 2) == 4.48
    assert contrast(INK, PAPER) > 10


def test_a_letter_without_colours_needs_none() -> None:
    found = cleaned("<p>Hello <b>there</b></p><table width=600><tr><td>x</td></tr></table>")
    assert "class=" not in str(found.html)
    assert found.night == ""


def test_black_on_white_becomes_light_on_dark_and_keeps_its_own_style() -> None:
    found = cleaned('<table bgcolor="#ffffff"><tr><td style="color:#000000">x</td></tr></table>')
    assert 'bgcolor="#ffffff"' in str(found.html)
    assert "color:#000000" in str(found.html)
    assert found.night == (".ground-1b2127{background-color:#1b2127!important}.ink-ebe8e2{color:#ebe8e2!important}")


@pytest.mark.parametrize(
    "html",
    ['<a href="https://x.example" style="background-color:#14578c;color:#ffffff">Buy</a>',
     '<p style="background-color:#ffc107;color:#000000">amber</p>', '<p style="color:#8ac4f5">pale blue</p>',
     '<table bgcolor="#222222"><tr><td><font color="#ffffff">words</font></td></tr></table>'],
)  # fmt: skip
def test_a_pair_that_can_be_read_is_left_alone(html: str) -> None:
    assert cleaned(html).night == ""


def test_text_that_inherits_is_given_back_its_ink_on_a_ground_that_stays() -> None:
    """Black by default on an amber button: light by inheritance at night, so it must be told to be dark again."""
    assert cleaned('<p style="background-color:#ffc107">amber</p>').night == ".ink-1b2127{color:#1b2127!important}"


def test_a_colour_keeps_its_hue() -> None:
    found = re.search(r"ink-(..)(..)(..)", str(cleaned('<p style="color:#0000aa">blue</p>').html))
    assert found
    red, green, blue = (int(part, 16) for part in found.groups())
    assert blue > max(red, green) + 50


def test_pictures_are_untouched() -> None:
    assert "class=" not in str(clean('<img src="https://x.example/a.png" width="9" height="9">',
                                     inline=lambda _: None, remote=lambda url: url).html)  # fmt: skip


def test_r2_a_message_cannot_choose_a_class() -> None:
    found = cleaned('<p class="ink-ffffff mail">x</p><p class="ink-000000" style="color:#ffffff">y</p>')
    assert "mail" not in str(found.html)
    assert "ink-000000" not in str(found.html) + found.night


def test_r2_marks_are_the_same_when_it_is_cleaned_again() -> None:
    html = (
        '<body bgcolor=white text=#333333><font color=red>a<p style="color:#fff">b</font>c<a href="//x.example">d</a>'
    )
    once = cleaned(html)
    again = cleaned(str(once.html))
    assert (str(again.html), again.night) == (str(once.html), once.night)


@given(COLOURS, COLOURS)
def test_what_could_be_read_by_day_can_be_read_by_night(ink: Colour, ground: Colour) -> None:
    night = DAY.within(hexed(ink), hexed(ground), link=False)
    if contrast(ink, ground) >= ENOUGH:
        assert contrast(night.dark_ink, night.dark_ground) >= ENOUGH


@given(COLOURS, COLOURS, COLOURS)
def test_so_can_what_inherits(ink: Colour, outer: Colour, inner: Colour) -> None:
    night = DAY.within(hexed(ink), hexed(outer), link=False).within("", hexed(inner), link=False)
    if contrast(ink, inner) >= ENOUGH:
        assert contrast(night.dark_ink, night.dark_ground) >= ENOUGH


def test_the_sheet_has_nothing_but_marks() -> None:
    assert dark.sheet(["ink-ffffff ground-000000", "x</style>", "ink-zz"]) == (
        ".ground-000000{background-color:#000000!important}.ink-ffffff{color:#ffffff!important}"
    )


# --- in a browser -----------------------------------------------------------------------------------------------------

# For each text that can be seen: is its contrast enough (3 for large letters)?
MEASURE = """() => {
  const parse = text => { const m = text.match(/[\\d.]+/g).map(Number); return [m[0], m[1], m[2], m[3] ?? 1]; };
  const over = (top, under) => top.slice(0, 3).map((v, i) => v * top[3] + under[i] * (1 - top[3])).concat(1);
  const light = c => {
    const f = c.slice(0, 3).map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * f[0] + .7152 * f[1] + .0722 * f[2]; };
  const paint = e => parse(getComputedStyle(e).backgroundColor);
  const ground = e => e ? over(paint(e), ground(e.parentElement)) : [255, 255, 255, 1];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement, style = getComputedStyle(e), range = document.createRange();
    range.selectNodeContents(walk.currentNode);
    const box = range.getBoundingClientRect();
    if (!/[\\p{L}\\p{N}]/u.test(walk.currentNode.data) || !box.width || !box.height) continue;
    const behind = ground(e), ink = over(parse(style.color), behind);
    const [low, high] = [light(behind), light(ink)].sort((a, b) => a - b);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    found.push([(high + .05) / (low + .05) >= (large ? 2.99 : 4.49), walk.currentNode.data.trim().slice(0, 40)]);
  }
  return found;
}"""

FRAME = """<!doctype html><meta charset=utf-8><style>html{background:#fff;color:#1b2127}
@media (prefers-color-scheme: dark){html{background:#1b2127;color:#ebe8e2;color-scheme:dark}%s}</style>%s"""


@pytest.mark.browser
def test_newsletters_that_can_be_read_by_day_can_be_read_by_night(browser: Browser) -> None:
    """At least 4.5:1, 3:1 for large letters, measured in Chromium, in every text that has it on white paper."""
    corpus = Path(os.environ.get("PENNYPOST_CORPUS", "/nowhere"))
    letters = sorted(path for path in corpus.rglob("*.html") if path.stat().st_size > 3000)
    if len(letters) < 20:
        pytest.skip("needs PENNYPOST_CORPUS with 20 newsletters")
    worse, measured = [], 0
    for path in letters:
        found = cleaned(path.read_bytes().decode("utf-16" if "utf-16" in path.name else "utf-8", "replace"))
        seen = []
        for scheme in ("light", "dark"):
            page = browser.new_page(color_scheme=scheme, java_script_enabled=True)
            page.set_content(FRAME % (found.night, found.html))
            seen.append(page.evaluate(MEASURE))
            page.close()
        day, night = seen
        assert len(day) == len(night) > 0
        measured += len(day)
        worse += [(path.name, text) for (was, text), (now, _) in zip(day, night, strict=True) if was and not now]
    assert measured > 500
    assert worse == []
