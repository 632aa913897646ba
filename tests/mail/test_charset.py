"""Octets to text: the label is a claim, and some labels are refused."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.mail.charset import codec_of, decode


@pytest.mark.parametrize(
    ("label", "data", "text"),
    [
        ("utf-8", b"caf\xc3\xa9", "café"),
        ("UTF8", b"caf\xc3\xa9", "café"),
        ("iso-8859-1", b"caf\xe9 \x93x\x94", "café “x”"),
        ("us-ascii", b"caf\xc3\xa9", "café"),
        ("us-ascii", b"caf\xe9", "café"),
        (None, b"caf\xe9", "café"),
        ("x-unknown", b"caf\xc3\xa9", "café"),
        ("gb2312", b"\xd6\xd0\xce\xc4", "中文"),
        ("cp936", b"\xd6\xd0\xce\xc4", "中文"),
        ("ks_c_5601-1987", "한글".encode("cp949"), "한글"),
        ("shift_jis", "①".encode("cp932"), "①"),
        ("cp932", "①".encode("cp932"), "①"),
        ("iso-2022-jp", b"\x1b$BF|K\\\x1b(B", "日本"),
        ("iso_8859-2", "žluť".encode("iso-8859-2"), "žluť"),
        ("cp850", b"\x81", "ü"),
        ("koi8-r", "Тема".encode("koi8-r"), "Тема"),
        ('"windows-1251"', "Тема".encode("cp1251"), "Тема"),
        ("iso-2022-kr", b"\x1b$)C\x0eGQ1[\x0f", "한글"),
    ],
)
def test_labels_of_the_world(label: str | None, data: bytes, text: str) -> None:
    assert decode(data, label) == text


@pytest.mark.parametrize(
    "label",
    [
        "idna",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
        "hex",
        "rot13",
        "zlib",
        "utf-7",
        "base64",
        "undefined",
        "mbcs",
        "oem",
        "x-user-defined",
        "utf-16-surrogatepass",
        "a" * 99,
        "charmap",
        "\0",
        "ütf-8",
    ],
)
def test_codecs_that_are_no_charset_are_refused(label: str) -> None:
    """The label of a message never picks a decoder beyond the allowlist."""
    assert codec_of(label) is None
    assert decode(b"+ADw-script+AD4-", label) == "+ADw-script+AD4-"


def test_a_sentence_without_a_label_is_guessed() -> None:
    text = "Съешь ещё этих мягких французских булок, да выпей чаю. " * 4
    assert decode(text.encode("cp1251"), None) == text


def test_a_cut_character_at_the_end_is_forgiven() -> None:
    assert decode("日本語".encode()[:-1], "utf-8") == "日本"
    assert decode("Grüße aus Köln".encode()[:-12] + b"\xc3", "utf-8").startswith("Gr")


def test_wrongly_labelled_utf8_is_read_as_what_it_is() -> None:
    assert decode(b"caf\xe9 ol\xe9", "utf-8") == "café olé"


def test_a_broken_octet_in_sound_utf8_does_not_spoil_the_rest() -> None:
    assert decode("ääääääää".encode() + b"\xff" + b" ok", "utf-8") == "ääääääää\ufffd ok"


@given(
    st.binary(max_size=600),
    st.sampled_from(
        [
            None,
            "utf-8",
            "us-ascii",
            "utf-16",
            "utf-32",
            "iso-2022-jp",
            "gb18030",
            "big5",
            "euc-kr",
            "hz-gb-2312",
            "shift_jis",
            "x",
            "cp1252",
        ]
    ),
)
def test_any_octets_become_text_that_can_be_shown(data: bytes, label: str | None) -> None:
    text = decode(data, label)
    text.encode()
    assert "\0" not in text


def test_guessing_a_large_body_takes_no_time() -> None:
    """R15."""
    begun = time.process_time()
    decode("Ähnliche Wörter überall. ".encode("cp1252") * 80_000, None)
    assert time.process_time() - begun < 2
