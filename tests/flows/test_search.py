"""Searching in a browser: the key, the chips, folder after folder with Stop, and a message of what was found."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.flows.hands import sign_in, wait_for
from tests.servers.application import Live
from tests.servers.people import Person, letter
from webmail.imap import sweep
from webmail.views import _search_walk

FOLDERS = 6


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Folders that are searched together wait until somebody lets so many turns through."""
    allowed = threading.Semaphore(0)
    over = threading.Event()
    turn = sweep.in_turn

    def waiting(*args: Any, **more: Any) -> Any:
        while not (over.is_set() or allowed.acquire(timeout=0.05)):
            pass
        return turn(*args, **more)

    monkeypatch.setattr(sweep, "in_turn", waiting)
    yield lambda count: allowed.release(count)
    over.set()


def test_a_search_from_the_key_to_the_message_and_back(page: Page, live: Live, alice: Person) -> None:
    alice.append_all([letter("Ferry times", text="At 07:40.\r\n"), letter("Ferry tickets"), letter("Choir")])
    sign_in(page, live, alice)
    page.keyboard.press("/")
    expect(page.get_by_label("Search mail")).to_be_focused()
    page.keyboard.type("ferry is:unread")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/*")
    assert "ferry" not in page.url
    rows = page.locator("#list .row")
    expect(rows).to_have_count(2)
    expect(page.locator(".chips bdi")).to_have_text(["ferry", "unread"])
    results = page.url
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/m/INBOX/**")
    expect(page.get_by_role("heading", name="Ferry tickets", level=1)).to_be_visible()
    expect(rows).to_have_count(2)
    page.go_back()
    page.wait_for_url(results)
    page.reload()
    expect(rows).to_have_count(1)  # the other has been read
    page.get_by_role("link", name="Without: unread").click()
    page.wait_for_url(lambda url: url != results)
    expect(rows).to_have_count(2)
    rows.first.locator(".pick input").check(force=True)
    page.get_by_role("button", name="Archive").click()
    expect(page.locator(".toast")).to_contain_text("Message moved to Archive.")
    expect(rows).to_have_count(1)
    page.get_by_text("Keep this search").click()
    page.get_by_label("Name in the list of folders").fill("Boats")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.locator("#folders").get_by_role("link", name="Boats")).to_be_visible()


def test_all_folders_come_one_after_the_other_until_somebody_says_stop(
    page: Page, live: Live, alice: Person, gate: Callable[[int], None]
) -> None:
    for number in range(FOLDERS):
        alice.create(f"Box {number}")
        alice.append(letter(f"Ferry {number}"), f"Box {number}")
    alice.append(letter("Ferry in the inbox"))
    sign_in(page, live, alice)
    gate(1)
    page.goto(f"{live.url}/search")
    page.get_by_label("Search mail").fill("ferry")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/*")
    sections = page.locator("section.hits")
    expect(sections).to_have_count(1)
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    # Two turns wait now, one of two folders and one of the other four.
    gate(1)
    progress = page.locator("#progress")
    expect(progress).to_contain_text(re.compile(r"\b[35] found so far"))
    page.get_by_role("button", name="Stop").click()
    expect(progress).to_contain_text("Stopped")
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    assert sections.count() in (3, 5)
    gate(2 * FOLDERS)
    page.reload()
    expect(sections).to_have_count(FOLDERS + 1)
    expect(progress).to_contain_text(f"{FOLDERS + 1} found")
    sections.filter(has_text=f"Box {FOLDERS - 1}").locator(".open").click()
    expect(page.get_by_role("heading", name=f"Ferry {FOLDERS - 1}", level=1)).to_be_visible()


def test_a_slow_folder_comes_to_its_place_and_moves_nothing_that_somebody_is_at(
    page: Page, live: Live, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, turn = threading.Event(), sweep.in_turn

    def waiting(conn: Any, chosen: Any, *more: Any) -> Any:
        assert "INBOX" not in dict(chosen) or slow.wait(30)
        return turn(conn, chosen, *more)

    monkeypatch.setattr(sweep, "in_turn", waiting)
    monkeypatch.setattr(_search_walk, "_MESSAGES", 3)
    alice.append_all([letter(f"Ferry {n}") for n in range(4)])
    for name in ("Beta", "Alpha"):
        alice.create(name)
        alice.append(letter(f"Ferry {name}"), name)
    sign_in(page, live, alice)
    page.goto(f"{live.url}/search")
    page.get_by_label("Search mail").fill("ferry")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/*")
    names, row = page.locator(".hits h2"), page.locator(".row").filter(has_text="Ferry Beta")
    expect(names).to_have_text(["Alpha", "Beta"])
    row.hover()
    there = row.evaluate("row => row.getBoundingClientRect().top")
    slow.set()
    expect(names).to_have_text(["Inbox", "Alpha", "Beta"])
    assert abs(row.evaluate("row => row.getBoundingClientRect().top") - there) < 1
    expect(page.locator(".row:hover")).to_contain_text("Ferry Beta")


def test_what_was_found_in_several_folders_is_chosen_acted_on_and_taken_back_also_all_of_it(
    page: Page, live: Live, alice: Person
) -> None:
    alice.create("Trips")
    alice.append_all([letter(f"Ferry {n}") for n in range(8)] + [letter("Choir")])
    alice.append_all([letter("Ferry north"), letter("Ferry south")], "Trips")
    alice.append(letter("Ferry old"), "Archive")
    sign_in(page, live, alice)
    page.goto(f"{page.url.split('/m/')[0]}/search")
    page.get_by_label("Search mail").fill("ferry")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/*")
    rows, toast, offer = page.locator("#list .row"), page.locator("#toast"), page.locator(".whole")
    expect(rows).to_have_count(8)  # of each folder the newest five
    boxes = page.locator("#list .pick input")
    first = page.locator(".hits").nth(0).locator(".pick input")
    first.nth(3).check(force=True)
    page.locator(".hits").last.locator(".pick input").first.click(modifiers=["Shift"], force=True)
    # Over the ends of folders, in their order: two letters of the inbox, one of Archive, the first of Trips.
    expect(page.locator(".hits h2")).to_have_text(["Inbox", "Archive", "Trips"])
    chosen = 4
    expect(page.locator(".bulk .sel")).to_have_text(f"{chosen} selected")
    page.locator(".bulk").get_by_role("button", name="Archive").click()
    expect(toast).to_contain_text(f"{chosen - 1} messages moved to Archive.")  # one lies there
    wait_for(lambda: len(alice.messages("Archive")) == chosen)
    page.keyboard.press("z")
    expect(toast).to_contain_text("Undone.")
    expect(rows).to_have_count(8)
    assert sorted(len(alice.messages(name)) for name in ("INBOX", "Trips", "Archive")) == [1, 2, 9]
    boxes.first.check(force=True)
    expect(offer).to_contain_text("All 11 found")
    offer.locator("input").check()
    expect(page.locator(".bulk .sel")).to_have_text("All 11")
    page.locator(".bulk").get_by_role("button", name="Delete").click()
    expect(toast).to_contain_text("11 messages in 3 folders are found. Delete: all of them?")
    expect(toast.get_by_role("button", name="No")).to_be_focused()
    toast.get_by_role("button", name="Delete").click()
    expect(toast).to_contain_text("11 messages moved to Trash.")
    expect(page.get_by_text("Nothing found in your folders")).to_be_visible()
    assert len(alice.messages("Trash")) == 11
    toast.get_by_role("button", name="Undo").click()
    expect(toast).to_contain_text("Undone.")
    expect(rows).to_have_count(8)
    assert sorted(len(alice.messages(name)) for name in ("INBOX", "Trips", "Archive", "Trash")) == [0, 1, 2, 9]
    rows.first.locator(".star").click()
    expect(toast).to_contain_text("Message starred.")
    assert sum("\\Flagged" in one.flags for one in alice.messages()) == 1
