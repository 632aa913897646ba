"""Where a link may lead (R6). A URL is read as a browser reads it (URL Standard 4.4) and written anew."""

from __future__ import annotations

import re
from typing import NamedTuple

from .rules import MAX_URL

_EDGES = "".join(map(chr, range(0x21)))
_DROPPED = re.compile("[\t\n\r]")
_WEB = re.compile(r"(https?):[/\\]*([^/\\?#]*)(.*)", re.IGNORECASE | re.DOTALL | re.ASCII)
# One that is written as it stands; most are.
_CANONICAL = re.compile(r"https?://([a-z0-9](?:[a-z0-9._~\-]*[a-z0-9_~\-])?)(?:[/?#][!#-;=?-\[\]_a-z~]*+)?")
_MAILTO = re.compile(r"mailto:(.*)", re.IGNORECASE | re.DOTALL)
_TEL = re.compile(r"tel:([0-9A-Za-z+().\-*#,;=% ]{1,100})", re.IGNORECASE)
_SCRIPT = re.compile(r"(?:javascript|vbscript|livescript|mocha):", re.IGNORECASE)
_UNSAFE = re.compile('[\x00-\x20"<>\\\\^`{|}\x7f-\x9f\u00a0\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]')
_SAFE = re.compile(r"[!#-;=?-\[\]_a-z~]*+")  # nothing of _UNSAFE, and quick to see
_HOST = re.compile(r"[a-z0-9._~\-]+|\[[0-9a-f:.]+\]")
# Without http:// or www. only under the best known ends: "report.py" and "readme.md" are hosts as well.
_LOOKS_LIKE_HOST = re.compile(
    r"(?:https?://(?:[^\s/@]*@)?|(?=www\.)|(?=[\w.\-]+\.(?:com|net|org|edu|gov|info|biz)(?:[:/?#]|$)))"
    r"((?:[\w\-]{1,63}\.){1,8}[^\W\d_]{2,24})(?::\d+)?(?:[/?#]\S*)?",
    re.IGNORECASE,
)


class Web(NamedTuple):
    """An http or https address: url is canonical ASCII-safe text, host lower case and in punycode (RFC 3492)."""

    url: str
    host: str


def stripped(value: str) -> str:
    """As the URL parser does before all else: spaces and controls off both ends, tab and newline out of the middle."""
    value = value.strip(_EDGES)
    return value if value.isprintable() else _DROPPED.sub("", value)


def web(value: str) -> Web | None:
    """value as an absolute http(s) address; '//host/x' counts as https. None for anything else."""
    if (canonical := _CANONICAL.fullmatch(value)) and len(value) <= MAX_URL:
        return Web(value, canonical[1])
    value = stripped(value)
    if value[:1] in ("/", "\\") and value[1:2] in ("/", "\\"):
        value = "https:" + value
    found = _WEB.fullmatch(value)
    if found is None or len(value) > MAX_URL:
        return None
    scheme, authority, rest = found.groups()
    user, at, host_port = authority.rpartition("@")
    host, colon, port = _split_port(host_port)
    host = _ascii(host)
    if not _HOST.fullmatch(host) or (port and not (port.isascii() and port.isdigit())):
        return None
    if rest[:1] == "\\":
        rest = "/" + rest[1:]
    where = f"{_quoted(user)}{at}{host}{colon}{port}"
    return Web(f"{scheme.lower()}://{where}{_quoted(rest)}", host)


def link(value: str) -> str | None:
    """What to write into href, or None: only http, https, mailto and tel lead anywhere."""
    return target(value)[0]


def target(value: str) -> tuple[str | None, str]:
    """The same, with the host that it leads to, "" where there is none."""
    if (canonical := _CANONICAL.fullmatch(value)) and len(value) <= MAX_URL:
        return value, canonical[1]
    value = stripped(value)
    if len(value) > MAX_URL:
        return None, ""
    if _WEB.match(value) or value.startswith("//"):
        found = web(value)
        return (found.url, found.host) if found else (None, "")
    if mail := _MAILTO.fullmatch(value):
        return "mailto:" + _quoted(mail[1]), ""
    if tel := _TEL.fullmatch(value):
        return "tel:" + _quoted(tel[1]), ""
    return None, ""


def is_script(value: str) -> bool:
    return _SCRIPT.match(stripped(value)) is not None


def shown_host(text: str) -> str | None:
    """The host that a link's text claims to lead to, when the text looks like an address."""
    found = _LOOKS_LIKE_HOST.fullmatch(text.strip()[:2000])
    return _ascii(found[1]) if found else None


def same_site(one: str, other: str) -> bool:
    """Equal, or one below the other ('www.shop.example', 'shop.example')."""
    return one == other or one.endswith("." + other) or other.endswith("." + one)


def _split_port(host_port: str) -> tuple[str, str, str]:
    if host_port.endswith("]"):
        return host_port, "", ""
    host, colon, port = host_port.rpartition(":")
    return (host, colon, port) if colon else (host_port, "", "")


def _ascii(host: str) -> str:
    """Punycode: letters of another alphabet cannot pass for ours (R6). Unreadable: as it is, and refused later."""
    host = host.lower().rstrip(".")
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _quoted(text: str) -> str:
    if _SAFE.fullmatch(text):
        return text
    return _UNSAFE.sub(lambda found: "".join(f"%{octet:02X}" for octet in found.group().encode()), text)
