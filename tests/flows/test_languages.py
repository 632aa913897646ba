"""Another language in a browser: longer words and the other direction break nothing, with script or without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.servers.application import Live
from tests.servers.people import Person, letter
from tests.words import pseudo
from tests.words.pseudo import LONG, MIRRORED


def enter(page: Page, person: Person) -> None:
    page.get_by_label(pseudo.said("Email address")).fill(person.address)
    page.get_by_label(pseudo.said("Password")).fill(person.password)
    page.get_by_role("button", name=pseudo.said("Sign in"), exact=True).click()
    page.wait_for_url("**/m/INBOX", wait_until="commit")
    expect(page.locator("[aria-keyshortcuts]").first).to_be_attached()


@pytest.mark.browser
@pytest.mark.parametrize("language", [LONG, MIRRORED], ids=lambda one: one.tag)
def test_the_way_in_and_out_is_whole_in_a_longer_and_in_a_mirrored_language(
    browser: Browser, live: Live, alice: Person, language: pseudo.Language
) -> None:
    pseudo.install(live.app, LONG, MIRRORED)
    context = browser.new_context(
        service_workers="block", viewport={"width": 390, "height": 844}, java_script_enabled=language is LONG
    )
    page = context.new_page()
    page.goto(live.url)
    page.get_by_role("button", name=language.name, exact=True).click()
    root = page.locator("html")
    expect(root).to_have_attribute("lang", language.tag)
    assert root.evaluate("e => getComputedStyle(e).direction") == ("rtl" if language.rtl else "ltr")
    assert root.evaluate("e => e.scrollWidth <= e.clientWidth"), "nothing stands out at the side"
    unmarked = [text for text in page.locator("main h1, main label, main .hint, main .btn").all_inner_texts() if text]
    assert [text for text in unmarked if not re.fullmatch(r"\[.*\]", text.strip(), re.S)] == []
    page.get_by_label(pseudo.said("Email address")).fill(alice.address)
    page.get_by_label(pseudo.said("Password")).fill(alice.password)
    page.get_by_role("button", name=pseudo.said("Sign in"), exact=True).click()
    expect(page.get_by_role("heading", name=pseudo.said("Inbox"), level=1)).to_be_visible()
    assert root.evaluate("e => e.scrollWidth <= e.clientWidth")
    for path, title in (("/write", "New message"), ("/settings", "Settings")):
        page.goto(f"{live.url}{path}")
        expect(page.get_by_role("heading", name=pseudo.said(title), level=1)).to_be_visible()
        assert root.evaluate("e => e.scrollWidth <= e.clientWidth"), path
    context.close()


@pytest.mark.browser
def test_scripts_speak_the_language_of_the_page(page: Page, live: Live, alice: Person) -> None:
    pseudo.install(live.app, LONG)
    for number in range(3):
        alice.append(letter(f"Letter {number}"))
    page.set_extra_http_headers({"Accept-Language": LONG.tag})
    page.goto(f"{live.url}/login")
    enter(page, alice)
    said = pseudo.said
    expect(page.locator("#list .sum")).to_have_text(re.compile("3"))
    # What it says of many: the number, and its form.
    for box in page.locator(".pick input").all()[:2]:
        box.check(force=True)
    expect(page.locator(".bulk .sel")).to_have_text(said("%(count)s selected").replace("%(count)s", "2"))
    # Dialogs.
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name=said("Command menu"))).to_be_visible()
    expect(page.get_by_placeholder(said("Folder or command"))).to_be_focused()
    expect(
        page.get_by_role("option", name=said("Go to %(folder)s").replace("%(folder)s", said("Inbox")))
    ).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name=said("Keyboard shortcuts"))
    expect(sheet.get_by_text(said("A screen of messages"))).to_be_visible()
    page.keyboard.press("Escape")
    # Lines at the foot, where the server cannot speak.
    page.route("**/do", lambda route: route.abort())
    page.keyboard.press("e")
    expect(page.locator("#toast")).to_contain_text(said("This site does not answer."))
    # What others do.
    alice.append(letter("Another"))
    expect(page.locator("#list .sum")).to_have_text(
        said("%(unread)s unread of %(total)s").replace("%(unread)s", "4").replace("%(total)s", "4")
    )


@pytest.mark.browser
def test_until_its_words_have_come_a_script_speaks_english_and_waits_for_nothing(
    page: Page, live: Live, alice: Person
) -> None:
    pseudo.install(live.app, LONG)
    held: list[Route] = []
    page.route("**/words/**", lambda route: held.append(route))
    page.set_extra_http_headers({"Accept-Language": LONG.tag})
    page.goto(f"{live.url}/login", wait_until="commit")
    enter(page, alice)
    page.keyboard.press("Control+k")
    expect(page.get_by_placeholder("Folder or command", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    assert len(held) == 2
    held[-1].continue_()
    page.wait_for_function("() => globalThis[Symbol.for('pennypost words')]")
    page.keyboard.press("Control+k")
    expect(page.get_by_placeholder(pseudo.said("Folder or command"))).to_be_visible()
