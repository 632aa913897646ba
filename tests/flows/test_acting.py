"""Acting in a real browser: at once for the eye, true on the server, and taken back to exactly what was."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.flows.hands import sign_in, wait_for
from tests.servers.application import Live
from tests.servers.people import Person, letter
from tests.views.deeds import state, subjects


def fill(person: Person, count: int = 6) -> None:
    """Each a minute older than the next: what comes back keeps its place by its arrival, and only then by its UID."""
    now = datetime.now(UTC)
    for number in range(count):
        when = now - timedelta(minutes=count - number)
        person.append(letter(f"Number {number}", message_id=f"<{number}@x>"), when=when)
    person.mark(person.messages()[0].uid, "\\Seen", "\\Flagged", "Choir")


def row(page: Page, number: int) -> Locator:
    return page.locator("#list .row", has=page.get_by_text(f"Number {number}", exact=True))


def toast(page: Page) -> Locator:
    return page.locator("#toast")


def tick(page: Page, *numbers: int) -> None:
    for number in numbers:
        row(page, number).locator(".pick input").check()


def test_by_mouse_rows_leave_at_once_and_come_back(page: Page, live: Live, alice: Person) -> None:
    fill(alice)
    sign_in(page, live, alice)
    before = state(alice)
    for name, folder in (("Archive", "Archive"), ("Delete", "Trash"), ("Report junk", "Junk")):
        tick(page, 3, 4)
        page.locator(".bulk").get_by_role("button", name=name, exact=True).click()
        expect(row(page, 3)).to_have_count(0)
        expect(toast(page)).to_contain_text(f"2 messages moved to {folder}.")
        expect(page.get_by_role("link", name=re.compile("Number 2$"))).to_be_focused()
        assert subjects(alice, folder) == ["Number 3", "Number 4"]
        toast(page).get_by_role("button", name="Undo").click()
        expect(toast(page)).to_contain_text("Undone.")
        expect(row(page, 3)).to_have_count(1)
        assert state(alice) == before
    assert page.url.endswith("/m/INBOX"), "and no page was loaded for it"


def test_by_key_every_deed_and_z(page: Page, live: Live, alice: Person) -> None:
    fill(alice)
    sign_in(page, live, alice)
    before = state(alice)
    for keys, words in (("e", "moved to Archive"), ("#", "moved to Trash"), ("Delete", "moved to Trash"),
                        ("!", "moved to Junk"), ("s", "starred"), ("I", "marked as read"), ("m", "muted")):  # fmt: skip
        page.get_by_role("link", name=re.compile("Number 5$")).focus()
        page.keyboard.press("x")
        page.keyboard.press("J")
        if keys == "s":
            page.keyboard.press("*")
            page.keyboard.press("n")
        page.keyboard.press(keys)
        expect(toast(page)).to_contain_text(words)
        assert state(alice) != before
        page.keyboard.press("z")
        expect(toast(page)).to_contain_text("Undone.")
        assert state(alice) == before, keys
        expect(row(page, 5)).to_have_count(1)
        page.keyboard.press("*")
        page.keyboard.press("n")
    page.keyboard.press("Control+z")
    assert state(alice) == before, "nothing more to undo"


def test_z_before_the_answer_means_the_deed_that_is_on_its_way(page: Page, live: Live, alice: Person) -> None:
    fill(alice)
    sign_in(page, live, alice)
    page.get_by_role("link", name=re.compile("Number 5$")).focus()
    page.keyboard.press("s")
    expect(toast(page)).to_contain_text("starred")
    starred = state(alice)
    held: list[Route] = []
    page.route("**/do", lambda route: held.append(route))
    page.keyboard.press("e")
    expect(row(page, 5)).to_have_count(0)
    page.keyboard.press("z")
    page.wait_for_timeout(300)  # what was done before has an Undo in the page, and is not what z means now
    assert state(alice) == starred
    held.pop().continue_()
    expect(row(page, 5)).to_have_count(1)
    expect(toast(page)).to_contain_text("Undone.")
    assert state(alice) == starred
    assert subjects(alice, "Archive") == []


def test_labels_by_menu_are_seen_in_the_row(page: Page, live: Live, alice: Person) -> None:
    fill(alice)
    sign_in(page, live, alice)
    before = state(alice)
    tick(page, 2)
    page.keyboard.press("l")
    page.locator(".bulk").get_by_label("or a new one").fill("Reise Köln")
    page.locator(".bulk").get_by_role("button", name="Add").click()
    expect(row(page, 2).locator(".tag")).to_have_text("Reise Köln")
    expect(row(page, 0).locator(".tag")).to_have_text("Choir")
    assert "Reise_K~C3~B6ln" in alice.flags(alice.messages()[2].uid)
    page.keyboard.press("z")
    expect(row(page, 2).locator(".tag")).to_have_count(0)
    assert state(alice) == before


def test_what_fails_is_put_back_and_told_in_words(page: Page, live: Live, alice: Person) -> None:
    fill(alice)
    alice.create("Work")
    sign_in(page, live, alice)
    with alice.imap() as client:
        client.delete_folder("Work")
    tick(page, 3)
    page.keyboard.press("v")
    page.locator(".bulk").get_by_label("Move to").select_option(label="Work")
    page.locator(".bulk").get_by_role("button", name="Move", exact=True).click()
    expect(toast(page)).to_contain_text("This folder is not there.")
    expect(toast(page)).to_contain_text("Choose another folder")
    expect(row(page, 3)).to_have_count(1)
    assert len(alice.messages()) == 6

    def refuse(route: Route) -> None:
        route.abort()

    page.route("**/do", refuse)
    row(page, 4).locator(".star").click()
    expect(toast(page)).to_contain_text("This site does not answer.")
    expect(row(page, 4).locator(".star")).to_have_attribute("aria-pressed", "false")


def test_the_open_message_leaves_and_the_list_is_there(page: Page, live: Live, alice: Person) -> None:
    fill(alice)
    sign_in(page, live, alice)
    page.get_by_role("link", name=re.compile("Number 3$")).click()
    expect(page.get_by_role("heading", name="Number 3")).to_be_visible()
    page.keyboard.press("e")
    expect(toast(page)).to_contain_text("Message moved to Archive.")
    expect(page.get_by_role("heading", name="Inbox", level=1)).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Number 2$"))).to_be_focused()
    page.keyboard.press("z")
    expect(row(page, 3)).to_have_count(1)
    assert "\\Seen" in next(m for m in alice.messages() if m.header("Subject") == "Number 3").flags


def test_deleting_for_ever_asks_with_the_focus_on_the_safe_answer(page: Page, live: Live, alice: Person) -> None:
    alice.append(letter("Old"), "Trash")
    sign_in(page, live, alice)
    page.goto(f"{live.url}/m/Trash")
    page.locator(".pick input").check()
    page.keyboard.press("Delete")
    expect(page.get_by_role("button", name="Keep")).to_be_focused()
    page.keyboard.press("Enter")
    assert len(alice.messages("Trash")) == 1
    page.keyboard.press("#")
    page.get_by_role("button", name="Delete for ever").last.click()
    expect(toast(page)).to_contain_text("Message deleted for ever.")
    assert alice.messages("Trash") == []
    expect(toast(page).get_by_role("button")).to_have_count(0)


def test_rows_are_dragged_to_a_folder(page: Page, live: Live, alice: Person) -> None:
    alice.create("Work")
    fill(alice)
    sign_in(page, live, alice)
    before = state(alice)
    work = page.locator("#folders").get_by_role("link", name="Work")
    tick(page, 1, 2)
    row(page, 2).locator(".open").drag_to(work)
    expect(toast(page)).to_contain_text("2 messages moved to Work.")
    assert subjects(alice, "Work") == ["Number 1", "Number 2"]
    page.keyboard.press("z")
    expect(row(page, 1)).to_have_count(1)
    assert state(alice) == before
    row(page, 4).locator(".open").drag_to(page.locator("#folders").get_by_role("link", name="Junk"))
    expect(toast(page)).to_contain_text("Message moved to Junk.")
    assert "$Junk" in alice.messages("Junk")[0].flags


def finger(page: Page, target: Locator, share: float, across: float = 0) -> None:
    """A finger that goes this share of the row's width, and across pixels down."""
    box = target.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    talk = page.context.new_cdp_session(page)

    def touch(kind: str, points: list[dict[str, Any]]) -> None:
        talk.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", [{"x": x, "y": y}])
    for step in range(1, 11):
        touch("touchMove", [{"x": x + share * box["width"] * step / 10, "y": y + across * step / 10}])
    touch("touchEnd", [])


@pytest.fixture
def phone(browser: Any, live: Live, alice: Person) -> Any:
    """Alice's inbox on a phone."""
    fill(alice)
    context = browser.new_context(
        service_workers="block", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    sign_in(page, live, alice)
    yield page
    context.close()


def test_a_finger_archives_to_the_right_and_deletes_to_the_left(phone: Page, alice: Person) -> None:
    before = state(alice)
    finger(phone, row(phone, 3), 0.3)
    finger(phone, row(phone, 3), 0.05, across=-200)
    phone.wait_for_timeout(300)
    assert state(alice) == before, "too short a way, or another one"
    assert phone.url.endswith("/m/INBOX"), "and it was no tap"
    phone.evaluate("scrollTo(0, 0)")
    for share, folder in ((0.46, "Archive"), (-0.46, "Trash")):
        finger(phone, row(phone, 3), share)
        expect(toast(phone)).to_contain_text(f"Message moved to {folder}.")
        assert subjects(alice, folder) == ["Number 3"]
        toast(phone).get_by_role("button", name="Undo").tap()
        expect(toast(phone)).to_contain_text("Undone.")
        expect(row(phone, 3)).to_have_count(1)
        assert state(alice) == before


def test_choosing_by_keys_and_by_what_they_are(page: Page, live: Live, alice: Person) -> None:
    fill(alice)
    sign_in(page, live, alice)
    chosen = page.locator(".pick input:checked")
    page.get_by_role("link", name=re.compile("Number 5$")).focus()
    for _ in range(3):
        page.keyboard.press("Shift+ArrowDown")
    expect(chosen).to_have_count(4)
    page.keyboard.press("Shift+ArrowUp")
    expect(chosen).to_have_count(3)
    for key, count in (("r", 1), ("u", 5), ("s", 1), ("t", 5), ("n", 0), ("a", 6)):
        page.keyboard.press("*")
        page.keyboard.press(key)
        expect(chosen).to_have_count(count)
    page.keyboard.press("*")
    page.keyboard.press("n")
    page.keyboard.press("Control+a")
    expect(chosen).to_have_count(6)
    expect(page.locator(".bulk .sel")).to_have_text("6 selected")


def test_all_of_a_folder_with_progress(page: Page, live: Live, alice: Person) -> None:
    alice.append_all([letter(f"Number {n}") for n in range(70)])
    sign_in(page, live, alice)
    before = state(alice)
    tick(page, 60)
    page.locator(".whole input").check()
    expect(page.locator(".bulk .sel")).to_have_text("All 70")
    page.locator(".bulk").get_by_role("button", name="Archive", exact=True).click()
    expect(toast(page)).to_contain_text("70 messages moved to Archive.")
    wait_for(lambda: not alice.messages())
    expect(page.locator("#list .row")).to_have_count(0)
    page.keyboard.press("z")
    expect(page.locator("#list .row")).to_have_count(50)
    assert state(alice) == before


def test_answers_in_a_muted_conversation_leave_by_themselves(page: Page, live: Live, alice: Person) -> None:
    fill(alice)
    sign_in(page, live, alice)
    page.get_by_role("link", name=re.compile("Number 3$")).focus()
    page.keyboard.press("m")
    expect(toast(page)).to_contain_text("muted")
    expect(row(page, 3).locator(".marks .i")).to_have_count(1)
    alice.append(letter("Re: Number 3", message_id="<answer@x>", extra="References: <3@x>\r\n"))
    wait_for(lambda: subjects(alice, "Archive") == ["Re: Number 3"])
    assert "\\Seen" not in alice.messages("Archive")[0].flags
