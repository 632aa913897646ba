"""Which paper a letter lies on."""

from __future__ import annotations

import pytest

from webmail.web import paper


@pytest.mark.parametrize(
    ("args", "theme", "media"),
    [({}, "", "screen and (prefers-color-scheme: dark)"), ({}, "dark", "screen"), ({}, "light", ""),
     ({"paper": "white"}, "", ""), ({"paper": "white"}, "dark", ""), ({"paper": "{}<style>"}, "dark", "screen")],
)  # fmt: skip
def test_the_theme_decides_and_white_paper_comes_before_it(args: dict[str, str], theme: str, media: str) -> None:
    assert paper.night_media(args, theme) == media


def test_the_choice_is_carried_on_and_nothing_else_is() -> None:
    assert paper.choice({"paper": "white", "x": "1"}) == {"paper": "white"}
    assert paper.choice({"paper": "black"}) == {}
    assert paper.other({}) == {"paper": "white"}
    assert paper.other({"paper": "white"}) == {"paper": None}
