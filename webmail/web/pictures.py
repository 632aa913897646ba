"""Remote pictures of a letter, numbered: the address in our page tells a number, never where the picture lies.

Whoever has no such letter and no consent gets nothing fetched, so this is no proxy for strangers (R23).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flask import url_for

from webmail.mail.ids import MessageRef
from webmail.web import consent, converters, session
from webmail.web.services import services
from webmail.web.words import language

_ENTRY = 200


@dataclass(slots=True)
class Remotes:
    """What clean() is given as `remote`: address -> our path."""

    ref: MessageRef
    _numbers: dict[str, int] = field(default_factory=dict)

    def __call__(self, url: str) -> str:
        number = self._numbers.setdefault(url, len(self._numbers))
        if not services().settings.image_proxy:
            return url
        ref = self.ref
        return url_for("image.show", mailbox=ref.mailbox, pick=ref, number=number, images=consent.token(ref))

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses by their number."""
        return tuple(self._numbers)

    def hosts(self) -> list[str]:
        """Where they lie, one for each."""
        return [urlsplit(url).hostname or "" for url in self._numbers]


def keep(ref: MessageRef, images: bool, body: Any, html: str, remotes: Remotes | None) -> None:
    """A cleaned body, for the frame and the pictures that follow its page."""
    urls = remotes.urls if remotes else ()
    size = len(html) + sum(len(url) + _ENTRY for url in urls)
    services().drawn.put(_key(ref, images), (body, urls), size)


def kept(ref: MessageRef, images: bool) -> tuple[Any, tuple[str, ...]] | None:
    """The body and the addresses of its pictures, unless it made room for others."""
    found: tuple[Any, tuple[str, ...]] | None = services().drawn.get(_key(ref, images))
    return found


def _key(ref: MessageRef, images: bool) -> tuple[str, ...]:
    return (session.current().record_key, converters.ref_to_text(ref), str(images), language().tag)
