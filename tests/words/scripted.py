"""A small reader of scripts that finds words which nobody can translate, because they are not marked."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)|"(?P<text>(?:[^"\\\n]|\\.)*)"|'(?P<single>(?:[^'\\\n]|\\.)*)'|(?P<tick>`)"""
    r"""|(?P<slash>/)|(?P<open>\{)|(?P<close>\})|(?P<code>[^"'`/{}]+)""",
    re.S,
)
_PATTERN = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")
_BEFORE_PATTERN = re.compile(r"(?:^|[(,=:\[!&|?{};+>]|\breturn)\s*$")
_PIECE = re.compile(r"(?P<piece>(?:[^`\\$]|\\.|\$(?!\{))*)(?P<end>`|\$\{)", re.S)

_NAME = re.compile(r"[a-z-]*")
_MARKED = re.compile(r'(?<![\w.$])(?:_\(|ngettext\((?:"",)?)\s*$')
_WORDS = re.compile(
    r"^[^\w\\]*[A-Z][a-z]+(?:$|[ ,.:;!?’…])|[^\W\d_]{2},? [^\W\d_]{2,}[,.]? [^\W\d_]{2}"
    r"|^[:,]? [a-z]{3,}[.,]?(?: |$)"
)
"""What looks like words anywhere: a capital, or three of them in a row, or one that goes on behind something."""
_LETTERS = re.compile(r"[^\W\d_]{2}")
_SHOWN = re.compile(
    r"(?:\b(?:textContent|title|placeholder|data|ariaLabel) \+?= (?:[^;]* [?:] )?"
    r"|(?<!body\.|data\.)\b(?:say|words|append|prepend|before|after|replaceChildren)\((?:[^()]*, )?(?:[^()]* [?:] )?"
    r'|\bsetAttribute\("aria-label", '
    r'|\belement\("[\w-]*", [^(),]+, (?:[^()]*, )*)$'
)
"""Code behind which any word is one that is seen."""
_UNSEEN = re.compile(
    r"(?:===|!==|\bcase|\bin) $|\belement\(\"[\w-]*\", [^,()]*$"
    r"|\b(?:querySelector|querySelectorAll|matches|closest|setRequestHeader|replace|includes)(?:\?\.)?\($"
)
"""Code behind which no word is seen: comparisons, classes, selectors, names."""
_KEYS = re.compile(
    r"(?:Enter|Space|Esc|Escape|Backspace|Delete|Tab|Home|End|(?:Ctrl|Control|Alt|Shift|Meta)(?:$|[+-]))"
)
"""Names of keys, which keyboards have in English."""
SAME = {"Latin", "Cyrillic", "Greek", "Armenian", "Hebrew", "Arabic", "; Secure"}
"""No words for readers."""


def in_script(source: str) -> list[str]:
    """The texts that look like words and are in no mark."""
    return [text for text, before in _texts(source) if _is_seen(text, before) and text not in SAME]


def _is_seen(text: str, before: str) -> bool:
    if _MARKED.search(before) or _UNSEEN.search(before) or _KEYS.match(text):
        return False
    return bool(_WORDS.search(text) or (_SHOWN.search(before) and _LETTERS.search(text)))


def _texts(source: str) -> Iterator[tuple[str, str]]:
    """Each text, and of templates each piece, with the code before it, in which other texts than names are empty."""
    at, code = 0, ""
    templates: list[int] = []  # how many braces are open in each ${} that we are in
    while at < len(source):
        token = _TOKEN.match(source, at)
        assert token, source[at : at + 40]
        at = token.end()
        if token["comment"] is not None:
            continue
        if token["slash"]:
            pattern = _PATTERN.match(source, at - 1) if _BEFORE_PATTERN.search(code) else None
            at = pattern.end() if pattern else at
            code += "/"
        elif token["text"] is not None or token["single"] is not None:
            text = token["text"] or token["single"] or ""
            yield text, code[-200:]
            code += f'"{text if _NAME.fullmatch(text) else ""}"'
        elif token["tick"] or (token["close"] and templates and templates[-1] == 0):
            if token["close"]:
                templates.pop()
            piece = _PIECE.match(source, at)
            assert piece, source[at : at + 40]
            yield piece["piece"], code[-200:]
            at = piece.end()
            if piece["end"] == "${":
                templates.append(0)
                code += " "
            else:
                code += '""'
        else:
            if templates and (token["open"] or token["close"]):
                templates[-1] += 1 if token["open"] else -1
            code += token[0]
