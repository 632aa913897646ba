"""vCards as values, of three versions and of no version at all."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.mail import vcard
from webmail.mail.vcard import Card, Entry, parse


def card(*lines: str, version: str = "3.0") -> Card:
    octets = "".join(f"{row}\r\n" for row in ("BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD")).encode()
    found = parse(octets, "utf-8")
    assert found is not None
    [one] = found.cards
    return one


def test_version_3_says_who_it_is() -> None:
    one = card(
        "N:Doe;Dora;;Dr.;", "FN:Dr. Dora Doe", "ORG:Harbour Choir;Altos", "TITLE:Chair\\, treasurer",
        "item1.EMAIL;TYPE=INTERNET,WORK:dora@example.net", "TEL;TYPE=CELL,VOICE:+49 30 1234",
        "ADR;TYPE=HOME:;;5 Quay Road;Hafenstadt;;12345;Germany", "URL:https://example.net/dora",
        "BDAY:1980-02-29", "NOTE:Sings\\nlow", "PHOTO;VALUE=URI:https://tracker.example/p.png",
    )  # fmt: skip
    assert (one.name, one.organization, one.title) == ("Dr. Dora Doe", "Harbour Choir, Altos", "Chair, treasurer")
    assert one.emails == (Entry("dora@example.net", "work"),)
    assert one.phones == (Entry("+49 30 1234", "mobile"),)
    assert one.addresses == (Entry("5 Quay Road, 12345 Hafenstadt, Germany", "home"),)
    assert one.links == (Entry("https://example.net/dora"),)
    assert (one.birthday, one.note, one.picture) == ((1980, 2, 29), "Sings\nlow", True)


def test_version_2_1_has_bare_types_and_quoted_printable() -> None:
    one = card(
        "N;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=F6rg", "TEL;HOME;VOICE:030 99",
        "NOTE;CHARSET=UTF-8;QUOTED-PRINTABLE:eins=0D=0A=", "zwei =C3=A4", version="2.1",
    )  # fmt: skip
    assert one.name == "Jörg Müller"
    assert one.phones == (Entry("030 99", "home"),)
    assert one.note == "eins\nzwei ä"


def test_version_4_has_uris_and_years_that_are_missing() -> None:
    one = card('TEL;VALUE=uri;TYPE="work,cell":tel:+1-555-0100', "EMAIL:mailto:a@example.net", "BDAY:--0229",
               version="4.0")  # fmt: skip
    assert one.name == "a@example.net"
    assert one.phones == (Entry("+1-555-0100", "work, mobile"),)
    assert (one.emails, one.birthday) == ((Entry("a@example.net"),), (0, 2, 29))


@pytest.mark.parametrize("birthday", ["--1301", "19990230", "yesterday", "", "9" * 5000])
def test_a_birthday_that_is_none_is_not_shown(birthday: str) -> None:
    assert card("FN:x", f"BDAY:{birthday}").birthday is None


def test_names_are_one_line_without_hidden_marks() -> None:
    """R19."""
    assert card("FN:Do\u202era\\nDoe\x07").name == "Dora Doe"


def test_several_cards_in_a_file_and_no_more_than_are_shown() -> None:
    octets = b"".join(b"BEGIN:VCARD\r\nFN:%d\r\nEND:VCARD\r\n" % number for number in range(25))
    found = parse(octets, None)
    assert found is not None
    assert [one.name for one in found.cards] == [str(number) for number in range(vcard.MOST_CARDS)]
    assert found.left == 25 - vcard.MOST_CARDS
    assert parse(b"BEGIN:VCARD\r\nEND:VCARD\r\n", None) is None
    assert parse(b"Hello", None) is None


@pytest.mark.parametrize(
    "octets",
    [
        b"BEGIN:VCARD\r\n" * 9000,
        b"BEGIN:VCARD\r\nFN:x\r\nEND:VCARD\r\n" * 8000,
        b"BEGIN:VCARD\r\nFN:x\r\nADR:" + b"\\;" * 120_000 + b"\r\nEND:VCARD\r\n",
        b"BEGIN:VCARD\r\nN:" + b";" * 250_000 + b"\r\nEND:VCARD\r\n",
        b"BEGIN:VCARD\r\nFN:x\r\nNOTE;QUOTED-PRINTABLE:" + b"=\r\n" * 80_000 + b"END:VCARD\r\n",
        b"BEGIN:VCARD\r\nFN:x\r\nTEL" + b";TYPE=a,b" * 25_000 + b":1\r\nEND:VCARD\r\n",
    ],
)
def test_r15_no_file_costs_more_than_its_letters(octets: bytes) -> None:
    began = time.process_time()
    found = parse(octets, "utf-8")
    assert time.process_time() - began < 0.5
    assert found is None or len(found.cards) <= vcard.MOST_CARDS


_WORDS = st.sampled_from(
    [
        "FN",
        "N",
        "TEL",
        "BDAY",
        "ADR",
        ":",
        ";",
        ",",
        "=",
        "\\",
        "\r\n",
        "\r\n ",
        "TYPE",
        "QUOTED-PRINTABLE",
        "=C3",
        "--02",
    ]
)


@given(st.lists(st.one_of(_WORDS, st.text(max_size=5)), max_size=60).map("".join))
def test_nothing_makes_the_reader_raise(text: str) -> None:
    octets = f"BEGIN:VCARD\r\n{text}\r\nEND:VCARD\r\n".encode("utf-8", "surrogatepass")
    for each in (parse(octets, "utf-8"), parse(octets, None)):
        assert each is None or all(one.name for one in each.cards)
