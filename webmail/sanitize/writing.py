"""How HTML is written for the gate: as html5ever writes it, so that orderly mail comes back byte for byte."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

REL: Final = "noopener noreferrer nofollow"
_LINK: Final = f' target="_blank" rel="{REL}"'
_HARMLESS = re.compile(r"[!#-%'-;=?-~ ]*+")  # ASCII without & < > and "


def escaped(text: str) -> str:
    """Text between tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\xa0", "&nbsp;")


def tag(name: str, written: Mapping[str, str]) -> str:
    """A start tag. written: attributes in their order, not escaped."""
    if not written:
        return f"<{name}{_LINK}>" if name == "a" else f"<{name}>"
    text = "".join([f' {key}="{_quoted(value)}"' for key, value in written.items()])
    return f"<{name}{text}{_LINK if name == 'a' else ''}>"


def ordered(written: Mapping[str, str]) -> dict[str, str]:
    """href first, then by name, style last: the order of every tag here."""
    return {key: written[key] for key in sorted(written, key=lambda key: (key == "style", key != "href", key))}


def _quoted(value: str) -> str:
    if _HARMLESS.fullmatch(value):
        return value
    return escaped(value).replace('"', "&quot;")
