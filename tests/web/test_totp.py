"""Codes of half a minute, as RFC 6238 has them, and the drawing that takes their secret to a phone."""

from __future__ import annotations

import base64
import re

import pytest

from webmail.web import qr, totp

SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)  # fmt: skip
def test_the_codes_of_rfc_6238_appendix_b(at: int, code: str) -> None:
    """Its table has eight digits; ours are the last six."""
    assert totp.code_at(SECRET, at // 30) == code
    assert totp.step_of(SECRET, code, at, 0) == at // 30


@pytest.mark.parametrize(("late", "taken"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_a_clock_may_be_half_a_minute_off(late: int, taken: bool) -> None:
    now = 1_700_000_010
    assert (totp.step_of(SECRET, totp.code_at(SECRET, (now + late) // 30), now, 0) is not None) is taken


def test_a_step_that_is_used_up_gives_no_more_codes() -> None:
    now = 1_700_000_010
    step = now // 30
    assert totp.step_of(SECRET, totp.code_at(SECRET, step), now, step) is None
    assert totp.step_of(SECRET, totp.code_at(SECRET, step - 1), now, step) is None
    assert totp.step_of(SECRET, totp.code_at(SECRET, step + 1), now, step) == step + 1


@pytest.mark.parametrize(
    "typed", ["", "1", "12345", "1234567", "abcdef", "\u0661\u0662\u0663\u0664\u0665\u0666", "²²²²²²", "-12345"]
)
def test_what_is_no_code_is_none(typed: str) -> None:
    assert totp.step_of(SECRET, typed, 59, 0) is None


def test_a_recovery_code_is_read_however_it_was_written_down() -> None:
    codes = totp.new_recovery_codes()
    assert len({totp.plain_recovery_code(code) for code in codes}) == 10
    [one, *_] = codes
    assert totp.plain_recovery_code(one.upper().replace("-", " ")) == totp.plain_recovery_code(one)
    assert totp.plain_recovery_code("123456") == totp.plain_recovery_code(one + "x") == ""


def test_an_app_understands_the_address_of_the_secret() -> None:
    told = totp.uri(SECRET, "a+b@example.org", "Mail & more")
    assert told.startswith("otpauth://totp/Mail%20%26%20more:a%2Bb@example.org?secret=")
    secret = re.search(r"secret=([A-Z2-7]+)&issuer=Mail%20%26%20more&", told)
    assert secret
    assert base64.b32decode(secret[1]) == SECRET
    assert totp.in_letters(SECRET).replace(" ", "") == secret[1]


def test_the_drawing_is_the_code_module_by_module() -> None:
    import segno

    text = totp.uri(SECRET, "alice@example.org", "Pennypost")
    drawing = qr.draw(text)
    matrix = [list(row) for row in segno.make_qr(text, error="m").matrix]
    painted = [[0] * drawing.size for _ in range(drawing.size)]
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", drawing.path):
        for at in range(int(x), int(x) + int(length)):
            painted[int(y)][at] = 1
    assert [row[4:-4] for row in painted[4:-4]] == matrix
    assert not any(map(any, painted[:4] + painted[-4:]))
