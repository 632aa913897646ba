"""Who is there in every journey."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys import story
from tests.servers.people import Person
from tests.servers.submission import Submission


@pytest.fixture
def world(alice: Person, bob: Person, submission: Submission, tmp_path: Path) -> story.World:
    """With mail in it."""
    made = story.World(alice, bob, submission, tmp_path / "Stühle.ods")
    story.fill(made)
    return made
