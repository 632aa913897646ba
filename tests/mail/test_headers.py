"""Headers as they arrive: folded, mislabelled, truncated, hostile. Nothing here may raise."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.mail.address import Address
from webmail.mail.headers import BUDGET, Headers


def test_a_folded_field_is_one_line() -> None:
    found = Headers.parse(b"Subject: a\r\n long\r\n\tsubject\r\n\r\nSubject: body, not header\r\n")
    assert found.subject == "a long subject"


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_any_line_end_will_do(end: bytes) -> None:
    found = Headers.parse(end.join([b"From: a@b", b"Subject: x", b" y", b"", b"To: body@text"]))
    assert (found.subject, found.get("from"), found.get("to")) == ("x y", "a@b", None)


def test_names_compare_without_case_and_keep_their_spelling() -> None:
    found = Headers.parse(b"sUBJECT: x\nX-One: 1\nx-one: 2\n")
    assert found.get("Subject") == "x"
    assert found.all("X-ONE") == ("1", "2")
    assert found.items() == (("sUBJECT", "x"), ("X-One", "1"), ("x-one", "2"))


def test_an_mbox_line_and_lines_that_are_no_fields_are_passed_over() -> None:
    found = Headers.parse(b"From bob Mon Jan  1\nSubject: x\nthis is no field\nTo: a@b\n\n")
    assert (found.subject, found.get("to")) == ("x", "a@b")


def test_white_space_before_the_colon_is_obsolete_but_allowed() -> None:
    assert Headers.parse(b"From : a@b\nSubject\t: x\n").subject == "x"


def test_a_byte_order_mark_does_not_hide_the_first_field() -> None:
    assert Headers.parse(b"\xef\xbb\xbfSubject: x\n").subject == "x"


def test_nul_octets_vanish() -> None:
    assert Headers.parse(b"Sub\0ject: a\0b\n").subject == "ab"


def test_more_than_the_budget_is_not_read() -> None:
    """R15: 256 KiB of header, and no time to lose."""
    found = Headers.parse(b"X: " + b"a" * BUDGET + b"\nSubject: late\n")
    assert found.get("subject") is None


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"=?utf-8?q?caf=C3=A9?=", "café"),
        (b"=?UTF-8?B?Y2Fmw6k=?=", "café"),
        (b"=?iso-8859-1*fr?Q?caf=E9?=", "café"),
        (b"=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        (b"=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        (b"=?gb2312?B?1tA=?= =?gb2312?B?zsQ=?=", "中文"),
        (b"=?utf-8?B?5Lit5g==?=\r\n =?utf-8?B?loc=?=", "中文"),  # a character cut in two between words
        (b"=?utf-8?q?with space?=", "with space"),
        (b"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"),
        (b"\x1b$BF|K\\\x1b(B", "日本"),
        (b"caf\xc3\xa9", "café"),
        (b"caf\xe9", "café"),
        (b"=?x-nonsense?q?caf=C3=A9?=", "café"),
        (b"=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
        (b"=?utf-8?b?!!!?=", ""),
        (b"plain", "plain"),
    ],
)
def test_subject_in_every_disguise(raw: bytes, text: str) -> None:
    assert Headers.parse(b"Subject: " + raw + b"\n").subject == text


def test_raw_eight_bit_is_read_in_the_charset_of_the_body() -> None:
    raw = "Тема".encode("koi8-r")
    found = Headers.parse(b"Subject: " + raw + b"\nContent-Type: text/plain; charset=koi8-r\n")
    assert found.subject == "Тема"


def test_an_encoded_line_end_starts_no_field() -> None:
    """R10: the shape that makes some libraries write a Bcc."""
    found = Headers.parse(b"Subject: =?utf-8?q?a=0D=0ABcc:_x?=\n")
    assert found.subject == "a Bcc: x"
    assert found.get("bcc") is None


def test_bidi_and_control_characters_are_not_shown() -> None:
    """R19, R8: a right-to-left override turns names around."""
    found = Headers.parse(b"Subject: =?utf-8?b?" + b"4oCuZXhlLnR4dOKArAc=" + b"?=\n")
    assert found.subject == "exe.txt"


@pytest.mark.parametrize(
    ("raw", "when"),
    [
        ("Mon, 1 Jun 2026 12:00:00 +0000", datetime(2026, 6, 1, 12, tzinfo=UTC)),
        ("1 Jun 2026 14:00 +0200", datetime(2026, 6, 1, 12, tzinfo=UTC)),
        ("Mon, 01 Jun 2026 08:00:00 EDT", datetime(2026, 6, 1, 12, tzinfo=UTC)),
        ("Mon, 1 Jun 2026 12:00:00 -0000 (nowhere)", datetime(2026, 6, 1, 12, tzinfo=UTC)),
        ("Mon, 1 Jun 2026 12:00:00", datetime(2026, 6, 1, 12, tzinfo=UTC)),
        ("2026-06-01T14:00:00+02:00", datetime(2026, 6, 1, 12, tzinfo=UTC)),
        ("2026-06-01 12:00:00Z", datetime(2026, 6, 1, 12, tzinfo=UTC)),
        ("Mon, 30 Jun 97 12:00:60 GMT", datetime(1997, 6, 30, 12, 0, 59, tzinfo=UTC)),
        ("1 Jan 99999999999 00:00:00", None),
        ("Mon, 99 Jun 2026 12:00:00 +0000", None),
        ("Malformed Date", None),
        ("", None),
        ("9" * 5000, None),
        ("1 Jan 2026 00:00:00 +999999", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_dates(raw: str, when: datetime | None) -> None:
    assert Headers.parse(f"Date: {raw}\n".encode()).date == when


def test_every_from_address_is_told() -> None:
    """R19: several From fields are one trick to be somebody else for one reader and not for another."""
    found = Headers.parse(b"From: a@b\nFrom: =?utf-8?q?B=C3=B6b?= <c@d>\n")
    assert found.addresses("from") == (Address("", "a@b"), Address("Böb", "c@d"))


def test_message_ids() -> None:
    found = Headers.parse(b"Message-ID:\n <1@x> \nIn-Reply-To: your mail <2@x>\nReferences: <3@x>junk<2@x>\n <3@x>\n")
    assert found.message_id == "<1@x>"
    assert found.in_reply_to == "<2@x>"
    assert found.references == ("<3@x>", "<2@x>")
    assert Headers().message_id is None


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"Content-Type: TEXT/HTML; charset=x\n", "text/html"),
        (b"Content-Type: text\n", "text/plain"),
        (b"Content-Type: ;;;\n", "text/plain"),
        (b"Content-Type: a/b/c\n", "text/plain"),
        (b"", "text/plain"),
    ],
)
def test_content_type_falls_back_to_plain_text(raw: bytes, kind: str) -> None:
    assert Headers.parse(raw).content_type == kind


@given(st.binary(max_size=2000))
def test_random_octets_never_raise(raw: bytes) -> None:
    _read_all(Headers.parse(raw))


@given(
    st.sampled_from([b"Subject", b"From", b"To", b"Date", b"Content-Type", b"Message-ID", b"References"]),
    st.lists(
        st.sampled_from(
            [
                b"=?utf-8?q?",
                b"=?gbk?B?",
                b"?=",
                b"\xff",
                b"<",
                b">",
                b'"',
                b"(",
                b"a@b",
                b",",
                b"\r\n ",
                b"\x1b$B",
                b"=C3",
                b";",
                b"name*0*=",
                b"''",
                b"\\",
                b"99999",
                b" Jan ",
                b"+",
            ]
        ),
        max_size=40,
    ),
)
def test_well_aimed_octets_never_raise(name: bytes, pieces: list[bytes]) -> None:
    _read_all(Headers.parse(name + b": " + b"".join(pieces) + b"\r\n\r\n"))


def _read_all(found: Headers) -> None:
    said = [found.subject, found.content_type, str(found.date), str(found.message_id), *found.references]
    said += [value for pair in found.items() for value in pair]
    people = [person for name in ("from", "to") for person in found.addresses(name)]
    said += [text for person in people for text in (person.name, person.address)]
    said += [value for pair in found.params("content-type")[1].items() for value in pair]
    joined = "".join(said)
    joined.encode()  # no lone surrogates
    assert not any(character in joined for character in "\r\n\0\u202e")
