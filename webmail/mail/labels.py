"""Labels: keywords (RFC 9051 2.3.2) that a person gave, and what the eye sees of them.

A label is its keyword and nothing besides, so every program sees the same ones. Keywords compare without case and are
ASCII atoms; so a name keeps its ASCII letters and digits, a space becomes "_", and every other octet of its UTF-8 "~"
and two hexadecimal digits. No decoding depends on case.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from webmail.mail.flags import CHOSEN, KEYWORDS, SYSTEM, TAGS
from webmail.mail.names import clean_line

LONGEST: Final = 50
"""Octets of a keyword that we make: Dovecot keeps no longer ones."""

_TINTS: Final = 8
_ATOM: Final = re.compile(r"[!#$&'+,./0-9:;<=>?@A-Z\[^_`a-z|}~-]{1,100}")
_PLAIN: Final = re.compile(r"[A-Za-z0-9.-]")
_CODED: Final = re.compile(r"~([0-9A-Fa-f]{2})")
_NAMES: Final = ("Important", "Work", "Personal", "To Do", "Later")
_COLOURS: Final = (3, 2, 1, 0, 4)
"""Red, orange, green, blue, purple, as Thunderbird has them; numbers of our tints."""

# What programs note for themselves without a "$" before it: nobody's label.
_PRIVATE: Final = frozenset({
    "junk", "nonjunk", "notjunk", "junkrecorded", "receipt-handled", "forwarded", "redirected", "old", "mdnsent",
    "unreadyet", "attachment", "hasattachment", "hasnoattachment", "dtag", "imported", "nil",
    *(flag.lower().removeprefix("\\") for flag in (*SYSTEM, *KEYWORDS, *CHOSEN)),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Label:
    """keyword: as the server spells it. name: for the eye. colour: 0..7."""

    keyword: str
    name: str
    colour: int


def is_label(flag: str) -> bool:
    """Whether this flag is a label: an atom, no system flag, and no mark of a program. "$" begins marks of programs,
    but for Thunderbird's five."""
    if flag.lower() in TAGS:
        return True
    return bool(_ATOM.fullmatch(flag)) and flag[0] not in "$\\" and flag.lower() not in _PRIVATE


def label(keyword: str) -> Label:
    """The label of a keyword for which is_label holds."""
    if keyword.lower() in TAGS:
        place = TAGS.index(keyword.lower())
        return Label(keyword, _NAMES[place], _COLOURS[place])
    return Label(keyword, _name(keyword), zlib.crc32(keyword.lower().encode()) % _TINTS)


def labels(flags: Iterable[str]) -> tuple[Label, ...]:
    """The labels among these flags: Thunderbird's five in their order, then by name."""
    found = (label(flag) for flag in flags if is_label(flag))
    return tuple(sorted(found, key=lambda one: (one.keyword.lower() not in TAGS, _order(one))))


def _order(one: Label) -> str:
    return one.keyword.lower() if one.keyword.lower() in TAGS else one.name.casefold()


def keyword(name: str) -> str:
    """The keyword for a name that a person typed; the name of one of the five gives that one.

    Raises ValueError with one word: "empty", "long", or "taken" (it is a mark of programs).
    """
    wanted = clean_line(name)
    if not wanted:
        raise ValueError("empty")
    folded = [known.casefold() for known in _NAMES]
    if wanted.casefold() in folded:
        return TAGS[folded.index(wanted.casefold())]
    made = "".join(map(_coded, wanted))
    if len(made) > LONGEST:
        raise ValueError("long")
    if not is_label(made):
        raise ValueError("taken")
    return made


def _coded(letter: str) -> str:
    if letter == " ":
        return "_"
    if _PLAIN.fullmatch(letter):
        return letter
    return "".join(f"~{octet:02X}" for octet in letter.encode("utf-8", "replace"))


def _name(coded: str) -> str:
    """The other way; a keyword of another program that is not coded so is shown as it is."""
    octets = _CODED.sub(lambda found: chr(int(found[1], 16)), coded.replace("_", " ")).encode("latin-1")
    try:
        return clean_line(octets.decode("utf-8")) or coded
    except UnicodeDecodeError:
        return coded
