"""Settings in a real browser: kept at once and without a button, and what they do to list, letter and frame."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.flows.hands import sign_in
from tests.servers.application import Live
from tests.servers.people import Person, letter
from tests.views.test_message import html_mail
from tests.views.test_settings import FOLDER, kept


def background(page: Page, selector: str) -> str:
    return str(page.eval_on_selector(selector, "it => getComputedStyle(it).backgroundColor"))


def test_each_change_is_kept_by_itself_and_the_page_follows_at_once(page: Page, live: Live, alice: Person) -> None:
    alice.append(letter("One", text="Some words to read.\r\n"))
    sign_in(page, live, alice)
    tall = page.locator(".row").first.bounding_box()
    page.keyboard.press(",")
    page.wait_for_url("**/settings")
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    before = background(page, "body")
    page.get_by_label("Dark", exact=True).check()
    expect(page.locator("#look .saved")).to_have_text("Saved")
    assert background(page, "body") != before
    page.get_by_label("Compact: two lines").check()
    page.get_by_label("Text of mail").select_option("24")
    expect(page.locator("html")).to_have_attribute("data-text", "24")
    page.get_by_label("Signature", exact=True).fill("Alice\nOslo")
    page.get_by_label("Your name").fill("Alice A.")
    page.get_by_label("Your name").press("Enter")
    expect(page.locator("#writing .saved")).to_have_text("Saved")
    page.get_by_label("Show the letters of a conversation together").uncheck()
    expect(page.locator("#reading .saved")).to_have_text("Saved")
    assert kept(alice) == {
        "theme": "dark", "density": "compact", "text_size": 24, "signature": "Alice\nOslo", "display_name": "Alice A.",
        "conversations": False,
    }  # fmt: skip
    page.goto(f"{live.url}/m/INBOX")
    compact = page.locator(".row").first.bounding_box()
    assert tall is not None
    assert compact is not None
    assert 74 <= tall["height"] <= 78
    assert 51 <= compact["height"] <= 55
    page.locator(".row .open").first.click()
    text = page.locator("#message .text").first
    assert text.evaluate("it => getComputedStyle(it).fontSize") == "24px"
    page.goto(f"{live.url}/settings")
    page.get_by_label("As this device has them").check()
    expect(page.locator("#look .saved")).to_have_text("Saved")
    assert background(page, "body") == before


def test_a_change_that_cannot_be_kept_says_so(page: Page, live: Live, alice: Person) -> None:
    sign_in(page, live, alice)
    page.goto(f"{live.url}/settings")
    page.route("**/settings", lambda route: route.abort())
    page.get_by_label("Dark", exact=True).check()
    expect(page.locator("#look .saved")).to_have_text("Not saved. Try again.")
    page.unroute("**/settings")
    assert FOLDER not in alice.mailboxes()


def test_two_seconds_of_looking_mark_a_message_and_less_does_not(page: Page, live: Live, alice: Person) -> None:
    uids = [alice.append(letter(name)) for name in ("One", "Two")]
    sign_in(page, live, alice)
    page.goto(f"{live.url}/settings")
    page.get_by_label("After two seconds").check()
    expect(page.locator("#reading .saved")).to_have_text("Saved")
    page.goto(f"{live.url}/m/INBOX")
    page.locator(".row .open").first.click()
    expect(page.get_by_role("heading", name="Two")).to_be_visible()
    expect(page.locator(".row.on.unread")).to_have_count(1)
    page.locator(".row .open").nth(1).click()
    expect(page.get_by_role("heading", name="One")).to_be_visible()
    assert "\\Seen" not in alice.flags(uids[0]) | alice.flags(uids[1])
    expect(page.locator("#message .bar").get_by_role("button", name="Mark unread").first).to_be_visible(timeout=6000)
    expect(page.locator(".row.on.unread")).to_have_count(0)
    assert "\\Seen" in alice.flags(uids[0])
    assert "\\Seen" not in alice.flags(uids[1])


def test_white_paper_is_carried_into_the_letters_of_a_conversation(page: Page, live: Live, alice: Person) -> None:
    first = html_mail("<p>One</p>", subject="Plan").replace(b"From:", b"Message-ID: <1@x>\r\nFrom:", 1)
    second = html_mail("<p>Two</p>", subject="Re: Plan").replace(b"From:", b"References: <1@x>\r\nFrom:", 1)
    alice.append(first)
    uid = alice.append(second)
    page.emulate_media(color_scheme="dark")
    sign_in(page, live, alice)
    where = f"{live.url}/m/INBOX/{alice.uidvalidity()}.{uid}"

    def papers() -> list[str]:
        expect(page.locator("iframe.body-frame")).to_have_count(2)
        for folded in page.locator(".told:not([open]) > summary").all():
            folded.click()
        seen = []
        for frame in page.locator("iframe.body-frame").all():
            frame.scroll_into_view_if_needed()
            inside = frame.content_frame
            expect(inside.locator("#mail")).to_contain_text(re.compile("One|Two"))
            seen.append(inside.locator("html").evaluate("it => getComputedStyle(it).backgroundColor"))
        return seen

    page.goto(where)
    assert papers() == ["rgb(27, 33, 39)"] * 2
    page.goto(where + "?paper=white")
    assert papers() == ["rgb(255, 255, 255)"] * 2
    page.goto(f"{live.url}/settings")
    page.get_by_label("Always white").check()
    expect(page.locator("#look .saved")).to_have_text("Saved")
    page.goto(where)
    assert papers() == ["rgb(255, 255, 255)"] * 2
    page.get_by_role("link", name="Show on dark paper").click()
    page.wait_for_url("**paper=dark**")
    assert papers() == ["rgb(27, 33, 39)"] * 2
