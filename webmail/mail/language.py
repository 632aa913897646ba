"""The language of a message, for fonts, hyphens and voices: as told, else as its charset gives away."""

from __future__ import annotations

import re
from typing import Final

from webmail.mail.charset import codec_of

_TAG: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,4}")
# Codecs that write one language; Han characters look different in each of these.
_OF: Final = {
    "iso2022_jp_ext": "ja", "iso2022_jp_1": "ja", "iso2022_jp_3": "ja", "iso2022_jp_2004": "ja", "shift_jis": "ja",
    "cp932": "ja", "euc_jp": "ja", "cp949": "ko", "euc_kr": "ko", "johab": "ko", "iso2022_kr": "ko",
    "gb18030": "zh-Hans", "gbk": "zh-Hans", "hz": "zh-Hans", "big5": "zh-Hant", "big5hkscs": "zh-Hant",
    "cp950": "zh-Hant", "cp1255": "he", "iso8859-8": "he", "cp1253": "el", "iso8859-7": "el", "cp874": "th",
}  # fmt: skip


def language(told: str | None, charset: str | None = None) -> str:
    """A language tag (RFC 5646), "" for none. told: a Content-Language field (RFC 3282) or a tag; of several the first.

    charset: label of the text, for where nothing well-formed is told.
    """
    first = (told or "").partition(",")[0].partition("(")[0].strip()
    if _TAG.fullmatch(first):
        return first
    return _OF.get(codec_of(charset) or "", "")
