"""Names in the order in which the reader's language has them in its dictionaries.

Accents count less than letters, and case least, as in the Unicode collation algorithm (UTS 10); a letter that a
language has of its own stands where its alphabet has it. Kanji and what no alphabet here names stand by code point.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping
from typing import Final

from webmail.web.words import language

Key = tuple[str, str, str]

_ALPHABETS: Final = {
    "es": "abcdefghijklmnñopqrstuvwxyz",
    "pl": "aąbcćdeęfghijklłmnńoóprsśtuvwxyzźż",
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
}
"""Alphabets with letters of their own between those that code points have in order."""

_SAME: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d"}
    | {chr(katakana): chr(katakana - 0x60) for katakana in range(0x30A1, 0x30F7)}
)
"""Letters that are nobody's own here and that no decomposition takes apart; katakana stands with its hiragana."""

_FIRST: Final = 0xE000
"""Where the letters of an alphabet are put: behind all others that people write names with, in the private area."""


def key(name: str) -> Key:
    """By which sorted() puts a name among others."""
    return _key(name, language().tag)


@functools.lru_cache(maxsize=20_000)
def _key(name: str, tag: str) -> Key:
    text = unicodedata.normalize("NFC", name).casefold()
    places = _places(tag)
    letters = "".join(each if each in places else _plain(each) for each in text)
    return "".join(places.get(each, each) for each in letters), text, name.swapcase()


def _plain(letter: str) -> str:
    apart = unicodedata.normalize("NFKD", letter.translate(_SAME))
    return "".join(each for each in apart if not unicodedata.combining(each))


@functools.cache
def _places(tag: str) -> Mapping[str, str]:
    return {letter: chr(_FIRST + n) for n, letter in enumerate(_ALPHABETS.get(tag, ""))}
