"""docs/journeys.md says what was walked, and every way has walked the story as it is."""

from __future__ import annotations

from tests.journeys.story import JOURNEYS
from tests.journeys.table import PAGE, digest, kept, page
from tests.journeys.ways import TITLES


def test_the_page_is_made_from_what_was_kept() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m tests.journeys > docs/journeys.md"


def test_every_way_has_walked_the_whole_story_as_it_is_now() -> None:
    assert set(kept()) == set(TITLES)
    old = [way for way, entry in kept().items() if entry["story"] != digest()]
    assert old == [], "the story has changed since these were walked: run scripts/engines"
    assert {way: entry["walked"] for way, entry in kept().items()} == {way: list(JOURNEYS) for way in TITLES}
