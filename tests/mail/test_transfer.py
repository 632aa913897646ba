"""Decoding a stream gives the same octets however the stream is cut (RFC 2045 6)."""

from __future__ import annotations

import base64
import quopri

from hypothesis import given
from hypothesis import strategies as st

from webmail.mail.transfer import decoded_chunks


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(p % (len(data) + 1) for p in places), len(data)]
    return [data[a:b] for a, b in zip(edges, edges[1:], strict=False)]


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
