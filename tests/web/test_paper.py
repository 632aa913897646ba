"""Which paper a letter lies on."""

from __future__ import annotations

import pytest

from webmail.web import paper

SYSTEM = "screen and (prefers-color-scheme: dark)"


@pytest.mark.parametrize(
    ("args", "theme", "usual", "media"),
    [({}, "", "page", SYSTEM), ({}, "dark", "page", "screen"), ({}, "light", "page", ""),
     ({"paper": "white"}, "", "page", ""), ({"paper": "white"}, "dark", "page", ""), ({}, "dark", "white", ""),
     ({"paper": "dark"}, "dark", "white", "screen"), ({"paper": "dark"}, "light", "white", ""),
     ({"paper": "{}<style>"}, "dark", "page", "screen"), ({"paper": "x"}, "dark", "white", "")],
)  # fmt: skip
def test_the_theme_decides_and_white_paper_comes_before_it(
    args: dict[str, str], theme: str, usual: str, media: str
) -> None:
    assert paper.night_media(args, theme, usual) == media


def test_the_choice_is_carried_on_and_nothing_else_is() -> None:
    assert paper.choice({"paper": "white", "x": "1"}) == {"paper": "white"}
    assert paper.choice({"paper": "dark"}) == {"paper": "dark"}
    assert paper.choice({"paper": "black"}) == {}


@pytest.mark.parametrize("usual", ["page", "white"])
def test_the_link_leads_to_the_other_paper_and_back(usual: str) -> None:
    first = paper.other({}, usual)
    assert first == {"paper": "dark" if usual == "white" else "white"}
    assert paper.other({"paper": first["paper"]}, usual) == {"paper": None}
