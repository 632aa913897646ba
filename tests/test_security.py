"""No promise of security without a test that names it."""

from __future__ import annotations

from tests.security import ASVS, PAGE, RULES, page, promises


def test_every_rule_and_every_line_has_a_test() -> None:
    found = list(promises())
    rules = {rule for _, _, some, _ in found for rule in some}
    lines = {line for _, _, _, some in found for line in some}
    assert [f"R{rule}" for rule in RULES if rule not in rules] == []
    assert [line for line in ASVS if line not in lines] == []
    assert rules - set(RULES) == set(), "a rule that is not in the table"
    assert lines - set(ASVS) == set(), "a line that is not in the table"


def test_the_page_is_made_from_the_tests() -> None:
    assert PAGE.read_text("utf-8") == page()
