"""Labels: a name becomes a keyword that every server takes, and comes back as it was."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.mail import labels
from webmail.mail.names import clean_line


@given(st.text(min_size=1, max_size=20))
def test_a_name_comes_back_whatever_the_case_of_its_code(name: str) -> None:
    try:
        keyword = labels.keyword(name)
    except ValueError:
        return
    assert re.fullmatch(r"[A-Za-z0-9._~$-]{1,50}", keyword), "R9: an atom, no more"
    assert labels.is_label(keyword)
    if keyword[0] != "$":
        assert labels.label(keyword).name == clean_line(name)
        assert labels.label(re.sub("~..", lambda code: code[0].lower(), keyword)).name == clean_line(name)


@pytest.mark.parametrize(
    ("keyword", "name", "colour"),
    [("$label1", "Important", 3), ("$Label4", "To Do", 0), ("to_do", "to do", None), ("a~ZZ", "a~ZZ", None)],
)
def test_keywords_of_other_programs_are_shown(keyword: str, name: str, colour: int | None) -> None:
    shown = labels.label(keyword)
    assert (shown.name, shown.colour) == (name, shown.colour if colour is None else colour)


@pytest.mark.parametrize(
    "flag", ["$Junk", "$NotJunk", "NonJunk", "junk", "$Muted", "$Pinned", "$MailFlagBit0", "\\Seen", "Seen", "a b", ""]
)
def test_marks_of_programs_are_no_labels(flag: str) -> None:
    assert not (flag and labels.is_label(flag))


def test_the_five_come_first_and_case_makes_no_two() -> None:
    shown = labels.labels(["zebra", "Apple", "$label3", "$label1", "$Junk", "\\Seen"])
    assert [one.name for one in shown] == ["Important", "Personal", "Apple", "zebra"]
    assert labels.label("Apple").colour == labels.label("APPLE").colour
