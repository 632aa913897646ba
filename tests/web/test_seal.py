"""The password at rest: neither the record nor the cookie opens it alone (R12)."""

from __future__ import annotations

import base64
import re

import pytest

from webmail.web import seal

SECRET = 'p"ä ß \\ 漢字'
COOKIE, SERVER, RECORD = "cookie-half", "server-half", "record"


def test_both_halves_open_it() -> None:
    assert seal.unseal(seal.seal(SECRET, COOKIE, SERVER, RECORD), COOKIE, SERVER, RECORD) == SECRET


@pytest.mark.parametrize("wrong", [("", SERVER, RECORD), (COOKIE, "", RECORD), (COOKIE, SERVER, "another")])
@pytest.mark.asvs("11.3.3")
def test_r12_a_stolen_record_a_stolen_cookie_or_a_moved_record_opens_nothing(wrong: tuple[str, str, str]) -> None:
    sealed = seal.seal(SECRET, COOKIE, SERVER, RECORD)
    with pytest.raises(seal.SealBroken):
        seal.unseal(sealed, *wrong)


@pytest.mark.asvs("11.3.2", "11.3.3")
def test_r12_one_flipped_byte_anywhere_breaks_the_seal() -> None:
    sealed = bytearray(base64.b64decode(seal.seal(SECRET, COOKIE, SERVER, RECORD)))
    for place in range(len(sealed)):
        changed = bytes(b ^ (1 if n == place else 0) for n, b in enumerate(sealed))
        with pytest.raises(seal.SealBroken):
            seal.unseal(base64.b64encode(changed).decode(), COOKIE, SERVER, RECORD)


@pytest.mark.parametrize("sealed", ["", "!", "AAAA", "ä"])
def test_nonsense_is_a_broken_seal_and_no_crash(sealed: str) -> None:
    with pytest.raises(seal.SealBroken):
        seal.unseal(sealed, COOKIE, SERVER, RECORD)


def test_the_secret_is_not_in_the_sealed_text_and_no_two_seals_are_equal() -> None:
    first, second = (seal.seal(SECRET, COOKIE, SERVER, RECORD) for _ in range(2))
    assert first != second
    assert SECRET.encode() not in base64.b64decode(first)


@pytest.mark.asvs("7.2.3", "11.5.1")
def test_tokens_have_256_bits() -> None:
    assert len(base64.urlsafe_b64decode(seal.new_token() + "=")) == 32


def test_r17_what_is_veiled_is_the_same_every_time_and_opens_with_both_halves_and_its_sign_in_alone() -> None:
    piece = seal.veil("INBOX\nsecret wörds", "cookie", "server", "record")
    assert piece == seal.veil("INBOX\nsecret wörds", "cookie", "server", "record")
    assert piece != seal.veil("INBOX\nsecret wörd", "cookie", "server", "record")
    assert re.fullmatch(r"[A-Za-z0-9_-]+", piece)
    assert seal.unveil(piece, "cookie", "server", "record") == "INBOX\nsecret wörds"
    wrong = (("other", "server", "record"), ("cookie", "other", "record"), ("cookie", "server", "other"))
    for keys in wrong:
        with pytest.raises(seal.SealBroken):
            seal.unveil(piece, *keys)
    for broken in ("", "x", "ä", piece[:-4], piece + "AAAA", "=" * 8, "A" * 5000):
        with pytest.raises(seal.SealBroken):
            seal.unveil(broken, "cookie", "server", "record")
