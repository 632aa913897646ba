"""How HTML is written for the gate: as html5ever writes it, so that orderly mail comes back byte for byte."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

REL: Final = "noopener noreferrer nofollow"
_LINK: Final = f' target="_blank" rel="{REL}"'
_AS_IT_STANDS = re.compile(r"[^&<>\xa0]*+(?:&(?:amp|lt|gt|nbsp);[^&<>\xa0]*+)*+")


def escaped(text: str) -> str:
    """Text between tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\xa0", "&nbsp;")


def is_written(text: str) -> bool:
    """Whether it would be written as it stands, were it decoded and escaped."""
    if "&" in text:
        return _AS_IT_STANDS.fullmatch(text) is not None
    return "<" not in text and ">" not in text and "\xa0" not in text


def tag(name: str, written: Mapping[str, str]) -> str:
    """A start tag. written: attributes in their order, not escaped."""
    if not written:
        return f"<{name}{_LINK}>" if name == "a" else f"<{name}>"
    text = "".join([f' {key}="{value}"' for key, value in written.items()])
    if "&" in text or "<" in text or ">" in text or "\xa0" in text or text.count('"') != 2 * len(written):
        text = "".join([f' {key}="{_quoted(value)}"' for key, value in written.items()])
    return f"<{name}{text}{_LINK if name == 'a' else ''}>"


def ordered(written: Mapping[str, str]) -> dict[str, str]:
    """href first, then by name, style last: the order of every tag here."""
    return {key: written[key] for key in sorted(written, key=lambda key: (key == "style", key != "href", key))}


def _quoted(value: str) -> str:
    return escaped(value).replace('"', "&quot;")
