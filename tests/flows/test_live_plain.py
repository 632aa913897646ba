"""Without script: a link that checks for mail, a clock for those who want one, and parts of pages for script."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.flows.hands import sign_in
from tests.servers.application import Live, Visitor
from tests.servers.people import Person, letter
from tests.views.test_mailbox import picks, subjects
from webmail.config import Settings


def link(visitor: Visitor, words: str) -> str:
    """Where the link with these words leads."""
    found = re.search(rf'<a [^>]*href="([^"]+)"[^>]*>(?:<svg.*?</svg>)?(?:<span[^>]*>)?{words}<', visitor.html)
    assert found, f"no link {words!r}"
    return found[1].replace("&amp;", "&")


def clock(visitor: Visitor) -> str | None:
    assert visitor.page is not None
    return visitor.page.headers.get("Refresh")


def test_check_for_mail_is_a_link_to_the_same_place(visitor: Visitor, alice: Person) -> None:
    alice.append_all([letter("Water"), letter("Tea")])
    visitor.sign_in(alice)
    visitor.get("/m/INBOX?only=unread")
    alice.append(letter("Milk"))
    visitor.get(link(visitor, "Check for mail"))
    assert visitor.path == "/m/INBOX?only=unread"
    assert subjects(visitor.html) == ["Milk", "Tea", "Water"]


def test_without_script_the_link_says_its_name(browser: Browser, live: Live, alice: Person) -> None:
    for script, width in ((False, 60), (True, 10)):
        context = browser.new_context(service_workers="block", java_script_enabled=script)
        page = context.new_page()
        sign_in(page, live, alice)
        words = page.get_by_role("link", name="Check for mail").locator(".tx").bounding_box()
        assert words
        assert (words["width"] > width) is not script
        expect(page.get_by_role("link", name="Refresh every minute")).to_have_count(0 if script else 1)
        context.close()


def test_the_clock_is_off_until_it_is_asked_for(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    assert clock(visitor) is None
    visitor.get(link(visitor, "Refresh every minute"))
    assert clock(visitor) == "60"
    visitor.get(link(visitor, "Stop refreshing"))
    assert clock(visitor) is None
    assert visitor.path == "/m/INBOX"


def test_the_clock_keeps_the_place_and_comes_along_from_list_to_list(visitor: Visitor, alice: Person) -> None:
    alice.create("Choir")
    alice.append_all([letter(f"Number {n}") for n in range(60)])
    visitor.sign_in(alice)
    visitor.get(link(visitor, "Unread"))
    older = re.search(r'href="([^"]+)"[^>]*rel="next"', visitor.html)
    assert older
    visitor.get(older[1].replace("&amp;", "&"))
    place = subjects(visitor.html)
    visitor.get(link(visitor, "Refresh every minute"))
    assert subjects(visitor.html) == place
    assert clock(visitor) == "60"
    assert "only=unread" in visitor.path
    visitor.get("/m/INBOX?refresh=1")
    visitor.get(link(visitor, "Choir"))
    assert clock(visitor) == "60"


def test_reading_and_writing_are_never_interrupted_and_the_list_after_them_has_its_clock(
    visitor: Visitor, alice: Person
) -> None:
    alice.append(letter("Tea"))
    visitor.sign_in(alice)
    visitor.get("/m/INBOX?refresh=1")
    opened = re.search(r'class="open" href="([^"]+)"', visitor.html)
    assert opened
    visitor.get(opened[1].replace("&amp;", "&"))
    assert "Good morning." in visitor.text
    assert clock(visitor) is None
    visitor.send(visitor.form("/m/INBOX/do"), do="archive", uid=[re.findall(r"\d+\.\d+", opened[1])[0]])
    assert "moved to Archive" in visitor.text
    assert clock(visitor) == "60"
    for path in ("/write", "/write?refresh=1"):
        visitor.get(path)
        assert visitor.status == 200
        assert clock(visitor) is None


def test_a_shared_computer_has_no_clock(visitor: Visitor, alice: Person) -> None:
    """R12: asked for by the clock, a page would keep somebody signed in who has left."""
    visitor.sign_in(alice, shared="1")
    assert "Refresh every minute" not in visitor.text
    visitor.get("/m/INBOX?refresh=1")
    assert clock(visitor) is None


def test_with_script_the_clock_stops(browser: Browser, live: Live, alice: Person) -> None:
    context = browser.new_context(service_workers="block")
    page = context.new_page()
    sign_in(page, live, alice)
    page.goto(live.url + "/m/INBOX?only=unread&refresh=1")
    expect(page).to_have_url(live.url + "/m/INBOX?only=unread")
    context.close()


@pytest.mark.parametrize(("part", "begins"), [("list", '<section class="pane-list"'), ("folders", "<nav ")])
def test_a_part_is_the_same_as_in_the_whole_page(visitor: Visitor, alice: Person, part: str, begins: str) -> None:
    alice.append_all([letter("Water"), letter("Tea")])
    visitor.sign_in(alice)
    visitor.get("/m/INBOX")
    whole = " ".join(visitor.html.split())
    visitor.get("/m/INBOX", headers={"X-Part": part})
    alone = " ".join(re.sub(r"^\s*<!--.*?-->", "", visitor.html).split())
    assert alone.startswith(begins)
    assert "<html" not in alone
    token = r'name="csrf_token" value="[^"]+"'
    assert re.sub(token, "", alone) in re.sub(token, "", whole)


def test_a_part_does_not_swallow_the_words_for_the_next_page(visitor: Visitor, alice: Person) -> None:
    alice.append(letter("Tea"))
    visitor.sign_in(alice)
    visitor.send(visitor.form("/m/INBOX/do"), follow=False, do="archive", uid=picks(visitor.html))
    visitor.get("/m/INBOX", headers={"X-Part": "list"})
    visitor.get("/m/INBOX")
    assert "Message moved to Archive." in visitor.text


def test_what_script_asks_for_by_itself_keeps_nobody_signed_in(
    visitor: Visitor, alice: Person, settings: Settings
) -> None:
    """R12."""
    visitor.sign_in(alice)
    (path,) = (Path(settings.state_dir) / "sign-ins").glob("*.json")
    quiet = time.time() - 3600
    os.utime(path, (quiet, quiet))
    visitor.get("/m/INBOX", headers={"X-Part": "list", "X-Background": "1"})
    assert visitor.status == 200
    assert abs(path.stat().st_mtime - quiet) < 1
