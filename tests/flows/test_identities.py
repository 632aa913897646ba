"""Writing as somebody else in a real browser: the signature follows, the draft keeps the choice, boxes are kept too."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.flows.hands import SAVED, sign_in, wait_for
from tests.servers.application import Live
from tests.servers.people import Person, letter
from tests.servers.submission import Submission
from tests.views.test_compose import parsed

pytestmark = pytest.mark.browser

WORK = "alice@work.example"


def settle(page: Page, live: Live) -> None:
    """Two addresses with signatures of their own, kept by script as soon as each field is left."""
    page.goto(f"{live.url}/settings")
    page.get_by_label("Further addresses to write as").fill(f"Alice Work <{WORK}>\n  Work Ltd\nnobody")
    page.get_by_label("Signature", exact=True).focus()
    expect(page.locator("#writing .saved")).to_have_text(re.compile("Not saved. Each line has to be one address"))
    page.get_by_label("Further addresses to write as").fill(f"Alice Work <{WORK}>\n  Work Ltd")
    with page.expect_response(lambda answer: answer.status == 204):
        page.get_by_label("Signature", exact=True).fill("Alice\nOslo")
    with page.expect_response(lambda answer: answer.status == 204):
        page.get_by_label("Your name").focus()


def test_the_signature_follows_the_address_and_both_are_kept(
    page: Page, live: Live, alice: Person, submission: Submission
) -> None:
    submission.dsn = True
    alice.append(letter("Plan", sender="bob@example.org", text="What time?\r\n"))
    sign_in(page, live, alice)
    settle(page, live)
    page.goto(f"{live.url}/write")
    words, saved = page.locator("#body"), page.locator(".bar [data-saved]")
    assert words.input_value() == "\n\n\n-- \nAlice\nOslo\n"
    page.get_by_label("From", exact=True).select_option(WORK)
    assert words.input_value() == "\n\n\n-- \nWork Ltd\n"
    page.get_by_label("From", exact=True).select_option("alice@example.org")
    assert words.input_value() == "\n\n\n-- \nAlice\nOslo\n"
    words.press_sequentially("Hello")
    page.get_by_label("From", exact=True).select_option(WORK)
    assert words.input_value() == "Hello\n\n\n-- \nWork Ltd\n"
    page.get_by_label("To", exact=True).fill("bob@example.org,")
    page.locator("#subject").fill("Hi")
    expect(saved).to_have_text(SAVED)
    page.locator("summary", has_text="More").last.click()
    page.get_by_label("Ask readers to confirm").check()
    page.get_by_label("Tell me when it is delivered").check()
    wait_for(lambda: any(b"X-Pennypost-Report" in (one.raw or b"") for one in alice.messages("Drafts")))
    page.reload()
    expect(page.get_by_label("From", exact=True)).to_have_value(WORK)
    page.locator("summary", has_text="More").last.click()
    expect(page.get_by_label("Ask readers to confirm")).to_be_checked()
    page.get_by_role("button", name="Save as template").click()
    expect(saved).to_contain_text("Saved as a template.")
    page.get_by_role("button", name="Send", exact=True).click()
    wait_for(lambda: submission.accepted)
    page.wait_for_url(re.compile("/m/INBOX|/m/Drafts$"))
    [taken] = submission.accepted
    assert (taken.sender, parsed(taken.raw)["Disposition-Notification-To"]) == (WORK, f"<{WORK}>")
    assert taken.wishes == ("NOTIFY=SUCCESS,FAILURE",)
    assert len(alice.messages("Templates")) == 1
    page.goto(f"{live.url}/write")
    page.get_by_text("Use a template").click()
    page.get_by_role("link", name="Hi", exact=True).click()
    expect(page.get_by_label("From", exact=True)).to_have_value(WORK)
    assert words.input_value().startswith("Hello")

    page.goto(f"{live.url}/settings")
    with page.expect_response(lambda answer: answer.status == 204):
        page.get_by_label("Below the quoted text").check()
    [message] = alice.messages()
    page.goto(f"{live.url}/m/INBOX/{alice.uidvalidity()}.{message.uid}/reply")
    expect(words).to_be_focused()
    words.press_sequentially("At noon")
    assert words.input_value().endswith("> What time?\n\nAt noon\n\n-- \nAlice\nOslo\n")
