"""Mailing lists as their own headers describe them (RFC 2369)."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from webmail.mail import address
from webmail.mail.address import Address
from webmail.mail.headers import Headers
from webmail.mail.names import clean_line

_MAILTO: Final = re.compile(r"<\s*mailto:([^<>?\s]{1,320})[^<>]{0,1000}>", re.IGNORECASE)
_ID: Final = re.compile(r"<\s*([!-;=?-~]{1,255})\s*>[^<>]*$")
_LONGEST: Final = 8000


def post(header: Headers) -> Address | None:
    """Where letters to the whole list go (RFC 2369 3.4); None without a list, or when nobody may write to it (NO).

    Two List-Post fields are none: which of them is the list's own cannot be told.
    """
    values = header.all("list-post")
    if len(values) != 1:
        return None
    found = _MAILTO.search(values[0][:_LONGEST])
    spec = clean_line(unquote(found[1])) if found else ""
    return Address("", spec) if address.valid(spec) else None


def identity(header: Headers) -> tuple[str, str] | None:
    """The list's own name in lower case (RFC 2919 6), and its title for people; None without one."""
    value = (header.get("list-id") or "")[:_LONGEST]
    found = _ID.search(value)
    if found is None:
        return None
    title = clean_line(value[: found.start()]).strip(' "')
    return found[1].lower(), title or found[1]
