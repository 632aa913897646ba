"""The same in a browser that runs no script: forms, and a button for Undo in the line of the next page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.flows.hands import sign_in
from tests.servers.application import Live
from tests.servers.people import Person, letter
from tests.views.deeds import state, subjects


@pytest.fixture
def scripts() -> bool:
    """None here."""
    return False


def press(page: Page, button: str) -> None:
    page.locator(".bulk").get_by_role("button", name=button, exact=True).click()


def toast(page: Page) -> Locator:
    return page.locator("#toast")


def test_deeds_on_several_and_on_all_and_their_undo_by_forms(page: Page, live: Live, alice: Person) -> None:
    alice.create("Work")
    alice.append_all([letter(f"Number {n}") for n in range(55)])
    sign_in(page, live, alice)
    before = state(alice)
    menus = page.locator(".bulk details.menu > summary")
    for button, menu, words in (
        ("Archive", None, "2 messages moved to Archive."), ("Move", 0, "2 messages moved to Work."),
        ("Add", 1, "2 messages labelled Later."), ("Star", 3, "2 messages starred."),
    ):  # fmt: skip
        for number in (50, 51):
            page.get_by_label(f"Select: Number {number}", exact=True).check(force=True)
        if menu is not None:
            menus.nth(menu).click()
        if menu == 0:
            page.locator(".bulk [name=dest]").select_option(label="Work")
        if menu == 1:
            page.locator(".bulk [name=label]").select_option(label="Later")
        press(page, button)
        expect(toast(page)).to_contain_text(words)
        assert state(alice) != before
        toast(page).get_by_role("button", name="Undo").click()
        expect(toast(page)).to_contain_text("Undone.")
        assert state(alice) == before, button
    page.get_by_label("Select: Number 50", exact=True).check(force=True)
    page.locator(".whole input").check()
    press(page, "Archive")
    expect(page.get_by_text(re.compile("55 messages moved to Archive")).first).to_be_visible()
    assert len(subjects(alice, "Archive")) == 55
    toast(page).get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone.").first).to_be_visible()
    assert state(alice) == before
