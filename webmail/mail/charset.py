"""Octets to text. The label of a message is a claim: it picks a decoder from an allowlist and nothing else."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from typing import Final

import webencodings
from charset_normalizer import from_bytes

_SAMPLE: Final = 16 * 1024
"""Octets shown to the guesser: its cost grows with the sample, its answer hardly improves."""

_SHORTEST_GUESS: Final = 400
"""Octets. Below this the guesser takes French for Polish; it is asked only where the text is foreign throughout."""

# Labels seen in mail that the WHATWG list lacks, or maps to an error for the sake of browsers that decode live pages.
# utf-7 stays out on purpose: it hides markup from everything that looks at octets.
_MAIL_LABELS: Final = {
    "cp932": "cp932", "cp936": "gb18030", "cp949": "cp949", "cp950": "cp950", "ms932": "cp932", "ms949": "cp949",
    "cp437": "cp437", "cp850": "cp850", "cp852": "cp852", "cp858": "cp858", "cp865": "cp865", "ibm850": "cp850",
    "johab": "johab", "hz-gb-2312": "hz", "iso-2022-kr": "iso2022_kr", "iso-2022-jp": "iso2022_jp_ext",
    "iso-2022-jp-1": "iso2022_jp_1", "iso-2022-jp-2": "iso2022_jp_2", "iso-2022-jp-3": "iso2022_jp_3",
    "iso-2022-jp-2004": "iso2022_jp_2004", "cp50220": "iso2022_jp_ext", "x-gbk": "gb18030", "gb2312": "gb18030",
    "gbk": "gb18030", "big5-hkscs": "big5hkscs", "tis620": "cp874", "utf-32": "utf-32", "x-mac-roman": "mac-roman",
}  # fmt: skip
_SAYS_NOTHING: Final = frozenset({"", "us-ascii", "ascii", "ansi_x3.4-1968", "unknown-8bit", "x-unknown", "8bit"})
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def decode(data: bytes, label: str | None) -> str:
    """Text of `data`, which claims to be in charset `label` (None: it claims nothing).

    Never raises; the answer holds no NUL and no lone surrogate, and can always be encoded as UTF-8.
    """
    codec = codec_of(label)
    if codec is None or codec == "utf-8":
        return _clean(_guess(data))
    return _clean(data.decode(codec, "replace"))


def codec_of(label: str | None) -> str | None:
    """Python codec for a MIME charset label, or None where it is unknown, refused or says nothing (us-ascii)."""
    wanted = (label or "").strip().strip("\"'").split("*")[0].lower().replace("_", "-" if _iso(label) else "_")
    if wanted in _SAYS_NOTHING or len(wanted) > 40 or not wanted.isascii():
        return None
    if wanted in _MAIL_LABELS:
        return _MAIL_LABELS[wanted]
    found = webencodings.lookup(wanted) or webencodings.lookup(wanted.replace("cp-", "cp").replace("windows-cp", "cp"))
    if found is None or found.name in ("replacement", "x-user-defined"):
        return None
    return str(found.codec_info.name)


def printable(text: str) -> str:
    """The same text without NUL and lone surrogates (the latter crash every UTF-8 output)."""
    return _clean(text)


def _iso(label: str | None) -> bool:
    # iso_8859-1 and iso_2022_jp are written with underscores, shift_jis must keep its own
    return (label or "").strip().lower().startswith("iso")


def _clean(text: str) -> str:
    if text.startswith("\ufeff"):
        text = text[1:]
    return _SURROGATE.sub("\ufffd", text.replace("\0", ""))


def _guess(data: bytes) -> str:
    if data[:2] in (BOM_UTF16_LE, BOM_UTF16_BE):  # what an editor of Windows calls "Unicode"
        return data.decode("utf-16", "replace")
    if b"\x1b$" in data and data.isascii():
        return data.decode("iso2022_jp_ext", "replace")
    text = _utf8(data)
    if text is not None:
        return text
    codec = _guessed_codec(data) if len(data) >= _SHORTEST_GUESS or _foreign(data) else None
    return data.decode(codec or "cp1252", "replace")


def _utf8(data: bytes) -> str | None:
    """UTF-8, forgiving a character that was cut at the end and a few broken ones in plenty of sound ones."""
    try:
        text = getincrementaldecoder("utf-8")().decode(data)
        broken = 0
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
        broken = text.count("\ufffd")
    if text.isascii():
        return text if data.isascii() else None  # one foreign octet at the very end is Latin, not a cut character
    sound = sum(1 for character in text if character > "\x7f") - broken
    return text if sound > 4 * broken else None


def _foreign(data: bytes) -> bool:
    """More than half of the letters lie outside ASCII, and there are enough of them to judge."""
    high = sum(1 for octet in data if octet > 0x7F)
    return high > 16 and high > sum(1 for octet in data if chr(octet).isalpha() and octet < 0x80)


def _guessed_codec(data: bytes) -> str | None:
    sample = data[:_SAMPLE]
    if len(data) > _SAMPLE and sample.isascii():
        first = next(index for index, octet in enumerate(data) if octet > 0x7F)
        sample = data[first : first + _SAMPLE]
    try:
        best = from_bytes(sample, steps=4, chunk_size=512).best()
    except Exception:  # the guesser is third-party code fed with hostile octets: no fault of its own may lose a message
        return None
    return codec_of(best.encoding.replace("_", "-")) if best is not None else None
