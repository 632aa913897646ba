"""Rows under a finger and under a dragging pointer: what commits, what does not, and what the reader has chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.flows.hands import sign_in, wait_for
from tests.flows.test_acting import fill, finger, row, tick, toast
from tests.servers.application import Live
from tests.servers.people import Person
from tests.views.deeds import state, subjects

pytestmark = pytest.mark.browser

Phone = Callable[..., Page]


@pytest.fixture
def phone(browser: Browser, live: Live, alice: Person) -> Iterator[Phone]:
    """phone(right="star"): Alice's inbox on one, with these choices of hers."""
    contexts = []

    def make(right: str = "", left: str = "", **kind: Any) -> Page:
        fill(alice)
        size = {"width": 390, "height": 844}
        contexts.append(
            browser.new_context(service_workers="block", viewport=size, has_touch=True, is_mobile=True, **kind)
        )  # type: ignore[arg-type]
        page = contexts[-1].new_page()
        sign_in(page, live, alice)
        for label, value in (("right", right), ("left", left)):
            if value:
                page.goto(f"{live.url}/settings")
                field = page.get_by_label(f"A finger that moves a row to the {label}")
                with page.expect_response(lambda answer: answer.request.method == "POST"):
                    field.select_option(value)
        page.goto(f"{live.url}/m/INBOX")
        return page

    yield make
    for context in contexts:
        context.close()


def place(page: Page, target: Locator) -> tuple[float, float, float]:
    box = target.bounding_box()
    assert box
    return box["x"], box["y"] + box["height"] / 2, box["width"]


def test_a_swipe_does_what_its_reader_has_chosen(phone: Phone, alice: Person) -> None:
    page = phone(right="star", left="read")
    before = state(alice)
    third = alice.messages()[3].uid
    finger(page, row(page, 3), 0.46)
    wait_for(lambda: "\\Flagged" in alice.flags(third))
    finger(page, row(page, 3), 0.46)
    wait_for(lambda: "\\Flagged" not in alice.flags(third))
    finger(page, row(page, 3), -0.46)
    wait_for(lambda: "\\Seen" in alice.flags(third))
    finger(page, row(page, 3), -0.46)
    wait_for(lambda: state(alice) == before)


def test_a_swipe_can_ask_until_when_or_do_nothing(phone: Phone, alice: Person) -> None:
    page = phone(right="snooze", left="nothing")
    before = state(alice)
    finger(page, row(page, 3), -0.46)
    page.wait_for_timeout(300)
    assert state(alice) == before
    finger(page, row(page, 3), 0.46)
    moment = page.locator(".bulk .snoozebox button").first
    expect(moment).to_be_visible()
    moment.tap()
    expect(toast(page)).to_contain_text("snoozed")
    wait_for(lambda: "Number 3" not in subjects(alice))


def test_what_is_no_swipe(phone: Phone, alice: Person) -> None:
    """Too short, across, from the edge that belongs to the browser, and with two fingers."""
    page = phone(reduced_motion="reduce")
    before = state(alice)
    finger(page, row(page, 3), 0.38)
    finger(page, row(page, 3), 0.1, across=-300)
    page.evaluate("scrollTo(0, 0)")
    left, y, width = place(page, row(page, 3))
    talk = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        found = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        talk.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": found})

    touch("touchStart", (left + 10, y))
    for step in range(1, 11):
        touch("touchMove", (left + 10 + 0.06 * width * step, y))
    touch("touchEnd")
    touch("touchStart", (left + 100, y), (left + 200, y))
    for step in range(1, 11):
        touch("touchMove", (left + 100 + 0.05 * width * step, y), (left + 200, y))
    touch("touchEnd")
    page.wait_for_timeout(300)
    assert state(alice) == before

    # Where less motion is wanted the row stays, and says what will be.
    touch("touchStart", (left + 60, y))
    for step in range(1, 11):
        touch("touchMove", (left + 60 + 0.05 * width * step, y))
    assert row(page, 3).evaluate("row => row.style.transform") == ""
    expect(page.locator(".under.ready")).to_have_text("Archive")
    touch("touchEnd")
    expect(toast(page)).to_contain_text("Message moved to Archive.")


def onto(page: Page, x: float, y: float) -> None:
    """The pointer comes to a row, and what can drag it is there: no hand presses within the same millisecond."""
    with page.expect_event("requestfinished", lambda asked: asked.url.endswith("/drag.js")):
        page.mouse.move(x, y)
    page.wait_for_timeout(200)


def test_escape_ends_a_drag_and_the_badge_counts(page: Page, live: Live, alice: Person) -> None:
    alice.create("Work")
    fill(alice)
    page.add_init_script(
        "const old = DataTransfer.prototype.setDragImage;"
        "DataTransfer.prototype.setDragImage = function (it, x, y) {"
        " window.badge = it.textContent; old.call(this, it, x, y); };"
    )
    sign_in(page, live, alice)
    before = state(alice)
    tick(page, 1, 2, 4)
    work = page.locator("#folders").get_by_role("link", name="Work")
    x, y, width = place(page, row(page, 2))
    to_x, to_y, _ = place(page, work)
    page.mouse.move(x + width / 2, y)
    page.mouse.down()
    page.mouse.move(x + width / 2 - 40, y + 10, steps=4)
    page.mouse.move(to_x + 40, to_y, steps=8)
    expect(work).to_have_class("f target")
    assert page.evaluate("window.badge") == "3 messages"
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(work).to_have_class("f")
    page.wait_for_timeout(300)
    assert state(alice) == before
    assert page.url.endswith("/m/INBOX")
    row(page, 2).locator(".open").drag_to(work)
    expect(toast(page)).to_contain_text("3 messages moved to Work.")


def test_a_folder_of_very_many_unfolds_while_the_pointer_rests_on_it(page: Page, live: Live, alice: Person) -> None:
    with alice.imap() as client:
        for name in ("Clients", "Clients.Berlin", "Clients.Berlin.Mitte", *(f"Clients.No {n}" for n in range(300))):
            client.create_folder(name)
    fill(alice)
    sign_in(page, live, alice)
    folders = page.locator("#folders")
    expect(folders.get_by_role("link", name="Berlin")).to_have_count(0)
    x, y, width = place(page, row(page, 2))
    onto(page, x + width / 2, y)
    page.mouse.down()
    page.mouse.move(x + width / 2 - 40, y + 10, steps=4)
    for name in ("Clients", "Berlin"):
        to_x, to_y, _ = place(page, folders.get_by_role("link", name=name))
        page.mouse.move(to_x + 30, to_y, steps=4)
        page.mouse.move(to_x + 34, to_y, steps=2)
        expect(folders.get_by_role("link", name={"Clients": "Berlin", "Berlin": "Mitte"}[name])).to_have_count(1)
    to_x, to_y, _ = place(page, folders.get_by_role("link", name="Mitte"))
    page.mouse.move(to_x + 30, to_y, steps=4)
    page.mouse.up()
    expect(toast(page)).to_contain_text("moved to Mitte")
    assert subjects(alice, "Clients.Berlin.Mitte") == ["Number 2"]


@pytest.mark.parametrize("width", [320, 360, 430])
def test_a_narrow_phone_shows_how_many_rows_are_chosen_and_where(phone: Phone, width: int) -> None:
    page = phone()
    page.set_viewport_size({"width": width, "height": 700})
    tick(page, 1, 2)
    whole = "e => e.scrollWidth <= e.clientWidth"
    for seen in (page.locator(".bulk .sel"), page.locator("#list-h")):
        expect(seen).to_be_visible()
        assert seen.evaluate(whole), seen
    assert page.locator(".bulk .sel").inner_text() == "2 selected"
    for button in page.locator(".bulk > .ib, .bulk > .menu > .ib").all():
        box = button.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
