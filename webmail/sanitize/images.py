"""May this picture be shown, and if not, why not: each reason has a name (R5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from .blocked import Reason, Tally
from .rules import MAX_DATA_IMAGE
from .urls import stripped, web

_DATA = re.compile(r"data:image/(png|gif|jpe?g|webp)(?:;[a-z0-9=\-]+)*;base64,([a-z0-9+/=]+)", re.IGNORECASE)
_OWN_PATH = re.compile(r"/(?![/\\])[!-~]*")
_TINY = re.compile(r"\s*[0-2](?:\.\d*)?(?:px)?\s*", re.IGNORECASE)
_NOT_PUBLIC = frozenset({"localhost", "local", "internal", "lan", "home", "corp"})
_SRCSET_PART = re.compile(r"[^\s,]\S*")


@dataclass(slots=True)
class Images:
    """Judge of one message's pictures.

    inline: Content-ID (without <>) -> a path on our own host, or None when the message has no such part.
    remote: address of a remote picture -> what to write in its place, a path on our own host or an address; None where
    the reader has not agreed to load any.
    known: paths of ours in a text that has been through the gate, where no stranger's relative address is left.
    own_host: an absolute address there is refused even with consent: it would be a request in the reader's name.
    """

    inline: Callable[[str], str | None]
    remote: Callable[[str], str] | None
    tally: Tally
    own_host: str = ""
    known: frozenset[str] = frozenset()
    issued: set[str] = field(default_factory=set)

    def source(self, attributes: Mapping[str, str], *, hidden: bool) -> str | None:
        """What to write into src of an <img>, or None. hidden: its style or surroundings keep it from being seen."""
        src = stripped(attributes.get("src", ""))
        if not src:
            self.set_of_sources(attributes.get("srcset", ""))
            return None
        if src in self.known:
            self.issued.add(src)
            return src
        if src[:5].lower() == "data:":
            return self._data(src)
        if src[:4].lower() == "cid:":
            return self._part(src[4:])
        return self._remote(src, pixel=hidden or _tiny(attributes))

    def _data(self, src: str) -> str | None:
        found = _DATA.fullmatch(re.sub(r"\s+", "", src))
        if found is None:
            return self._refuse(Reason.BAD_IMAGE)
        if len(src) > MAX_DATA_IMAGE:
            return self._refuse(Reason.TOO_LARGE)
        kind = found[1].lower().replace("jpg", "jpeg")
        return f"data:image/{kind};base64,{found[2]}"

    def _part(self, content_id: str) -> str | None:
        path = self.inline(unquote(content_id).strip().strip("<>"))
        if path is None:
            return self._refuse(Reason.MISSING_IMAGE)
        if not _OWN_PATH.fullmatch(path):
            raise ValueError("inline() must answer a path on our own host")
        self.issued.add(path)
        return path

    def _remote(self, src: str, *, pixel: bool) -> str | None:
        found = web(src)
        if found is None or found.host == self.own_host or not _public(found.host):
            return self._refuse(Reason.BAD_IMAGE)
        if pixel:
            return self._refuse(Reason.TRACKING_PIXEL, found.host)
        if self.remote is None:
            return self._refuse(Reason.REMOTE_IMAGE, found.host)
        target = self.remote(found.url)
        if _OWN_PATH.fullmatch(target):
            self.issued.add(target)
        return target

    def set_of_sources(self, srcset: str) -> None:
        """srcset is never kept; its first remote address is told."""
        for part in _SRCSET_PART.findall(srcset[:2000])[:1]:
            self.elsewhere(part)

    def elsewhere(self, url: str) -> None:
        """A picture named anywhere but in src (background, style, poster) is never loaded, only told."""
        elsewhere(url, self.tally)

    def _refuse(self, reason: Reason, host: str = "") -> str | None:
        self.tally.add(reason, host)
        return None


def elsewhere(url: str, tally: Tally) -> None:
    """As Images.elsewhere, into another account."""
    found = web(url)
    if found is not None:
        tally.add(Reason.REMOTE_IMAGE, found.host)


def _public(host: str) -> bool:
    """A name of the public DNS. A picture at an address or a bare name asks the reader's own network for something."""
    last = host.rpartition(".")[2]
    return "." in host and not host.startswith("[") and last[0:1].isalpha() and last not in _NOT_PUBLIC


def _tiny(attributes: Mapping[str, str]) -> bool:
    """A picture too small to be seen is there to be counted. One long thin side is a ruled line, not a pixel."""
    width, height = attributes.get("width"), attributes.get("height")
    if not (width or height):
        return False
    return (not width or _TINY.fullmatch(width) is not None) and (not height or _TINY.fullmatch(height) is not None)
