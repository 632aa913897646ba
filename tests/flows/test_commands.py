"""The command menu: every folder and everything the page can do, by typing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.flows.hands import sign_in, wait_for
from tests.servers.application import Live
from tests.servers.people import Person, letter

pytestmark = pytest.mark.browser


def test_folders_and_commands_are_found_by_typing(page: Page, live: Live, alice: Person) -> None:
    alice.create("Choir")
    alice.append_all([letter("One"), letter("Two")])
    sign_in(page, live, alice)
    page.keyboard.press("j")
    expect(page.locator(".row .open").first).to_be_focused()

    # Typed at once, before the menu has come for the first time: still its letters, not keys of the page.
    page.route("**/commands.js", lambda route: (page.wait_for_timeout(300), route.continue_()))
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Folder or command")
    page.keyboard.type("arch")
    expect(field).to_be_focused()
    expect(field).to_have_value("arch")
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("Archive")
    expect(page.get_by_role("option", selected=True)).to_have_count(1)
    page.keyboard.press("Escape")
    expect(field).to_have_count(0)
    expect(page.locator(".row .open").first).to_be_focused()

    page.keyboard.press("Control+k")
    page.keyboard.type("star")
    expect(options.first).to_have_text("Stars")
    page.keyboard.press("Enter")
    wait_for(lambda: any("\\Flagged" in one.flags for one in alice.messages()))

    page.keyboard.press("Control+k")
    page.keyboard.type("no such thing")
    expect(page.get_by_text("Nothing of that name on this page.")).to_be_visible()
    field.fill("choir")
    expect(options).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url("**/m/Choir")

    page.locator(".account > summary").click()
    page.get_by_role("button", name="Command menu").click()
    expect(field).to_be_focused()
    page.get_by_role("option", name="Settings").click()
    page.wait_for_url("**/settings")


def test_keys_walk_from_pane_to_pane_and_search_the_sender(page: Page, live: Live, alice: Person) -> None:
    alice.append(letter("Only", sender="Bob Brown <bob@example.org>"))
    sign_in(page, live, alice)
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.locator("#subject")).to_have_text("Only")
    page.wait_for_url("**/m/INBOX/*")
    page.keyboard.press("F6")
    focused = "document.activeElement.closest('.pane-nav, .pane-list, .pane-read').className"
    wait_for(lambda: "pane-nav" in page.evaluate(focused))
    page.keyboard.press("F6")
    wait_for(lambda: "pane-list" in page.evaluate(focused))
    page.keyboard.press("Shift+F6")
    wait_for(lambda: "pane-nav" in page.evaluate(focused))
    page.keyboard.press("h")
    page.wait_for_url("**/search/*")
    expect(page.locator("#seek")).to_have_value("from:bob@example.org")
    assert "bob" not in page.url
    page.goto(f"{live.url}/m/INBOX")
    page.keyboard.press("j")
    page.keyboard.press("Delete")
    wait_for(lambda: [one.header("Subject") for one in alice.messages("Trash")] == ["Only"])
