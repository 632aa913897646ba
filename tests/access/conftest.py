"""One mailbox full of sample mail, and somebody who walks through it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page

from tests.access import box
from tests.access.walk import Walk
from tests.servers.application import Live
from tests.servers.people import Person
from webmail.config import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """As large as a site can be: every page is there."""
    return replace(settings, second_factor="offered", secret_key="k" * 48, undo_seconds=30, page_size=10)


@pytest.fixture
def somebody(page: Page, live: Live, alice: Person) -> Walk:
    """Alice, not signed in yet, with the mail of the demo. By the name localhost: numbers have no passkeys."""
    return Walk(page, live.url.replace("127.0.0.1", "localhost"), alice, box.fill(alice))
