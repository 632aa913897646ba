"""The sentences that scripts say, read out of them: _("...") and ngettext("...", "...", n), as in templates."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_CALL: Final = re.compile(r"(?<!function )(?<![\w.$])(?P<name>_|ngettext)\(\s*")
_TEXT: Final = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_NEXT: Final = re.compile(r"\s*,\s*")
_COMMENT: Final = "// Translators:"


class NotWrittenOut(ValueError):
    """A marked text that is put together while the program runs, so no catalogue can have it. str(): where."""


class Mark(NamedTuple):
    """One call. line: from 1. texts: one, or two of a number of things. comments: for translators, above it."""

    line: int
    function: str
    texts: tuple[str, ...]
    comments: list[str]


def marks(source: str) -> Iterator[Mark]:
    """Those of one script. Raises NotWrittenOut."""
    lines = source.splitlines()
    code = "\n".join("" if line.lstrip().startswith(("//", "*", "/*")) else line for line in lines)
    for call in _CALL.finditer(code):
        line = code.count("\n", 0, call.start()) + 1
        texts, at = [], call.end()
        for number in range(2 if call["name"] == "ngettext" else 1):
            between = _NEXT.match(code, at) if number else None
            text = _TEXT.match(code, between.end() if between else at)
            if not text or (number and not between):
                raise NotWrittenOut(f"{line} {lines[line - 1].strip()[:80]}")
            texts.append(json.loads(text[0]))
            at = text.end()
        above = lines[line - 2].strip() if line > 1 else ""
        yield Mark(line, call["name"], tuple(texts), [above[3:]] if above.startswith(_COMMENT) else [])
