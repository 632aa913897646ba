"""axe-core finds nothing on any page, in any state. Here each is reached, and every other one asked about, some on a
phone; scripts/a11y asks about all, in all widths and looks."""

from __future__ import annotations

import pytest

from tests.access.axe import ask
from tests.access.states import EVERY
from tests.access.walk import Walk, walk

pytestmark = pytest.mark.browser


@pytest.mark.timeout(900)
def test_no_page_breaks_a_rule(somebody: Walk) -> None:
    broken = []
    for number, state in enumerate(walk(EVERY, somebody)):
        if number % 2:
            continue
        if number % 3 == 0:
            somebody.page.set_viewport_size({"width": 390, "height": 3000})
        said = ask(somebody.page, state.without)
        broken += [f"{state.name}: {one}" for one in (*said.violations, *said.unjudged())]
    assert broken == []
