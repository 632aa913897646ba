"""Every journey in Chromium, with script and without. The other ways are walked by scripts/engines."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.journeys import story
from tests.journeys.table import walk
from tests.journeys.ways import WAYS, window
from tests.servers.application import Live


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ["script", "plain"])
def test_every_journey(name: str, browser: Browser, live: Live, world: story.World) -> None:
    with window(WAYS[name], browser, live.url) as hands:
        walk(name, hands, world)
