"""Every journey in Chromium: with script and without, by keys alone, on a phone, from right to left."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.journeys import story
from tests.journeys.table import walk
from tests.journeys.ways import WAYS, mirror, window
from tests.servers.application import Live


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", [name for name, way in WAYS.items() if not way.aged])
def test_every_journey(name: str, browser: Browser, app: Flask, live: Live, world: story.World) -> None:
    way = WAYS[name]
    if way.right_to_left:
        mirror(app)
    with window(way, browser, live.url) as hands:
        walk(name, hands, world)
