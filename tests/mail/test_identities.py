"""Addresses that a reader writes as: what the lines of the setting mean, and what they cannot."""

from __future__ import annotations

import pytest

from webmail import errors
from webmail.mail.address import Address
from webmail.mail.identities import MOST, Identity, named, read, unique

TEXT = """\
Ana Work <ana@work.example>
  Ana Marek

    Room 12
"Marek, Ana" <ana@müller.example>
info@club.example
"""


def test_a_line_is_an_address_and_what_is_indented_below_it_its_signature() -> None:
    assert read(TEXT) == (
        Identity(Address("Ana Work", "ana@work.example"), "Ana Marek\n\n  Room 12"),
        Identity(Address("Marek, Ana", "ana@müller.example")),
        Identity(Address("", "info@club.example")),
    )
    assert read("") == read("\n  \n") == ()


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("ana", ("ana",)), ("a@x.org, b@x.org", ("a@x.org, b@x.org",)), ("a@x.org\x00", ("a@x.org\x00",)),
        ("  indented first", ("indented first",)), ("a@x.org\nnobody\n@", ("nobody", "@")),
        ("\n".join(f"a{n}@x.org" for n in range(MOST + 1)), ()),
    ],
)  # fmt: skip
def test_what_is_no_list_of_addresses_is_refused_by_line(text: str, refused: tuple[str, ...]) -> None:
    with pytest.raises(errors.BadAddress) as caught:
        read(text)
    assert caught.value.refused == refused


def test_an_address_is_the_same_in_capitals_and_in_punycode() -> None:
    people = read(TEXT + "INFO@club.example\nAna <ana@xn--mller-kva.example>")
    assert [one.who.name for one in unique(people)] == ["Ana Work", "Marek, Ana", ""]
    assert named(people, "ana@XN--mller-kva.example") == people[1]
    assert named(people, "ana@muller.example") is None
