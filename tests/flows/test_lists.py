"""The list in a browser: it goes on by itself, Back brings it back, conversations are one row and stay true."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.flows.hands import sign_in, wait_for
from tests.servers.application import Live
from tests.servers.people import Person, letter


def rows(page: Page) -> Locator:
    return page.locator("#list .row")


def row(page: Page, subject: str) -> Locator:
    return rows(page).filter(has_text=re.compile(rf"{subject}(?!\d)"))


def subjects(page: Page) -> list[str]:
    return page.locator("#list .row .subj").all_inner_texts()


def to_the_end(page: Page) -> None:
    """As a wheel does it, whatever scrolls: the list, on a phone the page."""
    page.evaluate("document.querySelector('#list .pager').scrollIntoView({ block: 'end' })")


@pytest.fixture
def many(alice: Person) -> Person:
    """A hundred and thirty messages, three pages."""
    alice.append_all(letter(f"Number {n}", message_id=f"<{n}@x>") for n in range(130))
    return alice


@pytest.mark.parametrize("query", ["", "?sort=subject"])
def test_the_list_goes_on_by_itself_and_loses_and_repeats_nothing(
    page: Page, live: Live, many: Person, query: str
) -> None:
    sign_in(page, live, many)
    page.goto(f"{live.url}/m/INBOX{query}")
    expect(rows(page)).to_have_count(50)
    page.keyboard.press("j")
    focused = page.locator(".row .open:focus")
    expect(focused).to_have_count(1)
    held = focused.get_attribute("href")
    many.expunge(100)
    to_the_end(page)
    wait_for(lambda: rows(page).count() >= 99)
    to_the_end(page)
    wait_for(lambda: rows(page).count() >= 129)
    found = subjects(page)
    assert len(found) == len(set(found))
    assert {f"Number {n}" for n in range(130) if n != 99} <= set(found)
    assert focused.get_attribute("href") == held, "the focus stays"
    expect(page.locator(".pager [rel=next]")).to_have_count(0)
    expect(page.locator(".pager .num")).to_have_text(re.compile(r"^1–1(29|30) of"))
    assert page.locator("h2.day").count() == (0 if query else 1), "one day, one heading"


def test_the_link_is_the_way_without_script(page: Page, live: Live, many: Person) -> None:
    """And where the next page cannot be had."""
    sign_in(page, live, many)
    page.route(
        "**/m/INBOX?before=*", lambda route: route.abort() if "x-part" in route.request.headers else route.continue_()
    )
    to_the_end(page)
    page.get_by_role("link", name="Older", exact=True).click()
    page.wait_for_url("**before=*")
    expect(rows(page)).to_have_count(50)
    assert subjects(page)[0] == "Number 79"


def test_back_brings_the_same_pages_the_place_and_the_row(page: Page, live: Live, many: Person) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, live, many)
    to_the_end(page)
    expect(rows(page)).to_have_count(100)
    link = row(page, "Number 55").locator(".open")
    link.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    link.click()
    expect(page.get_by_role("heading", name="Number 55", level=1)).to_be_visible()
    page.go_back()
    expect(rows(page)).to_have_count(100)
    expect(row(page, "Number 55").locator(".open")).to_be_focused()
    page.wait_for_function("place => Math.abs(scrollY - place) < 5", arg=before)


def test_after_a_button_the_pages_below_are_there_again(page: Page, live: Live, many: Person) -> None:
    sign_in(page, live, many)
    to_the_end(page)
    expect(rows(page)).to_have_count(100)
    star = page.get_by_role("button", name="Star: Number 45", exact=True)
    star.scroll_into_view_if_needed()
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(star).to_be_focused()
    expect(rows(page)).to_have_count(100)


def test_new_mail_joins_a_list_of_several_pages(context: BrowserContext, live: Live, many: Person) -> None:
    page = context.new_page()
    with page.expect_response("**/events?*"):
        sign_in(page, live, many)
    to_the_end(page)
    expect(rows(page)).to_have_count(100)
    many.append(letter("Milk"))
    pill = page.get_by_role("link", name="1 new message")
    expect(pill).to_be_visible()
    pill.hover()  # what goes while the pointer is in the list is struck out, and stays
    many.expunge(60)
    pill.click()
    expect(row(page, "Milk").locator(".open")).to_be_focused()
    expect(row(page, "Number 59")).to_have_class(re.compile("gone"))
    assert subjects(page) == ["Milk", *(f"Number {n}" for n in range(129, 29, -1))]


@pytest.fixture
def talking(context: BrowserContext, live: Live, alice: Person) -> Page:
    """Alice's inbox: Lunch by three letters, the newest unread, and Tea. The stream is open."""
    for number, flags in ((1, ["\\Seen"]), (2, ["\\Seen"]), (3, [])):
        before = " ".join(f"<{earlier}@x>" for earlier in range(1, number))
        head = f"References: {before}\r\n" if before else ""
        alice.append(letter("Lunch", message_id=f"<{number}@x>", extra=head), flags=flags)
    alice.append(letter("Tea", message_id="<t@x>"), flags=["\\Seen"])
    page = context.new_page()
    with page.expect_response("**/events?*"):
        sign_in(page, live, alice)
    return page


def test_a_conversation_is_one_row_and_its_letters_stay_true(talking: Page, alice: Person) -> None:
    lunch = row(talking, "Lunch")
    expect(rows(talking)).to_have_count(2)
    expect(lunch.get_by_role("link")).to_have_accessible_name(re.compile(r"^Unread, Dora Doe\s*3 messages"))
    alice.mark(1, "\\Seen", remove=True)
    alice.mark(3, "\\Seen")
    expect(lunch).to_have_attribute("data-fresh", "1")
    expect(lunch).to_have_class(re.compile("unread"))
    alice.mark(1, "\\Seen", "\\Flagged")
    expect(lunch).not_to_have_class(re.compile("unread"))
    expect(lunch.get_by_role("button")).to_have_attribute("aria-pressed", "true")
    alice.expunge(2)
    expect(lunch.locator(".count")).to_have_text(re.compile("^2"))
    expect(rows(talking)).to_have_count(2)


def test_an_answer_brings_its_conversation_to_the_top(talking: Page, alice: Person) -> None:
    expect(rows(talking).first).to_contain_text("Tea")
    row(talking, "Tea").hover()
    alice.append(letter("Lunch", message_id="<4@x>", extra="References: <1@x> <3@x>\r\n"))
    expect(talking.get_by_role("link", name="1 new message")).to_be_visible()
    expect(row(talking, "Lunch")).not_to_have_class(re.compile("gone"))
    talking.mouse.move(1200, 600)
    expect(rows(talking).first).to_contain_text("Lunch")
    expect(rows(talking)).to_have_count(2)
    expect(row(talking, "Lunch").locator(".count")).to_have_text(re.compile("^4"))


def test_opening_reads_the_newest_letter_and_archiving_the_row_takes_all(talking: Page, alice: Person) -> None:
    alice.mark(1, "\\Seen", remove=True)
    lunch = row(talking, "Lunch")
    expect(lunch).to_have_attribute("data-fresh", "3 1")
    lunch.locator(".open").click()
    expect(talking.get_by_text("3 letters in this conversation")).to_be_visible()
    expect(lunch).to_have_class(re.compile(r"\bon\b"))
    wait_for(lambda: "\\Seen" in alice.flags(3))
    lunch.locator("input").check(force=True)
    talking.locator(".bulk").get_by_role("button", name="Archive").click()
    expect(row(talking, "Lunch")).to_have_count(0)
    wait_for(lambda: len(alice.messages("Archive")) == 3)
    assert [message.header("Subject") for message in alice.messages()] == ["Tea"]


def test_the_order_is_chosen_and_conversations_are_switched_for_the_folder(talking: Page) -> None:
    talking.locator(".sort summary").click()
    talking.get_by_role("link", name="Oldest first").click()
    talking.wait_for_url("**sort=oldest")
    expect(rows(talking).first).to_contain_text("Lunch")
    talking.locator(".sort summary").click()
    talking.get_by_role("button", name="Messages one by one").click()
    expect(rows(talking)).to_have_count(4)
    talking.get_by_role("link", name="Unread", exact=True).click()
    talking.wait_for_url("**only=unread**")
    expect(rows(talking)).to_have_count(1)
