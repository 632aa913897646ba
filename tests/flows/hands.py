"""What hands do in a browser, for every test of a page: sign in, begin a letter, wait."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.servers.application import Live
from tests.servers.people import Person

SAVED = re.compile(r"Saved in Drafts \d\d:\d\d")


def sign_in(page: Page, live: Live, person: Person) -> None:
    """Ends at the inbox, when its scripts have run: a key pressed sooner is nobody's."""
    page.goto(live.url)
    page.get_by_label("Email address").fill(person.address)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/m/INBOX")
    expect(page.get_by_role("heading", name="Inbox", level=1)).to_be_visible()


def begin(page: Page, live: Live, person: Person) -> None:
    """A new letter."""
    sign_in(page, live, person)
    page.goto(f"{live.url}/write")


def edit(live: Live, person: Person) -> str:
    """Where the only draft opens."""
    [draft] = person.messages("Drafts")
    return f"{live.url}/m/Drafts/{person.uidvalidity('Drafts')}.{draft.uid}/edit"


def wait_for(condition: Callable[[], object], seconds: float = 40) -> None:
    """Until it is so, whatever the page shows."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.1)
