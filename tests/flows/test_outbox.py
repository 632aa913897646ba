"""The line above the list in a real browser: it counts down, takes the letter back, and tells what became of it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.flows.hands import sign_in
from tests.servers.application import Live
from tests.servers.people import Person, letter
from tests.servers.submission import Submission
from webmail.config import Settings

SHOTS = os.environ.get("SHOTS", "")
"""A folder for pictures of what is shown, for whoever wants to look."""


@pytest.fixture
def site(settings: Settings, make_app: Callable[[Settings], Flask]) -> Iterator[Live]:
    """A site that waits long enough for a slow machine to press Undo."""
    server = Live(make_app(replace(settings, undo_seconds=20))).start()
    yield server
    server.stop()


def write(page: Page, site: Live, subject: str, to: str = "bob@example.org") -> None:
    page.goto(f"{site.url}/write")
    page.get_by_label("To", exact=True).fill(to)
    page.get_by_label("Subject").fill(subject)
    page.get_by_label("Message", exact=True).fill("Dear Bob,\n\nwords.")
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url("**/m/INBOX")


def shot(page: Page, name: str) -> None:
    if SHOTS:
        for width, height in ((1440, 900), (820, 1100), (390, 800)):
            page.set_viewport_size({"width": width, "height": height})
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
                page.screenshot(path=f"{SHOTS}/{name}-{width}-{scheme}.png")
        page.set_viewport_size({"width": 1280, "height": 800})


def test_it_counts_down_takes_back_and_tells_what_became_of_it(
    page: Page, site: Live, alice: Person, submission: Submission
) -> None:
    asked = alice.append(letter("Question", sender="Bob <bob@example.org>", message_id="<q@x>"))
    sign_in(page, site, alice)
    line = page.locator("#outbox")
    # One key takes back both halves of "send and archive".
    page.goto(f"{site.url}/m/INBOX/{alice.uidvalidity()}.{asked}/reply")
    page.get_by_label("Message", exact=True).fill("Yes")
    page.locator('button[name="do"][value="archive"]').click()
    page.wait_for_url("**/m/INBOX")
    expect(line).to_contain_text("Re: Question")
    expect(page.locator("#list .row")).to_have_count(0)
    seconds = line.locator("[data-seconds]")
    expect(seconds).not_to_have_text(seconds.inner_text())  # its scripts have run
    page.keyboard.press("z")
    expect(page.locator("#toast")).to_have_text(re.compile("Undone. Your answer was not sent: it is in Drafts."))
    expect(page.locator("#list .row")).to_have_count(1)
    expect(line).to_be_hidden()
    write(page, site, "Hasty")
    expect(line).to_contain_text("Hasty")
    before = int(line.locator("[data-seconds]").inner_text())
    expect(line.locator("[data-seconds]")).not_to_have_text(str(before))
    shot(page, "held")
    line.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Message", exact=True)).to_have_value("Dear Bob,\n\nwords.")
    expect(page.get_by_label("Subject")).to_have_value("Hasty")
    assert submission.accepted == []
    page.get_by_label("Subject").fill("Calm")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#outbox")).to_contain_text("Sent.", timeout=40_000)
    expect(page.locator("#outbox")).to_contain_text("Calm")
    shot(page, "sent")
    assert len(submission.accepted) == 1
    write(page, site, "Refused", "reject@example.net")
    page.locator("#outbox").get_by_role("button", name="Send now").first.click()
    expect(page.locator("#outbox")).to_contain_text("User unknown", timeout=40_000)
    shot(page, "refused")
    write(page, site, "Maybe", "drop@example.net")
    page.locator("#outbox").get_by_role("button", name="Send now").first.click()
    expect(page.locator("#outbox")).to_contain_text("may have been sent", timeout=40_000)
    page.goto(f"{site.url}/outbox")
    expect(page.get_by_role("button", name="Mark as sent")).to_be_visible()
    shot(page, "outbox")
    submission.hold = 86400
    site.app.extensions["pennypost-outbox"]._offers.clear()
    page.goto(f"{site.url}/write")
    page.get_by_text("Send later").click()
    shot(page, "later")
