"""Another language in a browser: longer words and the other direction break nothing, with script or without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.servers.application import Live
from tests.servers.people import Person
from tests.words import pseudo
from tests.words.pseudo import LONG, MIRRORED


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
