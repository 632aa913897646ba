"""Clearing a folder in a browser, with script and without: it is pages and forms alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.flows.hands import sign_in
from tests.servers.application import Live
from tests.servers.people import Person, letter
from tests.views.deeds import state, subjects


@pytest.fixture(params=[True, False], ids=["with script", "without"])
def scripts(request: pytest.FixtureRequest) -> bool:
    """Both."""
    return bool(request.param)


def test_a_sender_is_counted_cleared_and_brought_back(page: Page, live: Live, alice: Person) -> None:
    alice.append_all([letter(f"Number {n}", sender="Shop <shop@example.net>") for n in range(7)])
    alice.append(letter("Keep"))
    sign_in(page, live, alice)
    before = state(alice)
    page.locator(".sort summary").click()
    page.get_by_role("link", name="Clean up this folder").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Clean up")
    page.get_by_role("button", name="Shop").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Clear 7 messages?")
    page.get_by_role("button", name="Delete all 7").click()
    page.wait_for_url("**/m/INBOX")
    expect(page.locator("#toast")).to_contain_text("7 messages moved to Trash.")
    assert subjects(alice) == ["Keep"]
    page.locator("#toast").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone.").first).to_be_visible()
    assert state(alice) == before
