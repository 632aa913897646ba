"""Letters in piles: who sent them, which list, how old."""

from __future__ import annotations

from datetime import date

import pytest

from webmail.mail import lists, piles
from webmail.mail.headers import Headers
from webmail.mail.ids import Uid


def header(text: str) -> Headers:
    return Headers.parse(text.replace("\n", "\r\n").encode("utf-8") + b"\r\n\r\n")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("List-Id: <Choir.Example.org>", ("choir.example.org", "Choir.Example.org")),
        ('List-Id: "The choir" <choir.example.org>', ("choir.example.org", "The choir")),
        ("List-Id: =?utf-8?q?Ch=C3=B6re?= <a.b>", ("a.b", "Chöre")),
        ("List-Id: <first.example> (really) <second.example>", ("second.example", "<first.example> (really)")),
        ("List-Id: choir.example.org", None),
        ("List-Id: <choir example.org>", None),
        ("List-Id: <>", None),
        ("List-Id: <" + "x" * 400 + ">", None),
        ("List-Post: <mailto:choir@example.org>", None),
    ],
)
def test_a_list_is_known_by_its_own_name(value: str, told: tuple[str, str] | None) -> None:
    assert lists.identity(header(value)) == told


def test_piles_are_by_address_in_any_case_and_the_highest_comes_first() -> None:
    letters = [
        piles.letter(Uid(1), 10, header("From: Dora <dora@example.net>\nList-Id: <a.b>")),
        piles.letter(Uid(2), 5, header("From: Dora Doe <DORA@example.net>")),
        piles.letter(Uid(3), 900, header("From: bob@example.net")),
        piles.letter(Uid(4), 1, header("Subject: nobody")),
    ]
    assert [(p.key, p.title, p.count, p.size) for p in piles.piles(letters, "sender")] == [
        ("dora@example.net", "Dora Doe", 2, 15),
        ("bob@example.net", "bob@example.net", 1, 900),
    ]
    assert [(p.key, p.count) for p in piles.piles(letters, "list")] == [("a.b", 1)]


def test_ages_are_days_that_exist() -> None:
    assert [day for _, day in piles.ages(date(2026, 3, 31))] == [
        date(2026, 2, 28), date(2025, 12, 28), date(2025, 9, 28), date(2025, 3, 28), date(2024, 3, 28),
        date(2021, 3, 28),
    ]  # fmt: skip
    assert piles.ages(date(2026, 1, 5))[0][1] == date(2025, 12, 5)
