"""Without a connection, and installed: what the worker keeps, that nothing is lost when the network goes, and what then
comes back by itself. A real Chromium with its service worker, offline and online."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from tests.flows.hands import SAVED, sign_in, wait_for
from tests.servers.application import Live
from tests.servers.people import Person, letter
from webmail.config import Settings

CANARY = "qzvferrywren"
KEPT = """async () => {
  const found = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const answer = await cache.match(request);
      found.push([name, new URL(request.url).pathname, request.credentials, await answer.text()]);
    }
  }
  return found;
}"""


@pytest.fixture
def worker() -> bool:
    return True


def ready(page: Page) -> None:
    """The worker stands behind the page."""
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("() => navigator.serviceWorker.controller")


def test_the_worker_keeps_no_mail_and_sees_a_new_version_of_the_site(
    page: Page, live: Live, alice: Person, settings: Settings, make_app: Callable[[Settings], Flask]
) -> None:
    alice.append(letter(f"Subject {CANARY}", text=f"Body {CANARY}\r\n"))
    sign_in(page, live, alice)
    ready(page)
    page.locator(".row .open").first.click()
    expect(page.get_by_role("heading", name=CANARY)).to_be_visible()
    for path in ("/m/INBOX", "/write", "/settings"):
        page.goto(live.url + path)
    kept = page.evaluate(KEPT)
    assert kept[0][1] == "/offline"
    assert {path.split("/")[1] for _, path, _, _ in kept} == {"offline", "static"}
    assert {credentials for _, _, credentials, _ in kept} == {"omit"}
    texts = " ".join(text for *_, text in kept)
    assert CANARY not in texts
    assert alice.address not in texts
    assert 'name="csrf_token"' not in texts
    [before] = {name for name, *_ in kept}
    # The site is updated while the tab stays open.
    live.app = make_app(replace(settings, brand="Newer mail"))
    page.goto(f"{live.url}/login")
    wait_for(lambda: before not in page.evaluate("caches.keys()"))
    assert "Newer mail" in " ".join(text for *_, text in page.evaluate(KEPT))


def test_r14_a_shared_computer_has_no_worker_and_signing_out_takes_it_away(
    page: Page, live: Live, alice: Person
) -> None:
    count = "async () => (await navigator.serviceWorker.getRegistrations()).length + (await caches.keys()).length"
    sign_in(page, live, alice)
    ready(page)
    assert page.evaluate(count) == 2
    page.locator("details.account > summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/bye")
    wait_for(lambda: page.evaluate(count) == 0)
    sign_in(page, live, alice)
    ready(page)
    # Somebody else signs in here, at a shared computer, and nobody signed out.
    page.context.clear_cookies()
    page.goto(f"{live.url}/login")
    page.get_by_label("This is a public or shared computer").check()
    page.get_by_label("Email address").fill(alice.address)
    page.get_by_label("Password").fill(alice.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/m/INBOX")
    wait_for(lambda: page.evaluate(count) == 0)


def test_in_the_list_and_on_a_reload_there_are_words_and_the_page_comes_back_by_itself(
    page: Page, context: BrowserContext, live: Live, alice: Person
) -> None:
    alice.append(letter("One"))
    sign_in(page, live, alice)
    ready(page)
    context.set_offline(True)
    expect(page.get_by_text("You are offline.")).to_be_visible()
    page.locator(".row .open").first.click()
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    expect(page.locator("#letter")).to_be_hidden()
    where = page.url
    context.set_offline(False)
    expect(page.get_by_role("heading", name="One")).to_be_visible()
    assert page.url == where
    context.set_offline(True)
    page.reload()
    expect(page.get_by_text("none of it is kept on this device")).to_be_visible()
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    context.set_offline(False)
    expect(page.get_by_role("heading", name="One")).to_be_visible()


def test_a_letter_outlives_the_network_a_reload_and_the_press_of_send(
    page: Page, context: BrowserContext, live: Live, alice: Person
) -> None:
    page.on("dialog", lambda dialog: dialog.accept())  # "leave this page?"
    sign_in(page, live, alice)
    ready(page)
    page.goto(f"{live.url}/write")
    page.get_by_label("To", exact=True).fill("bob@example.org")
    page.get_by_label("Subject").fill("Ferry")
    page.locator("#body").fill("The ferry leaves at nine.")
    context.set_offline(True)
    expect(page.get_by_text("kept in this tab").first).to_be_visible()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("[data-save-note]")).to_contain_text("Not sent. There is no connection.")
    assert page.locator("#body").input_value() == "The ferry leaves at nine."
    page.reload()
    expect(page.get_by_text("Your letter is safe.")).to_be_visible()
    assert "The ferry leaves at nine." in page.locator("#words").input_value()
    context.set_offline(False)
    # The page comes back by itself. What the last save has brought to Drafts after all is not offered again.
    page.wait_for_url(re.compile("/edit|/write"))
    offer = page.get_by_role("button", name="Bring it back")
    expect(offer.or_(page.locator("[data-saved]", has_text=SAVED))).to_be_visible()
    if offer.count():
        offer.click()
    expect(page.locator("[data-saved]")).to_have_text(SAVED)
    expect(page.locator("#body")).to_have_value("The ferry leaves at nine.")
    [draft] = alice.messages("Drafts")
    assert b"leaves at nine" in draft.raw


def test_the_keyboard_of_a_phone_never_hides_send(page: Page, live: Live, alice: Person) -> None:
    """It makes the page shorter, or lies over it as on iPhones, which have no such keyboard here: the numbers that they
    tell are put in its place."""
    sign_in(page, live, alice)
    page.set_viewport_size({"width": 390, "height": 400})
    page.goto(f"{live.url}/write")
    page.locator("#body").fill("Line\n" * 60)
    page.locator("#body").press("End")
    send = page.get_by_role("button", name="Send", exact=True)

    def bottom() -> float:
        box = send.bounding_box()
        assert box
        assert box["height"] >= 40
        return box["y"] + box["height"]

    assert bottom() <= 400
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("scrollTo(0, 0)")
    assert 780 < bottom() <= 844
    page.evaluate("""() => {
      Object.defineProperty(visualViewport, "height", { get: () => 500 });
      visualViewport.dispatchEvent(new Event("resize"));
    }""")
    wait_for(lambda: bottom() <= 500)
    assert bottom() > 430
    # What is said in between does not lie on it either.
    page.evaluate("dispatchEvent(new Event('offline'))")
    expect(page.get_by_text("kept in this tab").first).to_be_visible()
    send.click(trial=True)
