"""Parameters of MIME fields, as the RFCs say and as senders write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmail.mail import params


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("text/plain; charset=utf-8", {"charset": "utf-8"}),
        ('Text/Plain; CHARSET="utf-8"; format=flowed', {"charset": "utf-8", "format": "flowed"}),
        ("text/plain;charset = utf-8 ;", {"charset": "utf-8"}),
        ('text/plain; name="a;b\\"c.txt"', {"name": 'a;b"c.txt'}),
        ("text/plain; name=two words.txt; x=y", {"name": "two words.txt", "x": "y"}),
        ('text/plain; name="unclosed.txt', {"name": "unclosed.txt"}),
        ("text/plain; name==?utf-8?q?caf=C3=A9.txt?=", {"name": "café.txt"}),
        ('text/plain; name="=?utf-8?b?Y2Fmw6k=?= =?utf-8?q?.txt?="', {"name": "café.txt"}),
        ("text/plain; name*=utf-8''caf%C3%A9.txt", {"name": "café.txt"}),
        ("text/plain; name*=iso-8859-1'fr'caf%E9.txt", {"name": "café.txt"}),
        ("text/plain; name*0*=utf-8''caf%C3; name*1*=%A9; name*2=.txt", {"name": "café.txt"}),
        ("text/plain; name*1=b; name*0=a", {"name": "ab"}),
        ("text/plain; name*=utf-8''real.txt; name=fallback.txt", {"name": "real.txt"}),
        ("text/plain; name*=real.txt", {"name": "real.txt"}),
        ("text/plain; a=1; a=2", {"a": "1"}),
        ("text/plain; ;;; x; =y; z=1", {"z": "1"}),
        ("text/plain; name*=utf-8''a%0D%0ABcc%3A%00", {"name": "a Bcc:"}),
        ("text/plain", {}),
    ],
)
def test_parameters(value: str, found: dict[str, str]) -> None:
    assert params.parse(value) == ("text/plain", found)


def test_the_disposition_names_the_file_before_the_type_does() -> None:
    assert params.filename({"name": "type"}, {"filename": "disposition"}) == "disposition"
    assert params.filename({"name": "type"}, {}) == "type"
    assert params.filename({"name": ""}, {}) is None


def test_a_boundary_keeps_every_space() -> None:
    assert params.exact(params.split(' boundary="a  b"'))["boundary"] == "a  b"


def test_a_bomb_of_parameters_is_cut() -> None:
    """R15."""
    value = "; ".join(f"name*{n}=x" for n in range(100_000))
    assert len(params.split(value)) == params.MOST


@given(st.text(alphabet="ab=;\"'\\*%0189 \t?é\ud800", max_size=80))
def test_random_parameters_never_raise(text: str) -> None:
    for name, value in params.parse(text)[1].items():
        (name + value).encode()
