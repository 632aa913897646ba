"""The rich editor in a real browser: what is typed, pasted and dropped, and what the others get of it."""

from __future__ import annotations

import base64
import re

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.flows.hands import SAVED, begin, edit, wait_for
from tests.servers.application import Live
from tests.servers.people import Person
from tests.servers.submission import Submission
from tests.views.test_compose import files, parsed
from tests.views.test_formatting import html_of, shape, text_of
from tests.views.test_message import PNG

pytestmark = pytest.mark.browser

HOSTILE = (
    '<p onclick="window.hurt=1">pasted <img src=x onerror="window.hurt=1"><script>window.hurt=1</script>'
    '<span style="background:url(https://t.example/x)">words</span><a href="javascript:window.hurt=1">link</a>'
    '<svg><animate onbegin="window.hurt=1"></svg><img src="https://t.example/p.png" alt="a sign"></p>'
)
WORD = (
    "<html xmlns:o='urn:schemas-microsoft-com:office:office'><head><style>p.MsoNormal{margin:0}</style><body>"
    "<!--StartFragment--><p class=MsoNormal style='mso-margin-top-alt:auto;margin-left:36pt'><b "
    "style='mso-bidi-font-weight:normal'><span lang=EN-US style='font-size:11pt;color:#C00000'>Heading"
    "<o:p></o:p></span></b></p><ul type=disc><li class=MsoListParagraph>point</li></ul>"
    "<table><tr><td>cell</td></tr></table>"
    "<!--EndFragment--></body></html>"
)
PASTE = """([kind, html, text, octets]) => {
  const data = new DataTransfer();
  if (html) data.setData("text/html", html);
  if (text) data.setData("text/plain", text);
  const bytes = Uint8Array.from(atob(octets), (it) => it.charCodeAt(0));
  if (octets) data.items.add(new File([bytes], "shot.png", { type: "image/png" }));
  const root = document.querySelector("[data-rich]");
  const more = kind === "paste" ? { clipboardData: data } : { dataTransfer: data };
  const made = kind === "paste" ? ClipboardEvent : DragEvent;
  root.dispatchEvent(new made(kind, { bubbles: true, cancelable: true, ...more }));
}"""


@pytest.fixture
def tolerated() -> tuple[str, ...]:
    """DOMPurify reads hostile HTML in a page that never runs; the browser tells what it would have refused there."""
    return ("Failed to load resource", "Refused to execute inline event handler", "Executing inline event handler")


def test_formatting_is_typed_pasted_saved_taken_up_again_and_sent_clean(
    context: BrowserContext, live: Live, alice: Person, submission: Submission
) -> None:
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    begin(page, live, alice)
    assert not [url for url in asked if "/vendor/" in url], "nothing of the editor before it is wanted"
    page.get_by_label("To", exact=True).fill("bob@example.org")
    page.get_by_label("Subject").fill("Looks")
    page.locator("textarea[name=body]").fill("first line\n> quoted")
    page.get_by_role("button", name="Formatting", exact=True).click()
    rich = page.get_by_role("textbox", name="Message")
    expect(rich.locator("blockquote")).to_have_text("quoted")
    expect(rich).to_be_focused()
    page.keyboard.press("Control+Home")
    page.keyboard.press("Control+b")
    expect(page.get_by_role("button", name="Bold")).to_have_attribute("aria-pressed", "true")
    page.keyboard.type("bold")
    page.get_by_role("button", name="Bold").click()
    page.keyboard.type(" and ")
    page.keyboard.press("Control+i")
    page.keyboard.type("slanted")
    page.keyboard.press("Control+i")
    page.keyboard.type(" here")
    for _ in range(4):
        page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Control+k")
    page.get_by_label("Address of the link").fill("example.org/a")
    page.keyboard.press("Enter")
    expect(rich.locator("a")).to_have_attribute("href", "https://example.org/a")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    for html in (HOSTILE, WORD):
        page.evaluate(PASTE, ["paste", html, "words", base64.b64encode(PNG).decode() if html is WORD else ""])
        page.wait_for_timeout(150)
    expect(rich).to_contain_text("pasted words")
    expect(rich.locator("td")).to_have_text("cell")
    expect(page.locator("[data-files] li")).to_have_count(0)  # a picture of pasted words is none of its files
    page.evaluate(PASTE, ["paste", "", "", base64.b64encode(PNG).decode()])
    page.evaluate(PASTE, ["drop", "", "", base64.b64encode(PNG).decode()])
    expect(rich.locator("img[src^=blob]")).to_have_count(2)
    wait_for(lambda: page.locator("input[name=html]").input_value().count("cid:") == 2)
    page.keyboard.press("Control+s")
    expect(page.locator("[data-saved]")).to_have_text(SAVED)
    assert page.evaluate("window.hurt") is None
    # A word, and back again by Undo: its history passes the same gate.
    before = page.locator("input[name=html]").input_value()
    page.keyboard.type("gone")
    page.keyboard.press("Control+z")
    wait_for(lambda: "gone" not in page.locator("input[name=html]").input_value())
    assert before.count("<b>") == page.locator("input[name=html]").input_value().count("<b>")
    page.keyboard.press("Control+s")
    expect(page.locator("[data-saved]")).to_have_text(SAVED)
    page.goto(edit(live, alice))
    expect(rich.locator("b").first).to_have_text("bold")
    expect(rich.locator("img[src^=blob]")).to_have_count(2)
    assert page.evaluate("[...document.querySelectorAll('[data-rich] img')].every((it) => it.naturalWidth > 0)")
    rich.press("Control+End")
    rich.press_sequentially("the end")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Sent.", exact=True).first).to_be_visible(timeout=20_000)
    [taken] = submission.accepted
    html, text = html_of(taken.raw), text_of(taken.raw)
    assert shape(parsed(taken.raw)) == "alternative(plain, related(html, image/png, image/png))"
    assert files(parsed(taken.raw)) == {"shot.png": PNG}
    assert "<b>bold</b> and <i>slanted</i>" in html
    assert '<a href="https://example.org/a">here</a>' in html
    assert "#c00000" in html
    for bad in (
        "script",
        "onerror",
        "onclick",
        "t.example",
        "Mso",
        "mso",
        "class=",
        "blob:",
        "o:p",
        "hurt",
        "svg",
        "lang=",
    ):
        assert bad not in html, bad
    assert "bold and slanted here <https://example.org/a>" in text
    assert "> quoted" in text
    assert "the end" in text
    assert alice.messages("Drafts") == []


def test_formatting_goes_off_again_and_a_plain_letter_is_as_it_was(
    context: BrowserContext, live: Live, alice: Person, submission: Submission
) -> None:
    page = context.new_page()
    begin(page, live, alice)
    page.get_by_label("To", exact=True).fill("bob@example.org")
    page.get_by_label("Subject").fill("Plain")
    page.locator("textarea[name=body]").fill("one\n\n> two\n\n-- \nAlice")
    toggle = page.get_by_role("button", name="Formatting", exact=True)
    toggle.click()
    page.get_by_role("button", name="Numbered list").click()
    expect(page.locator("[data-rich] ol li").first).to_have_text("one")
    toggle.click()
    expect(page.locator("textarea[name=body]")).to_have_value(re.compile(r"1\. one\n+> two\n+-- \nAlice"))
    expect(page.get_by_role("toolbar")).to_be_hidden()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Sent.", exact=True).first).to_be_visible(timeout=20_000)
    message = parsed(submission.accepted[0].raw)
    assert message.get_content_type() == "text/plain"
    assert alice.messages("Drafts") == []
