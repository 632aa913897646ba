"""Content codings (RFC 9110 8.4): what a browser takes, and bodies made so."""

from __future__ import annotations

import gzip
from typing import Final, Literal

import brotli
from werkzeug.datastructures import Accept

Coding = Literal["br", "gzip", ""]

_FIRST: Final[tuple[Coding, ...]] = ("br", "gzip")


def chosen(accepted: Accept) -> Coding:
    """The coding for this Accept-Encoding: the shortest that is taken, "" for none."""
    return next((coding for coding in _FIRST if accepted[coding] > 0), "")


def coded(body: bytes, coding: Coding, effort: int) -> bytes:
    """The body in that coding. effort: 1 to 9 is quick, 11 is for what is made once (gzip ends at 9)."""
    if coding == "br":
        packed: bytes = brotli.compress(body, mode=brotli.MODE_TEXT, quality=effort)
        return packed
    # No time in it: the same body is the same octets.
    return gzip.compress(body, min(effort, 9), mtime=0) if coding == "gzip" else body
