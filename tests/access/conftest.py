"""One mailbox full of sample mail, and somebody who walks through it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page

from tests.access import box
from tests.access.walk import Walk
from tests.servers.application import Live
from tests.servers.dovecot import Dovecot
from tests.servers.people import Person
from tests.servers.proxy import Proxy
from tests.servers.submission import Submission
from webmail.config import Settings


@pytest.fixture
def line(proxy: Callable[[int], Proxy], dovecot: Dovecot) -> Proxy:
    """To the mail server, and it can stall."""
    return proxy(dovecot.port)


@pytest.fixture
def settings(settings: Settings, line: Proxy) -> Settings:
    """As large as a site can be: every page is there."""
    more = {"second_factor": "offered", "secret_key": "k" * 48, "undo_seconds": 30, "page_size": 10}
    return replace(settings, imap_port=line.port, **more)


@pytest.fixture
def somebody(page: Page, live: Live, alice: Person, line: Proxy, submission: Submission) -> Walk:
    """Alice, not signed in yet, with the mail of the demo. By the name localhost: numbers have no passkeys."""
    submission.hold = 86400
    return Walk(page, live.url.replace("127.0.0.1", "localhost"), alice, line, box.fill(alice))
