"""Nothing jumps: after an action the list is where it was, and the focus is where the next key makes sense."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.flows.hands import sign_in
from tests.servers.application import Live
from tests.servers.people import Person, letter


@pytest.fixture
def listed(browser: Browser, live: Live, alice: Person) -> Iterator[Page]:
    """Alice's inbox with sixty messages, on the first page."""
    alice.append_all([letter(f"Number {n}") for n in range(60)])
    context = browser.new_context(service_workers="block", viewport={"width": 1440, "height": 900})
    page = context.new_page()
    sign_in(page, live, alice)
    yield page
    context.close()


def test_a_star_far_down_the_list_does_not_move_it(listed: Page) -> None:
    star = listed.get_by_role("button", name="Star: Number 20", exact=True)
    star.scroll_into_view_if_needed()
    before = star.bounding_box()
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(star).to_be_focused()
    after = star.bounding_box()
    assert before
    assert after
    assert abs(before["y"] - after["y"]) < 60


def test_after_archiving_the_focus_is_on_the_row_that_took_the_place(listed: Page) -> None:
    row = listed.get_by_role("link", name=re.compile("Number 30$"))
    row.scroll_into_view_if_needed()
    row.click()
    expect(listed.get_by_role("heading", name="Number 30")).to_be_visible()
    listed.get_by_role("button", name="Archive", exact=True).last.click()
    expect(listed.get_by_text("Message moved to Archive.").first).to_be_visible()
    expect(listed.get_by_role("link", name=re.compile("Number 29$"))).to_be_focused()


def test_the_folder_drawer_of_a_phone_gives_the_place_back(listed: Page) -> None:
    listed.set_viewport_size({"width": 390, "height": 844})
    listed.reload()
    listed.evaluate("scrollTo(0, 1200)")
    listed.wait_for_timeout(100)
    # A finger does not scroll before it taps, as Playwright's click may.
    listed.locator(".thumb a[href='#folders']").evaluate("link => link.click()")
    expect(listed.get_by_role("link", name="Close folders")).to_be_visible()
    listed.get_by_role("link", name="Close folders").evaluate("link => link.click()")
    listed.wait_for_function("() => Math.abs(scrollY - 1200) < 60")
