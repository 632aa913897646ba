"""A search between two pages: what was typed and where to look, veiled in the address (docs/decisions/0029)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import request, url_for

from webmail.mail.query import LONGEST
from webmail.web import seal, session
from webmail.web.services import services

ALL: Final = ""
ANYWHERE: Final = "*"

MOST: Final = 500
"""Characters that are taken from a field."""


@dataclass(frozen=True, slots=True)
class Asked:
    """text: the query. where: a folder as addresses spell it, ALL, or ANYWHERE, which is Junk and Trash too."""

    text: str
    where: str = ALL


def token(asked: Asked) -> str:
    """For an address of this sign-in."""
    return seal.veil(f"{asked.where}\n{asked.text}", *_keys())


def url(asked: Asked) -> str:
    """The page of what it finds."""
    return url_for("search.show", token=token(asked))


def read(token: str) -> Asked | None:
    """The search; None when it was another sign-in's, or nobody's."""
    try:
        where, _, text = seal.unveil(token[: 8 * LONGEST], *_keys()).partition("\n")
    except seal.SealBroken:
        return None
    return Asked(text, where)


def back() -> str | None:
    """The results that the page of this request was opened from."""
    found = request.args.get("found", "")
    return url_for("search.show", token=found) if found and read(found) is not None else None


def _keys() -> tuple[str, str, str]:
    name = session.key_cookie(services().settings)
    return request.cookies.get(name, ""), services().server_key, session.current().record_key
