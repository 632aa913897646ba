"""Leaving a mailing list: what the header offers (RFC 2369 3.2, RFC 8058), and what of it may be believed."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from webmail.mail import address, authentication
from webmail.mail.headers import Headers
from webmail.mail.names import clean_line

BODY: Final = b"List-Unsubscribe=One-Click"
"""RFC 8058 3.1: the whole body of the POST."""

_URI: Final = re.compile(r"<\s*([^<>]{1,4000})>")
_NEEDED: Final = {"list-unsubscribe", "list-unsubscribe-post"}
_MOST: Final = 10


@dataclass(frozen=True, slots=True)
class Letter:
    """A mailto: URI as a letter (RFC 6068): to, subject and body only (R21)."""

    to: str
    subject: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """url: an https page, or "". host: of it. one_click: url may be posted to. letter: the offered mailto:, or None."""

    url: str = ""
    host: str = ""
    one_click: bool = False
    letter: Letter | None = None


def offer(header: Headers, trusted: Collection[str]) -> Offer | None:
    """How this message offers to leave its list; None when it does not. trusted: the administrator's authserv-ids."""
    raw = (header.value("list-unsubscribe") or "")[:8000]
    uris = [re.sub(r"\s", "", found) for found in _URI.findall(raw)][:_MOST]
    url = next((uri for uri in uris if _host(uri)), "")
    letter = next((found for uri in uris if (found := _letter(uri)) is not None), None)
    if not url and letter is None:
        return None
    return Offer(url, _host(url), bool(url) and _one_click(header, trusted), letter)


def _one_click(header: Headers, trusted: Collection[str]) -> bool:
    """RFC 8058 4: both fields, once each, under a signature that our own server found valid."""
    if any(len(header.all(name)) != 1 for name in _NEEDED):
        return False
    if (header.value("list-unsubscribe-post") or "").replace(" ", "").lower() != BODY.decode().lower():
        return False
    signed = authentication.signatures(header)
    for result in authentication.results(header, trusted):
        if result.method == "dkim" and result.outcome == "pass" and result.properties.get("header.d"):
            beginning = result.properties.get("header.b", "")
            own = [tags for tags in signed if tags.get("d", "").lower() == result.domain]
            # Which of several signatures of one domain was valid only header.b tells (RFC 6008); else all must cover.
            if beginning:
                own = [tags for tags in own if re.sub(r"\s", "", tags.get("b", "")).startswith(beginning)]
            if own and all(_names(tags.get("h", "")) >= _NEEDED for tags in own):
                return True
    return False


def _names(fields: str) -> set[str]:
    return {name.strip().lower() for name in fields.split(":")}


def _host(uri: str) -> str:
    """The host of an https URL that names one and nothing before it, else ""."""
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return ""
    plain = uri.isascii() and uri.isprintable() and not re.search(r"[\\\"`{}|^]", uri)
    return host if parts.scheme == "https" and plain and "@" not in parts.netloc and "." in host else ""


def _letter(uri: str) -> Letter | None:
    if uri[:7].lower() != "mailto:":
        return None
    path, _, query = uri[7:].partition("?")
    try:
        pairs = parse_qsl(query.replace("+", "%2B"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return None
    wanted = {key.lower(): value for key, value in reversed(pairs)}
    to = clean_line(unquote(path)) or clean_line(wanted.get("to", ""))
    if not address.valid(to):
        return None
    body = "\n".join(clean_line(line) for line in wanted.get("body", "")[:2000].splitlines())
    return Letter(to, clean_line(wanted.get("subject", ""))[:500], body)
