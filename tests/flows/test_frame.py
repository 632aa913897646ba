"""The frame of an HTML letter as a person meets it: its height, its width on a phone, its paper at night."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.flows.hands import sign_in
from tests.servers.application import Live
from tests.servers.people import Person
from tests.views.test_message import html_mail

pytestmark = pytest.mark.browser

WIDE = (
    '<table width="640" style="width:640px"><tr><td width="640"><div style="width:640px">Words of a newsletter</div>'
    '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" width="600" height="40" alt="">'
    "<p>" + "many words " * 200 + "</p></td></tr></table>"
)
STIFF = '<table><tr><td style="white-space:nowrap">' + "a table that cannot become narrow " * 2 + "</td></tr></table>"
SIDEWAYS = "() => [document.documentElement.scrollWidth, innerWidth]"
INSIDE = "mail => [mail.scrollWidth, mail.clientWidth, mail.ownerDocument.documentElement.scrollHeight, innerHeight]"

Opener = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, live: Live, alice: Person) -> Iterator[Opener]:
    """opened(html, **context): the page of this letter in a browser of this kind."""
    contexts = []

    def make(html: str, more: str = "", **kind: Any) -> Page:
        older, uid = alice.append(html_mail(html, subject="Older")), alice.append(html_mail(html))
        assert older < uid
        contexts.append(browser.new_context(service_workers="block", **kind))
        page = contexts[-1].new_page()
        sign_in(page, live, alice)
        page.goto(f"{live.url}/m/INBOX/{alice.uidvalidity()}.{uid}{more}")
        return page

    yield make
    for context in contexts:
        context.close()


def letter_of(page: Page) -> Locator:
    found = page.frame_locator(".conv > iframe.body-frame").locator("#mail")
    found.wait_for()
    return found


@pytest.mark.parametrize("html", [WIDE, STIFF], ids=["wide", "stiff"])
def test_on_a_phone_nothing_scrolls_sideways_and_nothing_scrolls_in_the_frame(opened: Opener, html: str) -> None:
    page = opened(html, viewport={"width": 390, "height": 800})
    mail = letter_of(page)
    page.wait_for_function("() => document.querySelector('.conv > .body-frame').style.height")
    assert page.evaluate(SIDEWAYS) == [390, 390]
    wide, room, tall, high = mail.evaluate(INSIDE)
    assert wide <= room + 1
    assert tall <= high


def test_without_script_a_wide_letter_scrolls_in_its_frame_only_and_has_a_page_of_its_own(opened: Opener) -> None:
    page = opened(STIFF, viewport={"width": 390, "height": 800}, java_script_enabled=False)
    letter_of(page)
    box = page.locator(".conv > .body-frame").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390
    with page.context.expect_page() as own:
        page.get_by_role("link", name="Open on its own page").click()
    expect(own.value.get_by_text("a table that cannot become narrow").first).to_be_visible()


def test_the_height_is_set_once(opened: Opener) -> None:
    """A height that followed the letter's own could grow for ever: a letter as high as its frame and a bit more."""
    page = opened('<div style="height:120vh">tall</div><p>end</p>')
    letter_of(page)
    page.wait_for_load_state("load")
    ask = "document.querySelector('.conv > .body-frame').offsetHeight"
    page.wait_for_function("() => document.querySelector('.conv > .body-frame').style.height")
    first = page.evaluate(ask)
    page.wait_for_timeout(500)
    assert page.evaluate(ask) == first < 5000


def test_the_quote_at_the_end_is_folded_and_its_frame_grows_with_it(opened: Opener) -> None:
    old = "".join(f"<p>line {number}</p>" for number in range(40))
    page = opened(f'<p>Yes</p><blockquote type="cite">{old}</blockquote>')
    mail, frame = letter_of(page), page.locator(".conv > .body-frame")
    page.wait_for_function("() => document.querySelector('.conv > .body-frame').style.height")
    expect(mail.get_by_text("line 7", exact=True)).to_be_hidden()
    shut = frame.evaluate("frame => frame.offsetHeight")
    mail.get_by_text("Quoted text").click()
    expect(mail.get_by_text("line 7", exact=True)).to_be_visible()
    page.wait_for_function(f"() => document.querySelector('.conv > .body-frame').offsetHeight > {shut} + 600")
    mail.get_by_text("Quoted text").click()
    page.wait_for_function(f"() => document.querySelector('.conv > .body-frame').offsetHeight === {shut}")
    page.get_by_role("link", name="Reply", exact=True).first.click()
    page.wait_for_url("**/reply")
    assert "Quoted text" not in page.locator("#body").input_value()
    assert "> line 39" in page.locator("#body").input_value()


def test_a_mail_link_in_a_letter_begins_one_here(opened: Opener) -> None:
    page = opened('<p>Yes</p><a href="mailto:bob@example.org?subject=Caf%C3%A9">write to us</a>')
    letter = page.url
    with page.context.expect_page() as own:
        letter_of(page).get_by_text("write to us").click(modifiers=["ControlOrMeta"])
    other = own.value
    other.wait_for_url("**/write?start=*")
    expect(other.locator("#subject")).to_have_value("Café")
    assert page.url == letter
    letter_of(page).get_by_text("write to us").click()
    page.wait_for_url("**/write?start=*")
    assert page.locator("[name=to]").input_value().startswith("bob@example.org")
    assert "@" not in page.url


def colours(mail: Locator) -> list[str]:
    found: list[str] = mail.evaluate(
        "mail => { const p = mail.querySelector('p'), root = mail.ownerDocument.documentElement;"
        " return [getComputedStyle(p).color, getComputedStyle(root).backgroundColor]; }"
    )
    return found


BLACK, WHITE, INK, PAPER = "rgb(0, 0, 0)", "rgb(255, 255, 255)", "rgb(235, 232, 226)", "rgb(27, 33, 39)"


def test_at_night_the_letter_is_dark_and_one_tap_shows_the_original(opened: Opener) -> None:
    """Without script; and the choice stays when the reader moves on."""
    page = opened('<p style="color:#000000">Words</p>', color_scheme="dark", java_script_enabled=False)
    assert colours(letter_of(page)) == [INK, PAPER]
    page.get_by_role("link", name="Show the original colours").click()
    assert colours(letter_of(page)) == [BLACK, WHITE]
    page.get_by_role("link", name="Older message").click()
    expect(page.get_by_role("heading", name="Older")).to_be_visible()
    assert colours(letter_of(page)) == [BLACK, WHITE]
    page.get_by_role("link", name="Show on dark paper").click()
    assert colours(letter_of(page)) == [INK, PAPER]


def test_by_day_it_is_as_designed_and_there_is_nothing_to_choose(opened: Opener) -> None:
    page = opened('<p style="color:#000000">Words</p>', color_scheme="light")
    assert colours(letter_of(page)) == [BLACK, WHITE]
    expect(page.get_by_role("link", name="Show the original colours")).to_be_hidden()


def test_on_paper_a_dark_letter_is_as_designed(opened: Opener) -> None:
    page = opened('<p style="color:#000000">Words</p>', "/body", color_scheme="dark")
    mail = page.locator("#mail")
    assert colours(mail) == [INK, PAPER]
    page.emulate_media(media="print")
    assert colours(mail) == [BLACK, WHITE]
