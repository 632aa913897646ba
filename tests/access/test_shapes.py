"""Small windows, large letters, coarse fingers, few colours and no motion: everything stays there and can be hit."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.access.states import EVERY
from tests.access.walk import Walk, walk

pytestmark = pytest.mark.browser

WIDE = "document.documentElement.scrollWidth - innerWidth"
# WCAG 1.4.12.
SPACING = """
* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-bottom: 2em !important }
"""
SHEET = "text => { const sheet = new CSSStyleSheet(); sheet.replaceSync(text); document.adoptedStyleSheets = [sheet] }"
CLIPPED = """() => [...document.querySelectorAll('button, a.btn, .ib, label, h1, h2, .hint, .note')].filter((it) => {
  if (!it.checkVisibility({ visibilityProperty: true }) || it.closest('.vh, .sum, [hidden]')) return false;
  const style = getComputedStyle(it);
  const cut = it.scrollHeight > it.clientHeight + 3 && style.overflowY === 'hidden' && it.clientHeight > 1;
  return cut && style.textOverflow !== 'ellipsis';
}).map((it) => it.outerHTML.slice(0, 120))"""
SMALL = """(least) => {
  const all = 'a[href], button, summary, select, input:not([type=hidden]), textarea';
  // Nothing for fingers, or a link inside a sentence (2.5.8).
  const other = '.vh, .skip, [tabindex="-1"], p a, li > a:not([class]), .hint a';
  return [...document.querySelectorAll(all)].filter((it) => {
    if (!it.checkVisibility({ visibilityProperty: true }) || it.closest('.vh, .text, .letter, #mail')) return false;
    const boxes = [it, it.labels?.[0]].filter(Boolean).map((one) => one.getBoundingClientRect());
    if (it.matches(other) || boxes[0].width < 2) return false;
    return ['width', 'height'].some((side) => Math.max(...boxes.map((box) => box[side])) < least - .5);
  }).map((it) => `${it.getBoundingClientRect().height} high: ${it.outerHTML.slice(0, 140)}`);
}"""
MAIN = ".btn-primary, .thumb > a, .thumb > button, .thumb summary, .bar .ib, .bulk .ib, .f[href], .in, .pager .btn"
SMALL_MAIN = """(css) => [...document.querySelectorAll(css)]
  .filter((it) => it.checkVisibility({ visibilityProperty: true }) && !it.closest('.vh'))
  .filter((it) => it.getBoundingClientRect().height < 43.5).map((it) => it.outerHTML.slice(0, 120))"""
MOVING = """() => document.getAnimations().filter((it) => it.effect.getComputedTiming().duration > 0)
  .map((it) => it.animationName ?? it.transitionProperty)"""

NAMES = {
    "sign in, refused", "inbox", "message", "designed letter", "invitation", "files", "new letter", "search by fields",
    "settings", "sessions", "second factor, set up", "folders", "snoozed", "clean up", "people", "about the server",
}  # fmt: skip
PLACES = tuple(state for state in EVERY if state.name in NAMES)


def test_narrow_windows_large_letters_and_wide_spacing_cut_nothing_off(somebody: Walk) -> None:
    """WCAG 1.4.4, 1.4.10, 1.4.12: 320 pixels are 1280 at 400 %. And what can be hit is 24 pixels large (2.5.8)."""
    page, wrong = somebody.page, []
    for state in walk(PLACES, somebody):
        for width, size, spaced in ((320, 100, False), (320, 100, True), (640, 200, False)):
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate("size => { document.documentElement.style.fontSize = `${size}%` }", size)
            page.evaluate(SHEET, SPACING if spaced else "")
            if page.evaluate(WIDE) > 0:
                wrong.append(f"{state.name} is too wide at {width} px, {size} %{', spaced' if spaced else ''}")
            wrong += [f"{state.name}, {width} px, {size} %: cut off: {it}" for it in page.evaluate(CLIPPED)]
            if size == 100 and not spaced:
                wrong += [f"{state.name}: small: {it}" for it in page.evaluate(SMALL, 24)]
    assert wrong == []


def test_fingers_hit_the_main_things_and_nothing_moves_that_was_asked_to_be_still(
    browser: Browser, somebody: Walk
) -> None:
    """44 pixels on touch screens; reduced motion, forced colours, more contrast."""
    made = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, reduced_motion="reduce"
    )
    page: Page = made.new_page()
    wrong = []
    phone = Walk(page, somebody.url, somebody.person, somebody.line, somebody.paths)
    for state in walk(
        tuple(one for one in PLACES if one.name not in {"search by fields", "snoozed"}), phone, phone=True
    ):
        page.set_viewport_size({"width": 390, "height": 844})
        wrong += [f"{state.name}: {it}" for it in page.evaluate(SMALL_MAIN, MAIN)]
        wrong += [f"{state.name} moves: {it}" for it in page.evaluate(MOVING)]
    phone.go("/m/INBOX")
    page.locator("button.star").first.click()
    expect(page.locator("#toast")).to_be_visible()
    wrong += [f"the line of what was done moves: {it}" for it in page.evaluate(MOVING)]
    # Without colours of ours: unread, current and chosen are still seen.
    page.emulate_media(forced_colors="active")
    page.set_viewport_size({"width": 1440, "height": 900})
    phone.go("/m/INBOX")
    dot = page.locator(".unread .pick").first.evaluate("it => getComputedStyle(it, '::before').backgroundColor")
    paper = page.locator(".unread").first.evaluate("it => getComputedStyle(document.body).backgroundColor")
    assert dot != paper
    current = page.locator("a.f[aria-current]").evaluate("it => getComputedStyle(it).outlineStyle")
    assert current == "solid"
    page.locator(".pick input").first.check(force=True)
    chosen = page.locator(".pick input:checked + .av").first.evaluate("it => getComputedStyle(it).outlineStyle")
    assert chosen == "solid"
    page.emulate_media(forced_colors="none", contrast="more")
    soft = page.evaluate(
        "['--ink-2', '--ink-3'].map((name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim())"
    )
    assert set(soft) == {page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--ink').trim()")}
    made.close()
    assert wrong == []
