"""Notifications come from a button alone, say what was chosen, make no sound, and never come on a shared computer."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import BrowserContext, Page, expect

from tests.flows.hands import sign_in, wait_for
from tests.servers.application import Live
from tests.servers.people import Person, letter

RECORDER = """(() => {
  const told = JSON.parse(sessionStorage.getItem("told") ?? "[]");
  const note = (what) => { told.push(what); sessionStorage.setItem("told", JSON.stringify(told)); };
  globalThis.Notification = class {
    constructor(title, more) { note({ title, body: more.body, silent: more.silent }); }
    close() {}
    static get permission() { return told.includes("asked") ? "granted" : "default"; }
    static async requestPermission() { note("asked"); return "granted"; }
  };
  navigator.setAppBadge = async (number) => { globalThis.badge = number; };
})()"""
"""A browser without a window shows no notification and allows none: what would be shown is written down instead."""


def told(page: Page) -> list[Any]:
    return list(page.evaluate("JSON.parse(sessionStorage.getItem('told') ?? '[]')"))


def leave(page: Page) -> None:
    """Nobody looks at the page."""
    page.evaluate("document.hasFocus = () => false")


def test_only_a_button_asks_and_a_notification_says_what_was_chosen(
    page: Page, context: BrowserContext, live: Live, alice: Person
) -> None:
    context.add_init_script(RECORDER)
    alice.append(letter("Old"))
    sign_in(page, live, alice)
    wait_for(lambda: page.evaluate("globalThis.badge") == 1)
    leave(page)
    alice.append(letter("Before"))
    wait_for(lambda: page.evaluate("globalThis.badge") == 2)
    page.goto(f"{live.url}/settings")
    assert told(page) == [], "nobody asked for it"
    page.get_by_role("button", name="Tell me of new mail in this browser").click()
    expect(page.locator("#notices-said")).to_contain_text("On in this browser")
    assert told(page) == ["asked"]
    page.goto(f"{live.url}/m/INBOX")
    wait_for(lambda: page.evaluate("globalThis.badge") == 2)
    leave(page)
    alice.append(letter("Ferry times"))
    wait_for(lambda: len(told(page)) == 2)
    assert told(page)[1] == {"title": "New mail", "body": "", "silent": True}
    page.evaluate("document.hasFocus = () => true")
    alice.append(letter("While looking"))
    wait_for(lambda: page.evaluate("globalThis.badge") == 4)
    page.goto(f"{live.url}/settings")
    page.get_by_label("Sender and subject").check()
    expect(page.locator("#notices .saved")).to_have_text("Saved")
    leave(page)
    alice.append(letter("Said in words"))
    wait_for(lambda: len(told(page)) == 3)
    assert told(page)[2]["body"].endswith(": Said in words")
    page.get_by_role("button", name="Stop telling me in this browser").click()
    alice.append(letter("Silence"))
    page.goto(f"{live.url}/m/INBOX")
    wait_for(lambda: page.evaluate("globalThis.badge") == 6)
    assert len(told(page)) == 3


def test_r14_a_shared_computer_shows_none_and_offers_none(
    page: Page, context: BrowserContext, live: Live, alice: Person
) -> None:
    context.add_init_script(RECORDER)
    page.goto(live.url)
    page.evaluate("sessionStorage.setItem('told', '[\"asked\"]')")
    page.evaluate("localStorage.setItem('pennypost-notices', 'on')")
    page.get_by_label("This is a public or shared computer").check()
    page.get_by_label("Email address").fill(alice.address)
    page.get_by_label("Password").fill(alice.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/m/INBOX")
    wait_for(lambda: page.evaluate("localStorage.getItem('pennypost-notices')") is None)
    page.goto(f"{live.url}/settings")
    expect(page.get_by_text("There are none on a shared computer.")).to_be_visible()
    assert page.get_by_role("button", name="Tell me of new mail").count() == 0
    assert page.evaluate("globalThis.badge") is None
