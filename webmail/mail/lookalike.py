"""Letters that pose as others: a small part of UTS 39, by the names that Unicode gives its characters."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_HIDDEN: Final = re.compile("[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_TOGETHER: Final = (
    {"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "FULLWIDTH", "HALFWIDTH"},
    {"LATIN", "CJK", "BOPOMOFO", "FULLWIDTH"},
    {"LATIN", "CJK", "HANGUL", "FULLWIDTH"},
)
# Cyrillic, then Greek, then digits and letters with strokes: what each is taken for.
_POSING: Final = str.maketrans(
    "аеорсухіјѕһԁԛԝӏ" "ьвнкмтгп" "οναρκτυιγηωβ" "01|" "ıłøđ",  # noqa: RUF001
    "aeopcyxijshdqwl" "bbhkmtrn" "ovapktuiynwb" "oll" "ilod",
)  # fmt: skip
_WORD: Final = re.compile(r"[^\W\d_]+")
_LONGEST: Final = 1000


def hides(text: str) -> bool:
    """True when it holds marks that turn the direction of text or cannot be seen."""
    return _HIDDEN.search(text) is not None


def mixed(text: str) -> bool:
    """True when one word of it is written in scripts that no language writes together (Latin and Cyrillic)."""
    return any(not _usual(_scripts(word)) for word in _WORD.findall(text[:_LONGEST]))


def posing(domain: str) -> bool:
    """True for a domain with a label of mixed scripts, or one whose foreign letters all look like Latin ones."""
    labels = readable(domain).split(".")
    return any(mixed(label) or _foreign(label) for label in labels)


def _foreign(label: str) -> bool:
    return not label.isascii() and "LATIN" not in _scripts(label) and skeleton(label).isascii()


def readable(domain: str) -> str:
    """The domain with its xn-- labels as letters; what cannot be decoded stays."""
    labels = []
    for label in domain[:_LONGEST].lower().split("."):
        try:
            labels.append(label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label)
        except (UnicodeError, ValueError):
            labels.append(label)
    return ".".join(labels)


def skeleton(text: str) -> str:
    """What an eye in a hurry reads: accents gone, letters that pose replaced, rn as m, vv as w."""
    plain = unicodedata.normalize("NFKD", text[:_LONGEST].casefold())
    bare = "".join(c for c in plain if not unicodedata.combining(c)).translate(_POSING)
    return bare.replace("rn", "m").replace("vv", "w").replace("-", "")


def alike(one: str, other: str) -> bool:
    """True for two different addresses or domains that an eye may take for each other: one letter apart, or none."""
    if one == other:
        return False
    a, b = skeleton(one), skeleton(other)
    if a == b:
        return True
    return min(len(a), len(b)) > 7 and _one_apart(a, b)


def _one_apart(a: str, b: str) -> bool:
    """One letter changed, added or left out, or two neighbours swapped."""
    if abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest, other = a[start:], b[start:]
    changed = (rest[1:], other[1:]), (rest[1:], other), (rest, other[1:]), (rest[:2][::-1] + rest[2:], other)
    return any(x == y for x, y in changed)


def _usual(scripts: set[str]) -> bool:
    return len(scripts) < 2 or any(scripts <= together for together in _TOGETHER)


def _scripts(word: str) -> set[str]:
    return {unicodedata.name(c, "UNKNOWN").split()[0] for c in word if c.isalpha()}
