"""Subjects: what programs put before them when a letter is answered or passed on, in the languages they speak."""

from __future__ import annotations

import re
from typing import Final

# Some words answer in one language and pass on in another (Finnish VS, Norwegian VS), so an answer takes off both.
_RE: Final = (
    "re|aw|antw|antwort|sv|vs|res|rif|odp|odg|atb|ynt|na|vá|απ|отв|ответ|відп|"
    "回复|回覆|答复|答覆|返信|答|회신|답장|ตอบ|השב|תשובה|رد"
)
_FWD: Final = (
    "fwd|fw|wg|weitergeleitet|tr|rv|enc|vb|vl|vid|doorst|pd|fs|továbbítás|ilt|i̇lt|πρθ|пересл|пер|"
    "转发|轉寄|転送|전달|ส่งต่อ|הועבר|إعادة توجيه"
)
_PREFIX: Final = r"(?:\s*(?:{})\s*(?:\[\d+\]|\(\d+\)|\^\d+|\*\d+)?\s*[:\uff1a])+\s*"
_FORWARDED: Final = re.compile(_PREFIX.format(_FWD), re.IGNORECASE)
_EITHER: Final = re.compile(_PREFIX.format(f"{_RE}|{_FWD}"), re.IGNORECASE)


def base(subject: str) -> str:
    """The subject without what answering and passing on put before it: what letters of one talk are sorted by."""
    return _without(_EITHER, subject)


def answered(subject: str) -> str:
    """The subject of an answer: one "Re: ", whatever stood before (RFC 5322 3.6.5)."""
    return f"Re: {_without(_EITHER, subject)}".rstrip()


def forwarded(subject: str) -> str:
    """The subject of a letter passed on: one "Fwd: "; that it was an answer stays to be seen."""
    return f"Fwd: {_without(_FORWARDED, subject)}".rstrip()


def _without(prefix: re.Pattern[str], subject: str) -> str:
    found = prefix.match(subject)
    return (subject[found.end() :] if found else subject).strip()
