"""A file as a tile: what the message page lists and the compose page keeps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from flask import url_for

from webmail.mail.ids import MessageRef
from webmail.mail.message import Part
from webmail.mail.parts import download_name
from webmail.mail.tnef import is_tnef
from webmail.web import filters
from webmail.web.words import _

_COLOURS: Final = {"image": 4, "text": 7, "audio": 5, "video": 6, "message": 0}
_KINDS: Final = {"application/pdf": 3, "application/zip": 2}


@dataclass(frozen=True, slots=True)
class File:
    """A tile. kind: up to four letters ("PDF"). colour: 0..7. url: opens in a tab where safe, else downloads.

    about: what it is, where its name would not tell; else "".
    """

    name: str
    kind: str
    colour: int
    size: str
    url: str
    download_url: str
    about: str = ""


def tile(part: Part, url: str, download_url: str) -> File:
    """The tile of a part."""
    return File(name_of(part), kind_of(part), colour_of(part), size_of(part), url, download_url)


def tile_in(ref: MessageRef, part: Part) -> File:
    """The tile of a part of a message on the server. A message opens as a message, a winmail.dat as what is inside."""
    where: dict[str, Any] = {"mailbox": ref.mailbox, "pick": ref, "part_id": part.id}
    if is_tnef(part):
        found = tile(part, url_for("winmail.show", **where), url_for("part.show", **where, dl=1))
        return replace(found, about=_("from Outlook, opens here"))
    opens = "inner.show" if part.type.startswith("message/") and part.children else "part.show"
    return tile(part, url_for(opens, **where), url_for("part.show", **where, dl=1))


def name_of(part: Part) -> str:
    """Its file name, or what it is."""
    usual = {"text/calendar": "invitation.ics", "message/rfc822": "message.eml"}
    return part.filename or usual.get(part.type) or download_name(part)


def kind_of(part: Part) -> str:
    """Extension or subtype in capitals."""
    if part.type in ("message/rfc822", "message/global"):
        return "MAIL"
    ending = name_of(part).rpartition(".")[2] if "." in name_of(part) else part.type.partition("/")[2]
    return "".join(c for c in ending if c.isalnum())[:4].upper() or "FILE"


def colour_of(part: Part) -> int:
    """One of the eight tints."""
    return _KINDS.get(part.type, _COLOURS.get(part.type.partition("/")[0], 1))


def size_of(part: Part) -> str:
    """Decoded size; base64 carries three octets in four letters, and line ends besides (RFC 2045 6.8)."""
    if part.content is not None:
        return filters.size_text(len(part.content))
    return filters.size_text(part.size * 57 // 78 if part.encoding == "base64" else part.size)
