"""mailto: links: what they may fill in, and what they never can."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.mail.mailto import LONGEST, MOST, Mailto, read


@pytest.mark.parametrize(
    ("uri", "letter"),
    [
        ("mailto:bob@x.test", Mailto("bob@x.test")),
        ("MAILTO:bob@x.test?Subject=Hi%20there", Mailto("bob@x.test", subject="Hi there")),
        ("mailto:?to=a@x.test&cc=b@x.test&bcc=c@x.test", Mailto("a@x.test", "b@x.test", "c@x.test")),
        ("mailto:a@x.test,b@x.test?to=c@x.test", Mailto("a@x.test, b@x.test, c@x.test")),
        ("mailto:a+b@x.test?subject=1+1", Mailto("a+b@x.test", subject="1+1")),
        ("mailto:a@x.test?body=one%0D%0Atwo%0Athree", Mailto("a@x.test", body="one\ntwo\nthree")),
        ("mailto:a@x.test?body=one&body=two", Mailto("a@x.test", body="one\ntwo")),
        ("mailto:a@x.test?subject=x&amp;body=y", Mailto("a@x.test", subject="x", body="y")),
        ("mailto:gorby%25kremvax@x.test", Mailto("gorby%kremvax@x.test")),
        ("mailto:%22Sharer%2C%20Bob%22%20%3Cbob@x.test%3E", Mailto('"Sharer, Bob" <bob@x.test>')),
        ("mailto:user@%E7%B4%8D%E8%B1%86.example?subject=caf%C3%A9", Mailto("user@納豆.example", subject="café")),
        ("mailto:a@x.test?subject==?utf-8?Q?caf=C3=A9?=", Mailto("a@x.test", subject="café")),
        ("mailto:not%20an%20address", Mailto("not an address")),
        ("mailto:a@x.test#part", Mailto("a@x.test")),
        ("mailto:", Mailto()),
    ],
)
def test_a_link_as_a_letter(uri: str, letter: Mailto) -> None:
    """RFC 6068."""
    assert read(uri) == letter


def test_r21_nothing_but_five_fields_is_read() -> None:
    found = read("mailto:a@x.test?attach=/etc/passwd&attachment=x&from=boss@x.test&in-reply-to=%3Ca@b%3E&x-y=z")
    assert found == Mailto("a@x.test")


def test_r21_no_field_ends_early() -> None:
    found = read("mailto:a@x.test%0d%0aBcc:evil@y.test?subject=a%0D%0ABcc:%20evil@y.test%00&body=x%00%1by")
    assert found is not None
    assert found.subject == "a Bcc: evil@y.test"
    assert found.bcc == ""
    assert "\0" not in found.body
    assert "\n" not in found.to + found.subject


def test_r15_a_long_link_is_cut() -> None:
    begun = time.perf_counter()
    found = read("mailto:" + "a@x.test," * 100_000 + "?body=" + "x" * 1_000_000)
    assert found is not None
    assert found.to.count("@") == MOST
    found = read("mailto:a@x.test?body=" + "%0A" * 1_000_000)
    assert found is not None
    assert len(found.body) < LONGEST
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize("uri", ["", "https://x.test", "javascript:mailto:a@b", " mailto:a@b", "mail"])
def test_what_is_no_mailto_is_no_letter(uri: str) -> None:
    assert read(uri) is None


@given(st.text(max_size=200))
def test_any_link_can_be_read(rest: str) -> None:
    found = read("mailto:" + rest)
    assert found is not None
    assert not {"\r", "\n", "\0"} & set(found.to + found.cc + found.bcc + found.subject)
