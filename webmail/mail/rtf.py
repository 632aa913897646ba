"""Rich Text Format as words, and as the HTML that Outlook hides in it (MS-OXRTFEX). What it looks like is not kept."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace
from typing import Final

_TOKEN: Final = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?[0-9]{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.DOTALL
)
_DEEPEST: Final = 1000

# Destinations whose content is no text of the letter; one after \* that we do not know is passed over as well.
_UNREAD: Final = frozenset({
    b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"objdata", b"header", b"headerl", b"headerr", b"headerf",
    b"footer", b"footerl", b"footerr", b"footerf", b"listtable", b"listoverridetable", b"filetbl", b"revtbl",
    b"rsidtbl", b"generator", b"themedata", b"colorschememapping", b"datastore", b"latentstyles", b"xmlnstbl",
    b"nonshppict", b"fldinst", b"bkmkstart", b"bkmkend", b"mhtmltag", b"pntext",
})  # fmt: skip
_SAID: Final = {
    b"par": "\n", b"line": "\n", b"sect": "\n", b"page": "\n", b"row": "\n", b"cell": "\t", b"nestcell": "\t",
    b"nestrow": "\n", b"tab": "\t", b"emdash": "\u2014", b"endash": "\u2013", b"lquote": "\u2018", b"rquote": "\u2019",
    b"ldblquote": "\u201c", b"rdblquote": "\u201d", b"bullet": "\u2022", b"emspace": "\u2003",
    b"enspace": "\u2002", b"zwj": "\u200d", b"zwnj": "\u200c",
}  # fmt: skip
_SYMBOLS: Final = {b"~": "\u00a0", b"_": "\u2011", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\n", b"\r": "\n"}
# \fcharset: Windows code page.
_CHARSETS: Final = {
    77: 10000, 128: 932, 129: 949, 130: 1361, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255, 178: 1256,
    186: 1257, 204: 1251, 222: 874, 238: 1250, 255: 437,
}  # fmt: skip
_PAGES: Final = {
    936: "gb18030", 10000: "mac-roman", 1361: "johab", 65001: "utf-8", 28605: "iso8859-15", 20127: "cp1252",
    20866: "koi8-r", 21866: "koi8-u", 50220: "iso2022_jp_ext", 51932: "euc_jp", 51949: "euc_kr", 54936: "gb18030",
}  # fmt: skip


def codec(page: int) -> str:
    """Python's codec for a Windows code page; that of Western Europe for one that it lacks."""
    if 28590 < page < 28610 and page not in _PAGES:
        return f"iso8859-{page - 28590}"
    name = _PAGES.get(page, f"cp{page}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "cp1252"


@dataclass(frozen=True, slots=True)
class Words:
    """text: paragraphs as lines. html: the source that the RTF was made of, None when it was not made of HTML."""

    text: str
    html: str | None = None


@dataclass(frozen=True, slots=True)
class _Group:
    """skipped: its content is no text. shadow: it repeats in RTF what the HTML said (\\htmlrtf). fallback: \\uc."""

    skipped: bool = False
    fonts: bool = False
    shadow: bool = False
    hidden: bool = False
    fallback: int = 1
    font: int = -1


def read(source: bytes) -> Words:
    """The words. Never raises; what is no RTF, or is cut, gives what can be read. Time grows with the source."""
    if b"\\fromhtml" in source[:2000]:
        html = _Reader(True).run(source)
        return Words("", html) if html.strip() else Words("")
    return Words(_Reader(False).run(source))


class _Reader:
    def __init__(self, html: bool) -> None:
        self.html = html
        self.group = _Group()
        self.above: list[_Group] = []
        self.lost = 0
        self.starred = False
        self.unread = 0
        self.fonts: dict[int, str] = {}
        self.page = "cp1252"
        self.octets = bytearray()
        self.codec = self.page
        self.out: list[str] = []

    def run(self, source: bytes) -> str:
        at = 0
        while (match := _TOKEN.match(source, at)) or at < len(source):
            if match is None:
                at += 1
                continue
            at = match.end()
            word, number, octet, symbol, brace, text = match.groups()
            if word == b"bin":
                at += max(0, int(number or 0))
            elif word:
                self._word(word.lower() if word.isupper() else word, int(number) if number else None)
            elif text:
                self._octets(text)
            elif octet:
                self._octets(bytes((int(octet, 16),)), one=True)
            elif brace:
                self._brace(brace)
            elif symbol == b"*":
                self.starred = True
            elif symbol in _SYMBOLS:
                self._say(_SYMBOLS[symbol])
        self._flush()
        return "".join(self.out).encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _brace(self, brace: bytes) -> None:
        self.starred, self.unread = False, 0
        if brace == b"{":
            if len(self.above) >= _DEEPEST:
                self.lost += 1
            else:
                self.above.append(self.group)
        elif self.lost:
            self.lost -= 1
        elif self.above:
            self.group = self.above.pop()

    def _word(self, word: bytes, number: int | None) -> None:
        starred, self.starred = self.starred, False
        if self.html and starred and word == b"htmltag":
            self.group = replace(self.group, skipped=False, shadow=False)
        elif starred or word in _UNREAD:
            self.group = replace(self.group, skipped=True, fonts=self.group.fonts or word == b"fonttbl")
        elif word == b"htmlrtf":
            self.group = replace(self.group, shadow=self.html and number != 0)
        elif word == b"u" and number is not None:
            self._say(chr(number & 0xFFFF))
            self.unread = self.group.fallback
        elif word in _SAID:
            self._say(_SAID[word])
        else:
            self._setting(word, number)

    def _setting(self, word: bytes, number: int | None) -> None:
        if word == b"uc":
            self.group = replace(self.group, fallback=min(max(number or 0, 0), 100))
        elif word == b"v":
            self.group = replace(self.group, hidden=number != 0)
        elif word == b"plain":
            self.group = replace(self.group, hidden=False, font=-1)
        elif word == b"f" and number is not None:
            self.group = replace(self.group, font=number)
        elif word == b"fcharset" and self.group.fonts and number in _CHARSETS:
            self.fonts[self.group.font] = codec(_CHARSETS[number])
        elif word == b"ansicpg" and number:
            self.page = codec(number)

    def _octets(self, octets: bytes, *, one: bool = False) -> None:
        if self.unread:
            dropped = 1 if one else min(self.unread, len(octets))
            self.unread -= dropped
            octets = octets[dropped:]
        if not octets or self._silent():
            return
        wanted = self.fonts.get(self.group.font, self.page)
        if wanted != self.codec:
            self._flush()
            self.codec = wanted
        self.octets += octets

    def _say(self, text: str) -> None:
        self.unread = 0
        if not self._silent():
            self._flush()
            self.out.append(text)

    def _silent(self) -> bool:
        return self.group.skipped or self.group.shadow or (self.group.hidden and not self.html)

    def _flush(self) -> None:
        """Octets together, because one character may take two of them."""
        if self.octets:
            self.out.append(self.octets.decode(self.codec, "replace"))
            self.octets.clear()
