"""Style sheets joined into one for a kind of page, without comments and needless white space."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.S)
_TEXT: Final = re.compile(r"""[^"']+|"[^"]*"|'[^']*'""")
_LOOSE: Final = re.compile(r" *([{};,>]) *")
_END: Final = re.compile(r"([{};,])\n")
_CALL: Final = re.compile(r"sheet_url\(([^)]*)\)")
_NAME: Final = re.compile(r'"(\w+)"')


def named(templates: Path) -> frozenset[str]:
    """The sheets that the heads of pages ask for: "base+mailbox"."""
    calls = (found for path in templates.rglob("*.html") for found in _CALL.findall(path.read_text("utf-8")))
    return frozenset("+".join(_NAME.findall(call)) for call in calls)


def joined(name: str, sources: Mapping[str, str]) -> str:
    """These sources, in this order. name: "base+mailbox"."""
    return "".join(lean(sources[part]) for part in name.split("+"))


def lean(text: str) -> str:
    """The same rules in fewer characters; a text between quotes stays as it is."""
    lines = (line.strip() for line in _COMMENT.sub("", text).splitlines())
    whole = "\n".join(_TEXT.sub(_close, line) for line in lines if line)
    return _END.sub(r"\1", whole.replace(";\n}", "}") + "\n")


def _close(piece: re.Match[str]) -> str:
    """No white space where it says nothing. Around + and - it does (calc), and before a colon (a descendant)."""
    if piece[0][0] in "\"'":
        return piece[0]
    return _LOOSE.sub(r"\1", piece[0]).replace(": ", ":").replace(";}", "}")
