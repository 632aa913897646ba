"""What a screen reader is given: names and roles as Chromium's own tree has them, and words when something happens."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.flows.hands import SAVED, sign_in, wait_for
from tests.servers.application import Live
from tests.servers.people import Person, letter

pytestmark = pytest.mark.browser

RECORDER = """
globalThis.told = [];
const LIVE = '[role=status], [role=alert], [aria-live]';
new MutationObserver((records) => {
  for (const record of records) {
    const at = record.target.nodeType === 1 ? record.target : record.target.parentElement;
    for (const node of record.type === 'childList' ? record.addedNodes : [record.target]) {
      const region = at?.closest(LIVE) ?? (node.nodeType === 1 && node.matches(LIVE) ? node : null);
      const words = (node.textContent ?? '').replace(/\\s+/g, ' ').trim();
      // A region that comes with its words is heard when it is an alert.
      if (region && words && !node.closest?.('[hidden]')) told.push([region.getAttribute('role') ?? 'polite', words]);
    }
  }
}).observe(document, { subtree: true, childList: true, characterData: true });
"""


def told(page: Page, words: str = "") -> list[tuple[str, str]]:
    """What has been read out, and how; words: a pattern."""
    return [(how, said) for how, said in page.evaluate("told") if re.search(words, said)]


def hears(page: Page, how: str, words: str) -> None:
    """Waits for these words, which must come once."""
    page.wait_for_function("words => told.some(([, said]) => new RegExp(words).test(said))", arg=words)
    assert [each for each, _ in told(page, words)] == [how], told(page)


def test_what_happens_is_said_once_and_what_went_wrong_at_once(page: Page, live: Live, alice: Person) -> None:
    alice.create("Archive")
    for number in range(4):
        alice.append(letter(f"Number {number}"))
    page.add_init_script(RECORDER)
    sign_in(page, live, alice)
    # Both places are there from the start, and empty.
    assert page.locator("#status[role=status], #alert[role=alert]").count() == 2
    page.keyboard.press("j")
    page.keyboard.press("x")
    hears(page, "polite", "^1 selected$")
    page.keyboard.press("e")
    hears(page, "status", "Archive.*Undo")
    alice.append(letter("Comes while somebody reads"))
    hears(page, "status", "new message")
    page.route("**/do", lambda route: route.abort())
    page.keyboard.press("s")
    hears(page, "alert", "does not answer")
    page.unroute("**/do")
    page.goto(f"{live.url}/write")
    page.get_by_label("Subject").fill("Saved more than once")
    expect(page.get_by_text(SAVED)).to_be_visible()
    page.get_by_label("Subject").fill("Saved more than once, and again")
    wait_for(lambda: any(b"and again" in one.raw for one in alice.messages("Drafts")))
    page.wait_for_timeout(300)
    assert told(page, "^Saved") == [("status", "Saved.")]
    page.evaluate("dispatchEvent(new Event('offline'))")
    expect(page.locator("#offline")).to_be_visible()


def test_rows_buttons_and_folders_have_names_and_roles(page: Page, live: Live, alice: Person) -> None:
    alice.append(letter("Roof, and the heating", message_id="<1@x>"), flags=["\\Seen"])
    raw = letter("Re: Roof, and the heating", message_id="<2@x>", extra="In-Reply-To: <1@x>\r\nReferences: <1@x>\r\n")
    alice.append(raw)
    alice.append(letter("Starred before"), flags=["\\Seen", "\\Flagged"])
    sign_in(page, live, alice)
    rows = page.get_by_role("list").filter(has=page.locator(".row")).get_by_role("listitem")
    names = [row.get_by_role("link").aria_snapshot() for row in rows.all()]
    assert len(names) == 2
    assert any(re.search(r'link "Unread, Dora Doe,? 2 messages,? .*Roof, and the heating"', name) for name in names), (
        names
    )
    expect(page.get_by_role("checkbox", name="Select: Starred before")).to_be_visible()
    expect(page.get_by_role("button", name="Star: Starred before")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name=re.compile("Star: .*Roof"))).to_have_attribute("aria-pressed", "false")
    folders = page.get_by_role("navigation", name="Folders")
    expect(folders.get_by_role("link", name=re.compile("^Inbox"))).to_have_attribute("aria-current", "page")
    for place in (
        page.get_by_role("banner"), page.get_by_role("main"), page.get_by_role("search", name="Mail"),
        page.get_by_role("region", name="Inbox"), page.get_by_role("region", name="Reading pane"),
    ):  # fmt: skip
        expect(place).to_have_count(1)
    nameless(page)
    page.get_by_role("link", name=re.compile("Starred before")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Starred before"))
    expect(page.locator(".row.on .open")).to_have_attribute("aria-current", "true")
    nameless(page)
    begin_again(page, live)
    nameless(page)


def begin_again(page: Page, live: Live) -> None:
    page.goto(f"{live.url}/write")
    for name in ("To", "Subject", "Message"):
        expect(page.get_by_label(name, exact=True).first).to_be_attached()
    assert page.locator("html").get_attribute("lang") == "en"
    # What people write finds its own direction.
    for field in page.locator("textarea.body, #subject, #to").all():
        assert field.get_attribute("dir") == "auto"


def nameless(page: Page) -> None:
    """Every link, button and field that can be seen has a name."""
    tree = page.locator("body").aria_snapshot()
    bare = r"- (link|button|textbox|checkbox|combobox|searchbox)(:|$| \[)"
    without = [line.strip() for line in tree.splitlines() if re.match(bare, line.strip())]
    assert without == [], tree
