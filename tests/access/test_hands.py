"""No mouse: everything by Tab and Enter, then by shortcuts. The focus is always seen, never lost, never caught."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.access.letters import PLAIN, SHOP
from tests.access.walk import Walk
from tests.flows.hands import SAVED, wait_for
from tests.servers.submission import Submission

pytestmark = pytest.mark.browser

# Nothing when the focus can be seen, else what is wrong with it.
SEEN = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return "nobody has the focus";
  const ring = (style) => style.boxShadow !== "none"
    || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
  const around = [".attach", ".hr", ".well"].map((one) => at.closest(one));
  const places = [at, at.nextElementSibling, at.parentElement, ...around]
    .filter(Boolean);
  const box = at.getBoundingClientRect();
  const name = at.outerHTML.slice(0, 120);
  const ringed = places.some((it) => ring(getComputedStyle(it))) || ring(getComputedStyle(at, "::after"))
    || [...at.closest(".attach")?.querySelectorAll("label") ?? []].some((it) => ring(getComputedStyle(it)));
  if (!ringed && at.tabIndex >= 0 && at.localName !== "iframe") return `no ring: ${name}`;
  if (at.tabIndex < 0) return "";
  // The middle of what lies in the window: all of it, or of something large at least two fingers.
  const [low, high] = [Math.max(box.y, 0), Math.min(box.y + box.height, innerHeight)];
  const [x, y] = [box.x + box.width / 2, (low + high) / 2];
  if (x < 0 || x > innerWidth || high - low < Math.min(box.height - 1, 44)) {
    return `outside the window, at ${x} ${y}: ${name}`;
  }
  const top = document.elementFromPoint(x, y);
  const same = top && (at.contains(top) || top.contains(at) || at.closest("label, .attach, .row")?.contains(top));
  return same ? "" : `under ${top?.outerHTML.slice(0, 120)}: ${name}`;
}"""


def tab(page: Page, back: bool = False) -> None:
    page.keyboard.press("Shift+Tab" if back else "Tab")
    wrong = seen(page)
    assert not wrong or wrong == "nobody has the focus", wrong


def seen(page: Page) -> str:
    """What is wrong with the focus, once a list that opens with it, or a ring that fades in, has had its time."""
    wrong = str(page.evaluate(SEEN) or "")
    if not wrong or wrong == "nobody has the focus":
        return wrong
    page.wait_for_timeout(300)
    return str(page.evaluate(SEEN) or "")


def tab_to(page: Page, css: str, most: int = 80, back: bool = False) -> int:
    """Tab until such an element has the focus. Returns how often."""
    for count in range(1, most + 1):
        tab(page, back)
        if page.evaluate("css => document.activeElement.matches(css)", css):
            return count
    raise AssertionError(f"{most} times Tab, and no {css}")


def focused(page: Page, css: str) -> None:
    """Waits until such an element has the focus."""
    page.wait_for_function("css => document.activeElement.matches(css)", arg=css)


def around(page: Page, most: int = 200) -> int:
    """Tab until the page has been left: nothing keeps the focus. Returns how many stops there are."""
    page.evaluate("document.activeElement.blur(); getSelection().removeAllRanges()")
    before = ""
    for count in range(most):
        page.keyboard.press("Tab")
        wrong = seen(page)
        if wrong == "nobody has the focus":
            return count
        assert not wrong, wrong
        now = page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)")
        inside = page.evaluate("document.activeElement.localName") == "iframe"
        assert now != before or inside, "Tab leads nowhere"
        before = now
    raise AssertionError(f"no way out in {most} stops")


def test_a_letter_is_read_answered_and_sent_with_tab_and_enter_alone(somebody: Walk, submission: Submission) -> None:
    page, keys = somebody.page, somebody.page.keyboard
    page.set_viewport_size({"width": 1440, "height": 900})
    somebody.go("/login")
    keys.type(somebody.person.address)
    tab_to(page, "#password", 2)
    keys.type(somebody.person.password)
    tab_to(page, "button", 5)
    keys.press("Enter")
    page.wait_for_url("**/m/INBOX")
    focused(page, "#list")
    assert tab_to(page, ".row .pick input, .row .open") <= 12
    # The skip link is still the first thing of the page.
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    tab_to(page, ".row:nth-child(2) .open", 80)
    keys.press("Enter")
    focused(page, "h1#subject")
    tab_to(page, "#message .answer .btn-primary", 60)
    keys.press("Enter")
    page.wait_for_url("**/reply")
    focused(page, "#body")
    keys.type("Answered without a mouse.")
    expect(page.get_by_text(SAVED)).to_be_visible()
    tab_to(page, "input#files", 6)
    page.locator("#files").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"a"}  # what the system's own dialog would give
    )
    expect(page.get_by_role("button", name="Remove a.txt")).to_be_visible()
    tab_to(page, "button[value=send]", 6, back=True)
    keys.press("Enter")
    expect(page.locator(".outbox").first).to_be_visible()
    tab_to(page, ".outbox button", 40)
    keys.press("Enter")
    page.wait_for_url("**/edit*")
    assert "Answered without a mouse." in page.locator("#body").input_value()
    assert submission.accepted == []


def test_rows_are_chosen_moved_found_and_labelled_by_shortcuts(somebody: Walk) -> None:
    page, keys, alice = somebody.page, somebody.page.keyboard, somebody.person
    somebody.go("/login")
    somebody.sign_in()
    page.wait_for_url("**/m/INBOX")
    focused(page, "#list")
    for key in ("j", "j", "Shift+J", "Shift+J"):
        keys.press(key)
    expect(page.locator(".pick input:checked")).to_have_count(3)
    keys.press("v")
    focused(page, "#dest-list")
    keys.type("Choir")
    before = len(alice.messages("Choir"))
    keys.press("Enter")
    expect(page.locator("#toast")).to_contain_text("Choir")
    wait_for(lambda: len(alice.messages("Choir")) >= before + 3)
    # The row that took the place has the focus, and z brings the others back.
    focused(page, ".row .open")
    keys.press("z")
    wait_for(lambda: len(alice.messages("Choir")) == before)
    # A dialog gives the focus back to where it was.
    focused(page, ".row .open")
    for key in ("?", "Control+k"):
        keys.press(key)
        expect(page.locator("dialog")).to_be_visible()
        keys.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)
        focused(page, ".row .open")
    keys.press("x")
    keys.press("l")
    focused(page, "#label-list")
    keys.press("Escape")
    focused(page, ".bulk summary")
    # A letter opens beside the list, and closing it leads back to its row; so does Back.
    keys.press("x")
    page.locator(".row .open").nth(3).focus()
    keys.press("Enter")
    focused(page, "h1#subject")
    keys.press("u")
    focused(page, ".row:nth-child(4) .open, .row .open")
    keys.press("Enter")
    focused(page, "h1#subject")
    page.go_back()
    focused(page, ".row .open")
    keys.press("/")
    keys.type("choir")
    keys.press("Enter")
    page.wait_for_url("**/search/*")
    focused(page, "#list")
    keys.press(",")
    page.wait_for_url("**/settings")
    tab_to(page, "summary.av", 10)
    keys.press("Enter")
    tab_to(page, "form[action$='/logout'] button", 14)
    keys.press("Enter")
    page.wait_for_url("**/bye")


def test_no_page_keeps_the_focus_and_no_bar_lies_over_it(somebody: Walk) -> None:
    """Also where the letter in its frame has links of its own, and on a phone with bars above and below."""
    page = somebody.page
    somebody.go("/login")
    somebody.sign_in()
    page.wait_for_url("**/m/INBOX")
    page.set_viewport_size({"width": 1000, "height": 700})
    stops = {}
    for path in (somebody.paths[SHOP], "/write", "/settings", "/folders"):
        somebody.go(path)
        stops[path] = around(page)
    page.set_viewport_size({"width": 390, "height": 700})
    for path in ("/m/INBOX?only=starred", somebody.paths[PLAIN]):
        somebody.go(path)
        stops[path] = around(page)
    assert min(stops.values()) > 5, stops
