"""What other devices and deliveries do shows by itself, and nothing moves under the reader's hand."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.flows.hands import sign_in
from tests.servers.application import Live
from tests.servers.people import Person, letter

# Collects what a screen reader would be told.
LISTEN = """() => {
  window.heard = [];
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) window.heard.push(node.textContent.trim());
  }).observe(document.querySelector("[role=status]"), { childList: true, subtree: true });
}"""


@pytest.fixture
def inbox(context: BrowserContext, live: Live, alice: Person) -> Page:
    """Alice looks at her inbox: three messages, the newest first: Tea, Coffee, Water. The stream is open."""
    alice.append_all([letter(subject) for subject in ("Water", "Coffee", "Tea")])
    page = context.new_page()
    with page.expect_response("**/events?*"):
        sign_in(page, live, alice)
    return page


def rows(page: Page) -> Locator:
    return page.locator("#list .row .subj")


def row(page: Page, subject: str) -> Locator:
    return page.locator("#list .row").filter(has_text=subject)


def heard(page: Page) -> list[str]:
    return [words for words in page.evaluate("window.heard") if words]


def icon(page: Page) -> str:
    return page.locator("link[rel=icon]").get_attribute("href") or ""


def test_what_shows_news_can_be_fetched_later(inbox: Page, alice: Person) -> None:
    script = "**/js/arrivals.js"
    inbox.route(script, lambda route: route.abort())
    inbox.mouse.move(1200, 600)
    with inbox.expect_event("requestfailed"):
        alice.append(letter("Milk"))
    inbox.unroute(script)
    alice.append(letter("Juice"))
    expect(rows(inbox)).to_have_text(["Juice", "Milk", "Tea", "Coffee", "Water"])


def test_a_page_whose_scripts_are_of_another_version_comes_anew_unless_somebody_is_at_it(
    inbox: Page, alice: Person
) -> None:
    newer = 'import { later } from "./watch.js"; export const hear = later;'
    inbox.route("**/js/arrivals.js", lambda route: route.fulfill(body=newer, content_type="text/javascript"))
    tick = row(inbox, "Coffee").locator(".pick input")
    tick.check()
    inbox.mouse.move(1200, 600)
    inbox.evaluate("window.same = true")
    for subject in ("Milk", "Juice"):
        alice.append(letter(subject))
        expect(inbox).to_have_title(re.compile(rf"^\({4 + (subject == 'Juice')}\) Inbox – alice"))
    assert inbox.evaluate("window.same")
    tick.uncheck()
    alice.append(letter("Broth"))
    expect(rows(inbox)).to_have_text(["Broth", "Juice", "Milk", "Tea", "Coffee", "Water"])
    assert inbox.evaluate("window.same") is None


def test_new_mail_waits_while_the_pointer_is_in_the_list(inbox: Page, alice: Person) -> None:
    inbox.evaluate(LISTEN)
    row(inbox, "Tea").hover()
    before = row(inbox, "Tea").bounding_box()
    alice.append(letter("Milk"))
    pill = inbox.get_by_role("link", name="1 new message")
    expect(pill).to_be_visible()
    assert row(inbox, "Tea").bounding_box() == before
    assert rows(inbox).all_inner_texts() == ["Tea", "Coffee", "Water"]
    assert heard(inbox) == ["1 new message"]
    expect(inbox).to_have_title(re.compile(r"^\(4\) Inbox – alice"))

    alice.append(letter("Juice"))
    pill = inbox.get_by_role("link", name="2 new messages")
    expect(pill).to_be_visible()
    assert heard(inbox) == ["1 new message", "2 new messages"]
    pill.click()
    expect(rows(inbox)).to_have_text(["Juice", "Milk", "Tea", "Coffee", "Water"])
    expect(row(inbox, "Juice").get_by_role("link")).to_be_focused()
    expect(pill).to_have_count(0)


def test_new_mail_joins_as_soon_as_the_pointer_leaves_the_list(inbox: Page, alice: Person) -> None:
    row(inbox, "Tea").hover()
    alice.append(letter("Milk"))
    expect(inbox.get_by_role("link", name="1 new message")).to_be_visible()
    inbox.mouse.move(1200, 600)
    expect(rows(inbox)).to_have_text(["Milk", "Tea", "Coffee", "Water"])


def test_new_mail_waits_for_a_reader_further_down(inbox: Page, live: Live, alice: Person) -> None:
    alice.append_all([letter(f"Number {n}") for n in range(30)])
    expect(rows(inbox)).to_have_count(33)
    inbox.locator("#list").evaluate("list => { list.scrollTop = 600 }")
    held = row(inbox, "Number 12")
    before = held.bounding_box()
    alice.append(letter("Milk"))
    expect(inbox.get_by_role("link", name="1 new message")).to_be_visible()
    assert held.bounding_box() == before
    inbox.locator("#list").evaluate("list => { list.scrollTop = 0 }")
    expect(rows(inbox).first).to_have_text("Milk")


def test_title_header_folders_and_icon_follow_without_a_reload(inbox: Page, alice: Person) -> None:
    for subject in ("Water", "Coffee", "Tea"):
        alice.mark(next(m.uid for m in alice.messages() if m.header("Subject") == subject), "\\Seen")
    folder = inbox.get_by_role("navigation", name="Folders").get_by_role("link", name="Inbox")
    expect(inbox).to_have_title(re.compile("^Inbox – alice"))
    expect(folder).to_have_accessible_name("Inbox")
    assert "icon.svg" in icon(inbox)
    inbox.evaluate("window.same = true")
    alice.append(letter("Milk"))
    expect(inbox).to_have_title(re.compile(r"^\(1\) Inbox – alice"), timeout=2000)
    assert "icon-unread.svg" in icon(inbox)
    expect(folder).to_have_accessible_name("Inbox 1 unread")
    expect(inbox.get_by_text("1 unread of 4")).to_be_visible()
    assert inbox.evaluate("window.same")


def test_another_folder_gets_its_number(context: BrowserContext, live: Live, alice: Person) -> None:
    alice.create("Choir")
    alice.append(letter("Water"))
    page = context.new_page()
    sign_in(page, live, alice)
    alice.append(letter("Rehearsal"), "Choir")
    expect(page.get_by_role("link", name="Choir 1 unread")).to_be_visible()
    alice.append(letter("Half a letter"), "Drafts", ["\\Draft", "\\Seen"])
    expect(page.get_by_role("link", name="Drafts 1 messages")).to_be_visible()
    expect(rows(page)).to_have_text(["Water"])


def test_marks_that_another_device_sets_show_in_the_row(inbox: Page, alice: Person) -> None:
    uid = next(m.uid for m in alice.messages() if m.header("Subject") == "Coffee")
    expect(row(inbox, "Coffee").get_by_role("link", name=re.compile("^Unread"))).to_be_visible()
    alice.mark(uid, "\\Seen", "\\Flagged")
    star = inbox.get_by_role("button", name="Star: Coffee")
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(row(inbox, "Coffee").get_by_role("link", name=re.compile("^Unread"))).to_have_count(0)
    alice.mark(uid, "\\Seen", "\\Flagged", remove=True)
    expect(star).to_have_attribute("aria-pressed", "false")
    expect(row(inbox, "Coffee").get_by_role("link", name=re.compile("^Unread"))).to_be_visible()


def test_a_message_that_is_removed_elsewhere_leaves_the_list(inbox: Page, alice: Person) -> None:
    alice.expunge(next(m.uid for m in alice.messages() if m.header("Subject") == "Coffee"))
    expect(rows(inbox)).to_have_text(["Tea", "Water"])


def test_a_removed_message_stays_in_place_while_the_pointer_is_in_the_list(inbox: Page, alice: Person) -> None:
    row(inbox, "Coffee").hover()
    before = row(inbox, "Water").bounding_box()
    alice.expunge(next(m.uid for m in alice.messages() if m.header("Subject") == "Coffee"))
    expect(row(inbox, "Coffee").get_by_text("no longer here")).to_have_count(1)
    assert row(inbox, "Water").bounding_box() == before
    inbox.mouse.move(1200, 600)
    expect(rows(inbox)).to_have_text(["Tea", "Water"])


def test_a_chosen_row_stays_chosen_when_mail_comes_and_others_go(inbox: Page, alice: Person) -> None:
    box = inbox.get_by_role("checkbox", name="Select: Coffee")
    box.focus()
    box.press("Space")
    inbox.mouse.move(1200, 600)
    alice.expunge(next(m.uid for m in alice.messages() if m.header("Subject") == "Tea"))
    alice.append(letter("Milk"))
    inbox.get_by_role("link", name="1 new message").click()
    expect(rows(inbox)).to_have_text(["Milk", "Coffee", "Water"])
    expect(box).to_be_checked()


def test_the_last_message_gone_leaves_an_empty_folder_that_fills_again(inbox: Page, alice: Person) -> None:
    for message in alice.messages():
        alice.expunge(message.uid)
    expect(inbox.get_by_role("heading", name="Nothing in this folder")).to_be_visible()
    expect(inbox.get_by_text("empty", exact=True)).to_be_visible()
    alice.append(letter("Milk"))
    expect(rows(inbox)).to_have_text(["Milk"])


def test_a_filter_keeps_what_was_read_until_the_reader_goes_on(inbox: Page, alice: Person) -> None:
    inbox.get_by_role("link", name="Unread", exact=True).click()
    expect(inbox).to_have_url(re.compile("only=unread"))
    row(inbox, "Coffee").click()
    expect(inbox.get_by_role("heading", name="Coffee", level=1)).to_be_visible()
    inbox.mouse.move(1200, 600)
    alice.append(letter("Milk"))
    pill = inbox.get_by_role("link", name="1 new message")
    expect(pill).to_be_visible()
    expect(rows(inbox)).to_have_text(["Tea", "Coffee", "Water"])
    pill.click()
    expect(rows(inbox)).to_have_text(["Milk", "Tea", "Water"])


def test_the_open_message_stays_readable_when_it_is_removed_elsewhere(inbox: Page, alice: Person) -> None:
    row(inbox, "Coffee").click()
    expect(inbox.get_by_role("heading", name="Coffee", level=1)).to_be_visible()
    inbox.mouse.move(1200, 600)
    text = inbox.locator("#message").get_by_text("Good morning.")
    before = text.bounding_box()
    alice.expunge(next(m.uid for m in alice.messages() if m.header("Subject") == "Coffee"))
    expect(inbox.locator("#message").get_by_text("moved or deleted on another device")).to_be_visible()
    assert text.bounding_box() == before
    expect(text).to_be_visible()
    expect(rows(inbox)).to_have_text(["Tea", "Water"])


def test_a_folder_made_elsewhere_appears(inbox: Page, alice: Person) -> None:
    alice.create("Choir")
    expect(inbox.get_by_role("link", name="Choir")).to_be_visible()
