"""Mailboxes: the tree, its roles (RFC 6154) and how a raw name is shown."""

from __future__ import annotations

import re
from binascii import Error as NotBase64
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Final, Literal, cast

from webmail.errors import BadFolderName, UnsafeText
from webmail.mail.ids import MailboxName
from webmail.mail.names import clean_line
from webmail.mail.wellknown import WELL_KNOWN


class Role(StrEnum):
    """Special use of a mailbox; INBOX is one too, because the reader treats it so."""

    INBOX = "inbox"
    DRAFTS = "drafts"
    SENT = "sent"
    ARCHIVE = "archive"
    JUNK = "junk"
    TRASH = "trash"
    ALL = "all"
    FLAGGED = "flagged"


Owner = Literal["self", "others", "shared"]


@dataclass(frozen=True, slots=True)
class Namespaces:
    """Where names begin (RFC 2342). prefix, delimiter: of one's own mailboxes, "" or "INBOX.". others, shared: of those
    of other people, and of those that belong to nobody in particular."""

    prefix: str = ""
    delimiter: str | None = None
    others: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()

    def owner(self, name: MailboxName) -> Owner:
        """Whose mailbox it is; the root of a namespace is listed without its last delimiter."""
        for kind, prefixes in (("others", self.others), ("shared", self.shared)):
            if any(name.startswith(prefix) or name == prefix[:-1] for prefix in prefixes):
                return cast(Owner, kind)
        return "self"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One line of LIST, with STATUS where it was cheap.

    delimiter: None for a flat name. attributes: lower case, with the backslash ("\\\\noselect").
    messages, unseen: None when unknown. owner: whose it is.
    """

    name: MailboxName
    delimiter: str | None
    attributes: frozenset[str] = frozenset()
    role: Role | None = None
    messages: int | None = None
    unseen: int | None = None
    owner: Owner = "self"

    @property
    def selectable(self) -> bool:
        """False for a \\Noselect or \\NonExistent name that only holds children."""
        return not self.attributes & {"\\noselect", "\\nonexistent"}

    @property
    def subscribed(self) -> bool:
        """Known only where LIST can say it (RFC 5258)."""
        return "\\subscribed" in self.attributes

    @property
    def path(self) -> tuple[str, ...]:
        """Decoded components from the root down, for display; at least one."""
        return _path(self.name, self.delimiter)

    @property
    def title(self) -> str:
        """The last component, decoded."""
        return self.path[-1]


@lru_cache(20_000)
def _path(name: MailboxName, delimiter: str | None) -> tuple[str, ...]:
    """Somebody has ten thousand of them, on every page."""
    pieces = name.split(delimiter) if delimiter else [name]
    decoded = (clean_line(decode_name(MailboxName(piece))) or piece for piece in pieces if piece)
    return tuple(decoded) or (name,)


# --- modified UTF-7 (RFC 3501 5.1.3) --------------------------------------------------------------------------------

_SHIFTED: Final = re.compile(r"&([^-]*)-")
_FOREIGN: Final = re.compile(r"[^\x20-\x7e]+")


def decode_name(name: MailboxName) -> str:
    """Text of a raw mailbox name, for display. One that breaks the encoding is shown raw (as UTF-8 if it is that)."""
    try:
        raw = name.encode("latin-1")
        if not raw.isascii():
            return raw.decode("utf-8")  # servers that send UTF-8 unasked
        text = _SHIFTED.sub(lambda run: _unshift(run[1]) if run[1] else "&", name)
        sound = encode_name(text) == name
    except (UnicodeError, NotBase64, UnsafeText):
        return name
    return text if sound else name


def encode_name(text: str) -> MailboxName:
    """Raw name for text that a person typed. Raises UnsafeText on CR, LF, NUL (R9) and on lone surrogates."""
    if re.search("[\r\n\0\ud800-\udfff]", text):
        raise UnsafeText
    return MailboxName(_FOREIGN.sub(lambda run: f"&{_shift(run[0])}-", text.replace("&", "&-")))


def _shift(text: str) -> str:
    return b2a_base64(text.encode("utf-16-be"), newline=False).decode("ascii").rstrip("=").replace("/", ",")


def _unshift(letters: str) -> str:
    padded = letters.replace(",", "/") + "=" * (-len(letters) % 4)
    return a2b_base64(padded, strict_mode=True).decode("utf-16-be")


_LONGEST_TITLE: Final = 200
"""Octets of one component as it is on the wire; file systems behind servers end at 255."""


def leaf(title: str, delimiter: str | None) -> str:
    """One component of a raw name from what a person typed. Raises BadFolderName."""
    text = " ".join(title.split())
    if not text:
        raise BadFolderName("empty")
    if delimiter and delimiter in text:
        raise BadFolderName("delimiter", delimiter)
    if not text.isprintable() or text in (".", ".."):
        raise BadFolderName("letters")
    name = encode_name(text)
    if len(name) > _LONGEST_TITLE:
        raise BadFolderName("long")
    # LIST takes these for patterns: such a name could be made, and never be found again.
    if set(name) & set("%*"):
        raise BadFolderName("delimiter", "% or *")
    return name


def parent(mailbox: Mailbox) -> str:
    """What stands before the last component, with the delimiter; "" at the top."""
    cut = mailbox.name.rfind(mailbox.delimiter) + 1 if mailbox.delimiter else 0
    return mailbox.name[:cut]


def is_top(mailbox: Mailbox) -> bool:
    """Not in another folder; some servers keep everything below INBOX, which then is no other folder."""
    mark = mailbox.delimiter
    return mark is None or mark not in mailbox.name.removeprefix(f"INBOX{mark}")


def child(above: Mailbox, component: str) -> MailboxName:
    """A name in that mailbox. Raises BadFolderName where nothing can lie in it."""
    if above.delimiter is None or "\\noinferiors" in above.attributes:
        raise BadFolderName("flat")
    return MailboxName(above.name + above.delimiter + component)


DRAWER: Final = "Pennypost settings"
"""The folder of the account's settings, where the server keeps no notes beside the mail. Its name tells another mail
program what it is, and nobody calls a folder of mail so."""


def is_drawer(mailbox: Mailbox) -> bool:
    """Whether this is that folder: at the top, or one step below it (some servers want everything below INBOX)."""
    above = mailbox.name.removesuffix(DRAWER)
    if above in ("", mailbox.name):
        return not above
    return mailbox.delimiter is not None and above.find(mailbox.delimiter) == len(above) - 1


TEMPLATES: Final = "Templates"


def is_templates(mailbox: Mailbox) -> bool:
    """Whether letters are begun from the messages of this folder: by its name alone, for there is no attribute."""
    return mailbox.selectable and _plain_title(mailbox) == TEMPLATES.lower()


# --- roles ----------------------------------------------------------------------------------------------------------

_ATTRIBUTES: Final = {
    "\\drafts": Role.DRAFTS, "\\sent": Role.SENT, "\\archive": Role.ARCHIVE, "\\junk": Role.JUNK,
    "\\trash": Role.TRASH, "\\all": Role.ALL, "\\allmail": Role.ALL, "\\flagged": Role.FLAGGED,
    "\\starred": Role.FLAGGED, "\\spam": Role.JUNK, "\\inbox": Role.INBOX,
}  # fmt: skip

_PREFIXES: Final = (("inbox",), ("[gmail]",), ("[google mail]",))


def assign_roles(mailboxes: Iterable[Mailbox]) -> tuple[Mailbox, ...]:
    """The same mailboxes in the same order, each role on exactly one of them at most.

    INBOX by its name in any case (RFC 9051 5.1); then the special-use attribute; then well-known names, at the top or
    just below INBOX. The first wins; one that cannot be selected gets none, nor does what belongs to others.
    """
    given = [replace(mailbox, role=None) for mailbox in mailboxes]
    taken: dict[Role, int] = {}
    for index, mailbox in enumerate(given):
        if mailbox.name.upper() == "INBOX":
            taken.setdefault(Role.INBOX, index)
    for index, mailbox in enumerate(given):
        role = next((_ATTRIBUTES[mark] for mark in sorted(mailbox.attributes) if mark in _ATTRIBUTES), None)
        if role is not None and mailbox.owner == "self" and mailbox.selectable and index not in taken.values():
            taken.setdefault(role, index)
    _by_name(given, taken)
    roles = {index: role for role, index in taken.items()}
    return tuple(replace(mailbox, role=roles.get(index)) for index, mailbox in enumerate(given))


def _by_name(given: list[Mailbox], taken: dict[Role, int]) -> None:
    candidates: dict[str, int] = {}
    for index, mailbox in enumerate(given):
        key = _plain_title(mailbox)
        if key is not None and mailbox.owner == "self" and mailbox.selectable and index not in taken.values():
            candidates.setdefault(key, index)
    for word, names in WELL_KNOWN.items():
        if (role := Role(word)) not in taken:
            found = next((candidates[name.lower()] for name in names if name.lower() in candidates), None)
            if found is not None:
                taken[role] = found


def _plain_title(mailbox: Mailbox) -> str | None:
    """Lower-case name of a mailbox that stands at the top or just below INBOX; None for any deeper one."""
    path = tuple(component.lower() for component in mailbox.path)
    if len(path) == 2 and path[:1] in _PREFIXES:
        return path[1]
    return path[0] if len(path) == 1 else None
