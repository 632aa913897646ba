"""A plain text body as blocks: the writer's own words, what is quoted, the signature; and its first words."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final, Literal

from webmail.mail import mime, parts, quotes
from webmail.mail.flowed import SIGNATURE, Line, lines
from webmail.mail.names import clean_line

LONGEST_SNIPPET: Final = 200

_DEEPEST: Final = 12
_MOST_RUNS: Final = 1000
_MOST_LINES: Final = 20_000
_SHORT_SIGNATURE: Final = 15
"""Lines below a "--" that lost its space; below a longer text it is a rule, not a signature."""

_HEAD: Final = 8192


@dataclass(frozen=True, slots=True)
class Block:
    """kind "text" and "signature" have text; a "quote" has children, and as its text the line that introduces it ("").

    folded: a quote that nobody answers below: closed until it is asked for.
    """

    kind: Literal["text", "quote", "signature"]
    text: str = ""
    children: tuple[Block, ...] = ()
    folded: bool = False


def blocks(text: str, *, flowed: bool = False, delsp: bool = False) -> tuple[Block, ...]:
    """Blocks of a text/plain body, in order. flowed, delsp: its format and delsp parameters (RFC 3676).

    Only quotes at the very end fold, together with the line that introduces them, and only when there is something else
    to read; answers between quotes stay in sight. Quotes without marks (Outlook) are recognised by their header block.
    """
    head, rest = _within_budget(text)
    found = lines(head, flowed=flowed, delsp=delsp)
    at, passed_on = _unmarked_quote(found)
    own = _grouped(found[:at], 0)
    if at < len(found):
        own.append(Block("quote", "", tuple(map(_not_signed, _grouped(found[at:], 0)))))
    if rest:
        own.append(Block("text", rest))
    return tuple(own if passed_on else _folded(own))


def _within_budget(text: str) -> tuple[str, str]:
    """The lines that are looked at, and the rest of the text, which is shown as it came (R15)."""
    if text.count("\n") <= _MOST_LINES:
        return text, ""
    head = text.split("\n", _MOST_LINES)
    return "\n".join(head[:-1]), head[-1].strip("\n")


def _not_signed(block: Block) -> Block:
    return replace(block, kind="text") if block.kind == "signature" else block


def snippet(text: str) -> str:
    """The first words the writer says, on one line, at most 200 characters; the quote's if there are no others."""
    found = blocks(text[:_HEAD])
    words = " ".join(block.text for block in found if block.kind == "text")
    return _short(words) or _short(" ".join(_quoted_words(found)))


def snippet_from_source(header: bytes, head: bytes) -> str:
    """First words of a message of which only the header and the beginning of the body are at hand; "" for none.

    head: the first octets of BODY[TEXT]; whatever they cut in two is read as far as it goes.
    """
    _, root = mime.parse(header.rstrip(b"\r\n") + b"\r\n\r\n" + head[:_HEAD])
    shown = parts.choose(root)
    for part in (shown.text, shown.html, *shown.more):
        if part is None:
            continue
        text = parts.text_of(part, b"")
        words = _short(_words_of_html(text)) if part.type == "text/html" else snippet(text)
        if words:
            return words
    return ""


def _unmarked_quote(found: Sequence[Line]) -> tuple[int, bool]:
    """Index of the line where a quote without marks begins, the length of the text when there is none; and whether
    nothing may fold: the writer passes a message on, or says nothing besides it.
    """
    own = [line.text if line.depth == 0 else "" for line in found]
    said_something = False
    for index, line in enumerate(own):
        if not line.strip():
            continue
        if quotes.is_forwarded(line):
            return len(found), True
        if quotes.is_original(own, index) or _introduces(found, own, index):
            return (_below_words(own, index), False) if said_something else (len(found), True)
        said_something = said_something or not quotes.is_rule(line)
    return len(found), False


def _introduces(found: Sequence[Line], own: Sequence[str], index: int) -> bool:
    """A sentence such as "On Monday, Bob wrote:" with a quote below that has no marks."""
    below = index + quotes.unmarked(own, index)
    if below == index:
        return False
    following = next((found[at] for at in range(below, len(found)) if found[at].text.strip()), None)
    return following is not None and following.depth == 0


def _below_words(own: Sequence[str], index: int) -> int:
    """The line that programs draw above a quote belongs to it."""
    while index and (not own[index - 1].strip() or quotes.is_rule(own[index - 1])):
        index -= 1
    return index


def _grouped(found: Sequence[Line], level: int) -> list[Block]:
    """Lines at `level` and quotes above it, in order. Beyond the budgets the rest is one text."""
    out: list[Block] = []
    runs = [list(run) for _, run in groupby(_bridged(found, level), key=lambda line: line.depth > level)]
    before: list[str] = []
    for count, run in enumerate(runs):
        if count >= _MOST_RUNS or level >= _DEEPEST:
            before += [line.text for rest in runs[count:] for line in rest]
            break
        if run[0].depth <= level:
            before = [line.text for line in run]
            continue
        cut = len(before) - quotes.attribution(before)
        out += _own(before[:cut], level)
        out.append(Block("quote", _trimmed(before[cut:]), tuple(_grouped(run, level + 1))))
        before = []
    return out + _own(before, level)


def _bridged(found: Sequence[Line], level: int) -> list[Line]:
    """Blank lines between two quoted ones belong to the quote: some programs forget to mark them."""
    out: list[Line] = []
    blank: list[Line] = []
    for line in found:
        if line.depth <= level and not line.text.strip():
            blank.append(line)
            continue
        quoted = bool(out) and out[-1].depth > level and line.depth > level
        out += [Line(line.depth, "") for _ in blank] if quoted else blank
        out.append(line)
        blank = []
    return out + blank


def _own(texts: list[str], level: int) -> list[Block]:
    """A run of unquoted lines: text, and a signature when the writer of the whole message put one there."""
    at = _signature(texts) if level == 0 else len(texts)
    text, signature = _trimmed(texts[:at]), _trimmed(texts[at + 1 :])
    found = [Block("text", text)] if text else []
    return [*found, Block("signature", signature)] if signature else found


def _signature(texts: list[str]) -> int:
    if SIGNATURE in texts:
        return texts.index(SIGNATURE)
    for index in range(len(texts) - 1, max(-1, len(texts) - 1 - _SHORT_SIGNATURE), -1):
        if texts[index].rstrip() == "--":
            return index
    return len(texts)


def _folded(found: list[Block]) -> list[Block]:
    if not any(block.kind == "text" for block in found):
        return found
    for index in range(len(found) - 1, -1, -1):
        if found[index].kind == "text":
            break
        if found[index].kind == "quote":
            found[index] = replace(found[index], folded=True)
    return found


def _trimmed(texts: Sequence[str]) -> str:
    return "\n".join(text.rstrip() for text in texts).strip("\n")


def _quoted_words(found: Sequence[Block]) -> list[str]:
    waiting, words = list(reversed(found)), list[str]()
    while waiting:
        block = waiting.pop()
        words.append(block.text if block.kind == "text" else "")
        waiting.extend(reversed(block.children))
    return words


# --- words without markup -------------------------------------------------------------------------------------------

_UNREAD: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<(style|script|head|title|svg)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL
)
_TAG: Final = re.compile(r"<[a-zA-Z/!?][^<>]*(?:>|$)?")
_INLINE_TAG: Final = re.compile(
    r"</?(?:a|b|i|u|em|strong|span|font|sup|sub|small|big|abbr|wbr)\b[^<>]*>", re.IGNORECASE
)
_LINK: Final = re.compile(
    r"[<\[(]\s*(?:https?|mailto):[^\s<>\[\]()]*\s*[>\])]|\[(?:image|cid):[^\]]{0,200}\]", re.IGNORECASE
)
_URL: Final = re.compile(r"https?://\S{60,}")
_RULE: Final = re.compile(r"[-_=*~#+.\u2500-\u257f]{4,}")


def _words_of_html(source: str) -> str:
    """Readable words of a piece of HTML, for a snippet that is escaped like any text; nothing else may rely on it."""
    text = _INLINE_TAG.sub("", _UNREAD.sub(" ", source[: 4 * _HEAD]))
    return html.unescape(_TAG.sub(" ", text))


def _short(text: str) -> str:
    plain = clean_line(_RULE.sub(" ", _URL.sub(" ", _LINK.sub(" ", text))))
    if len(plain) <= LONGEST_SNIPPET:
        return plain
    cut = plain[:LONGEST_SNIPPET]
    return cut.rpartition(" ")[0] if " " in cut[LONGEST_SNIPPET // 2 :] else cut
