"""Decoding a stream gives the same octets however the stream is cut (RFC 2045 6)."""

from __future__ import annotations

import base64
import quopri
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.mail.transfer import decode, decoded_chunks


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(p % (len(data) + 1) for p in places), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


@given(st.binary(max_size=500), st.lists(st.integers(0, 10_000), max_size=9))
def test_base64_survives_any_cut(data: bytes, places: list[int]) -> None:
    encoded = base64.encodebytes(data).replace(b"\n", b"\r\n")
    assert b"".join(decoded_chunks("base64", cut(encoded, places))) == data


@given(st.binary(max_size=500), st.lists(st.integers(0, 10_000), max_size=9))
def test_quoted_printable_survives_any_cut(data: bytes, places: list[int]) -> None:
    encoded = quopri.encodestring(data.replace(b"\r", b"").replace(b"\n", b" "))
    whole = b"".join(decoded_chunks("quoted-printable", [encoded]))
    assert b"".join(decoded_chunks("quoted-printable", cut(encoded, places))) == whole
    assert whole == data.replace(b"\r", b"").replace(b"\n", b" ")


def test_letters_outside_the_alphabet_are_skipped_and_a_missing_end_is_no_crash() -> None:
    assert b"".join(decoded_chunks("base64", [b"aGVs!!\0bG8", b"gd29y"])) == b"hello wor"
    assert b"".join(decoded_chunks("base64", [b"a"])) == b""


def test_an_unknown_encoding_passes_unchanged() -> None:
    assert b"".join(decoded_chunks("x-unknown", [b"=41", b"QQ=="])) == b"=41QQ=="


@pytest.mark.parametrize(
    ("encoding", "data", "octets"),
    [
        ("BASE64 ", b"aGk=", b"hi"),
        ("base64", b"aGk", b"hi"),
        ("base64", b"aGk=\r\n\r\n_______\r\nlist mailing footer\r\n", b"hi"),
        ("base64", b"aGk=\r\naG8=\r\n", b"hiho"),
        ("quoted-printable", b"a=3Db=\r\nc =  \r\nd=zz", b"a=bc d=zz"),
        ("quoted-printable; x", b"=E9", b"\xe9"),
        ("x-uuencode", b"begin 644 a.txt\n#86)C\n`\nend\n", b"abc"),
        ("x-uue", b"begin 644 a\r\n#86)C!!!\r\n`\r\nend\r\ntrailer", b"abc"),
        ("8bit", b"\xff\0", b"\xff\0"),
        ("", b"=41", b"=41"),
    ],
)
def test_encodings_as_they_are_written(encoding: str, data: bytes, octets: bytes) -> None:
    assert decode(encoding, data) == octets


@given(
    st.sampled_from(["base64", "quoted-printable", "x-uuencode", "7bit"]),
    st.binary(max_size=300),
    st.lists(st.integers(0, 10_000), max_size=5),
)
def test_random_octets_never_raise_and_cuts_change_nothing(encoding: str, data: bytes, places: list[int]) -> None:
    assert b"".join(decoded_chunks(encoding, cut(data, places))) == decode(encoding, data)


@pytest.mark.parametrize("piece", [b"=", b" ", b"=\n", b"a=", b"A", b"\n", b"= ", b"==\n", b"\t="])
@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "x-uuencode"])
def test_no_body_takes_long(encoding: str, piece: bytes) -> None:
    """R15: time grows with the size and not with its square."""
    begun = time.process_time()
    decode(encoding, piece * 400_000)
    assert time.process_time() - begun < 3
