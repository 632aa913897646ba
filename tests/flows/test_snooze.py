"""Snoozing in a browser: by key and menu with script, by menu and page without."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.flows.hands import sign_in, wait_for
from tests.servers.application import Live
from tests.servers.people import Person, letter
from tests.views.asleep import dated
from tests.views.deeds import subjects
from webmail.config import Settings

DUE = "Snoozed.2020-07-20 07-00 +0200"


def test_snoozed_by_key_listed_undone_and_woken_while_the_page_is_open(page: Page, live: Live, alice: Person) -> None:
    alice.append_all([letter("One"), letter("Two")], flags=["\\Seen"])
    sign_in(page, live, alice)
    rows = page.locator(".row")
    expect(rows).to_have_count(2)
    page.get_by_label("Select: Two").check(force=True)
    page.keyboard.press("b")
    page.locator(".bulk .snoozebox button", has_text="Tomorrow").click()
    expect(rows).to_have_count(1)
    expect(page.locator("#toast")).to_contain_text("Message snoozed until")
    wait_for(lambda: len(dated(alice)) == 1 and subjects(alice) == ["One"])
    page.keyboard.press("z")
    expect(page.locator("#toast")).to_contain_text("Undone.")
    expect(rows).to_have_count(2)
    assert subjects(alice) == ["One", "Two"]
    page.locator(".row .open", has_text="Two").click()
    page.wait_for_url(re.compile(r"/m/INBOX/\d"))
    expect(page.locator("#message h1")).to_have_text("Two")
    page.keyboard.press("b")
    page.locator("#message .snoozebox button", has_text="Tomorrow").click()
    expect(rows).to_have_count(1)
    wait_for(lambda: subjects(alice) == ["One"])
    page.goto(f"{live.url}/m/INBOX")
    expect(page.locator("#folders").get_by_role("link", name="Snoozed")).to_be_visible()
    expect(rows).to_have_count(1)
    # Time passes: another device gives the folder an earlier name, and nobody touches this page.
    with alice.imap() as client:
        client.rename_folder(dated(alice)[0], DUE)
    # Dovecot 2.3 tells an idle connection of new names beside other news only, most of the time.
    alice.append(letter("A doorbell"), "Sent")
    expect(rows).to_have_count(2, timeout=60_000)
    expect(page.locator(".row.unread")).to_have_count(1)
    expect(page.locator(".rows.pinned .row .marks")).to_have_text("Back from Snoozed.")
    wait_for(lambda: dated(alice) == [])
    assert subjects(alice) == ["One", "Two"]


class TestWithoutScript:
    """Forms and pages alone."""

    @pytest.fixture
    def scripts(self) -> bool:
        return False

    def test_by_menu_by_page_and_back_again(self, page: Page, live: Live, alice: Person) -> None:
        alice.append_all([letter("One"), letter("Two")], flags=["\\Seen"])
        sign_in(page, live, alice)
        page.get_by_label("Select: Two").check(force=True)
        page.locator('.bulk [data-keys="b"]').click()
        page.locator(".bulk .snoozebox").get_by_role("button", name="Snooze", exact=True).click()
        expect(page.get_by_role("heading", name="Snooze until when?")).to_be_visible()
        page.get_by_label("or at").fill("2001-01-01T07:00")
        page.get_by_role("button", name="Snooze", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("That moment is over")
        page.locator(".snoozebox button", has_text="Tomorrow").click()
        expect(page.locator("#toast")).to_contain_text("Message snoozed until")
        assert subjects(alice) == ["One"]
        page.locator("#folders").get_by_role("link", name="Snoozed").click()
        expect(page.get_by_role("heading", name="Snoozed", level=1)).to_be_visible()
        page.get_by_role("button", name="Bring back now Two").click()
        expect(page.locator("#toast")).to_contain_text("Message back in Inbox.")
        assert subjects(alice) == ["One", "Two"]
        page.locator("#toast").get_by_role("button", name="Undo").click()
        expect(page.get_by_text("Undone.").first).to_be_visible()
        assert subjects(alice) == ["One"]


def test_two_processes_with_open_pages_wake_once(
    page: Page, live: Live, settings: Settings, make_app: Callable[[Settings], Flask], alice: Person
) -> None:
    another = Live(make_app(settings)).start()
    try:
        sign_in(page, live, alice)
        second = page.context.browser.new_page()  # type: ignore[union-attr]
        sign_in(second, another, alice)
        alice.create(DUE)
        alice.append_all([letter(f"Number {n}") for n in range(5)], DUE, ["\\Seen"])
        for each in (page, second):
            expect(each.locator(".row.unread")).to_have_count(5, timeout=60_000)
        wait_for(lambda: dated(alice) == [])
        assert subjects(alice) == [f"Number {n}" for n in range(5)]
        second.close()
    finally:
        another.stop()
