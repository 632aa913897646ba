"""The journeys in other engines and in more ways: `scripts/engines`, not part of scripts/test for what they take."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.journeys import story
from tests.journeys.table import walk
from tests.journeys.ways import ENGINES, TEXT, WAYS, engine, mirror, terminal, window
from tests.servers.application import Live


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ENGINES)
def test_every_journey_in_another_engine(name: str, live: Live, world: story.World, tmp_path: Path) -> None:
    with engine(name, tmp_path, live.url) as hands:
        walk(name, hands, world)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["keyboard", "phone", "rtl", "aged"])
def test_every_journey_in_more_ways(name: str, browser: Browser, app: Flask, live: Live, world: story.World) -> None:
    """By keys alone, on a phone, from right to left, and with the functions of five years ago."""
    if WAYS[name].right_to_left:
        mirror(app)
    with window(WAYS[name], browser, live.url) as hands:
        walk(name, hands, world)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", TEXT)
def test_every_journey_in_text(name: str, live: Live, world: story.World, tmp_path: Path) -> None:
    """In a terminal, without script, style sheets and pictures."""
    with terminal(name, tmp_path, live.url) as hands:
        walk(name, hands, world)
