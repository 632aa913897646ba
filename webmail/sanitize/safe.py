"""SafeHtml: the one type that templates print unescaped, and only this room can make it (R29)."""

from __future__ import annotations

from typing import Final

_SEAL: Final = object()


class SafeHtml:
    """HTML that has passed the gate. Immutable; Jinja prints it through __html__, so nobody needs `Markup` or `|safe`.

    Raises TypeError when anything outside webmail.sanitize tries to make one.
    """

    __slots__ = ("_html",)
    _html: str

    def __init__(self, html: str, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("SafeHtml is made by webmail.sanitize only")
        object.__setattr__(self, "_html", html)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("SafeHtml is immutable")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("SafeHtml is immutable")

    def __html__(self) -> str:
        return self._html

    def __str__(self) -> str:
        return self._html

    def __bool__(self) -> bool:
        return bool(self._html)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SafeHtml) and other._html == self._html

    def __hash__(self) -> int:
        return hash(self._html)

    def __repr__(self) -> str:
        return f"SafeHtml({len(self._html)} characters)"

    def __reduce__(self) -> str:
        raise TypeError("SafeHtml cannot be stored and read back: clean again")


def seal(html: str) -> SafeHtml:
    """For this room only: html has just left the gate."""
    return SafeHtml(html, _SEAL)
