"""URL text -> mailbox name, message, part: the gate that everything in a path passes (R9, R34)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from flask import Flask
from werkzeug.routing import BaseConverter, ValidationError

from webmail.mail.ids import MailboxName, MessageRef, PartId, Uid, UidValidity

_MAX_NAME: Final = 1000
_LIMIT: Final = 2**32
_UNSAFE: Final = re.compile("[^A-Za-z0-9_&+ ,-]")


def mailbox_to_url(name: MailboxName) -> str:
    """A path segment for any raw name: octets outside a safe set become ~XX, so that "/" and dots survive routing."""
    return _UNSAFE.sub(lambda found: f"~{ord(found[0]):02X}", name)


def mailbox_from_url(text: str) -> MailboxName:
    """The reverse. Raises ValueError for anything mailbox_to_url does not make, and for CR, LF, NUL."""
    if not text or len(text) > 3 * _MAX_NAME or not text.isascii() or "%" in text:
        raise ValueError("not a folder name")
    name = MailboxName(unquote_to_bytes(text.replace("~", "%")).decode("latin-1"))
    if mailbox_to_url(name) != text or len(name) > _MAX_NAME or re.search("[\0\r\n]", name):
        raise ValueError("not a folder name")
    return name


@dataclass(frozen=True, slots=True)
class Pick:
    """Message in a mailbox that is named elsewhere in the URL or form: "uidvalidity.uid"."""

    uidvalidity: UidValidity
    uid: Uid

    def within(self, mailbox: MailboxName) -> MessageRef:
        """The whole reference."""
        return MessageRef(mailbox, self.uidvalidity, self.uid)


def pick_from_text(text: str) -> Pick:
    """Parse "uidvalidity.uid". Raises ValueError."""
    found = re.fullmatch(r"([1-9][0-9]{0,9})\.([1-9][0-9]{0,9})", text, re.ASCII)
    if not found or not all(int(n) < _LIMIT for n in found.groups()):
        raise ValueError("not a message")
    return Pick(UidValidity(int(found[1])), Uid(int(found[2])))


def picks_from_text(text: str) -> tuple[Pick, ...]:
    """Parse what a row is picked by: "uidvalidity.uid", or for a conversation "uidvalidity.uid,uid,uid". Raises
    ValueError."""
    first, *others = text.split(",")
    pick = pick_from_text(first)
    return (pick, *(pick_from_text(f"{pick.uidvalidity}.{other}") for other in others))


def picks_to_text(uidvalidity: UidValidity, uids: Iterable[Uid]) -> str:
    """The reverse. uids: at least one."""
    return f"{uidvalidity}.{','.join(map(str, uids))}"


def pick_to_text(ref: MessageRef | Pick) -> str:
    """The text of a reference inside its mailbox."""
    return f"{ref.uidvalidity}.{ref.uid}"


def ref_to_text(ref: MessageRef) -> str:
    """A whole reference as form value: "mailbox/uidvalidity.uid"."""
    return f"{mailbox_to_url(ref.mailbox)}/{pick_to_text(ref)}"


def ref_from_text(text: str) -> MessageRef:
    """The reverse. Raises ValueError."""
    mailbox, _, pick = text.rpartition("/")
    return pick_from_text(pick).within(mailbox_from_url(mailbox))


class MailboxConverter(BaseConverter):
    """<mailbox:name>"""

    def to_python(self, value: str) -> MailboxName:
        """A name, or 404."""
        try:
            return mailbox_from_url(value)
        except ValueError:
            raise ValidationError from None

    def to_url(self, value: MailboxName) -> str:
        """A path segment."""
        return quote(mailbox_to_url(value), safe="~&+,")


class PickConverter(BaseConverter):
    """<pick:pick>"""

    regex = r"[0-9]+\.[0-9]+"

    def to_python(self, value: str) -> Pick:
        """A pick, or 404."""
        try:
            return pick_from_text(value)
        except ValueError:
            raise ValidationError from None

    def to_url(self, value: Pick | MessageRef) -> str:
        """A path segment."""
        return pick_to_text(value)


class PartConverter(BaseConverter):
    """<part:part_id>: an IMAP section number."""

    regex = r"[1-9][0-9]{0,3}(?:\.[1-9][0-9]{0,3}){0,50}"

    def to_python(self, value: str) -> PartId:
        """A section number."""
        return PartId(value)


def install(app: Flask) -> None:
    """Make the converters known to the URL map."""
    app.url_map.converters.update(mailbox=MailboxConverter, pick=PickConverter, part=PartConverter)
