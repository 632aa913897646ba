"""Dates of headers (RFC 5322 3.3 and 4.3), and the ways senders get them wrong. Pure: nobody asks for the time here."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from typing import Final

_LONGEST: Final = 200
_ISO: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?")
_COMMENT: Final = re.compile(r"\([^()]*\)")


def parse(text: str) -> datetime | None:
    """Aware date and time of a Date field, or None. A date without a zone, or with -0000, is taken as UTC."""
    short = _COMMENT.sub(" ", text[:_LONGEST]).strip()
    if not short:
        return None
    try:
        return _iso(short) or _rfc(short)
    except (ValueError, OverflowError, IndexError, TypeError):
        # parsedate_tz raises the first three on numbers no calendar has, such as "1 Jan 99999999999"
        return None


def _rfc(text: str) -> datetime | None:
    found = parsedate_tz(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = found[:6]
    offset = timedelta(seconds=found[9] or 0)
    if abs(offset) >= timedelta(days=1):
        offset = timedelta(0)
    return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=timezone(offset))


def _iso(text: str) -> datetime | None:
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(piece or 0) for piece in match.groups()[:6])
    return datetime(year, month, day, hour, minute, second, tzinfo=_zone(match[7]))


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
