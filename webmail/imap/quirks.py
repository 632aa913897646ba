"""Lies and silences of servers that only their name gives away, one named field each.

What a server's answer tells by itself is dealt with where that answer is read: PREVIEW that is NIL (Cyrus), keywords
that are not kept (PERMANENTFLAGS without \\*: pymap, Mailutils).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Quirks:
    """name: what the server is known as here, lower case, or "".

    deaf_in_idle: IDLE is taken, but what other devices do is told late or never: go on asking.
    cuts_wrongly: a part of a header, asked for with <0.n>, is not its beginning but for the first message of an answer.
    not_kept: capabilities that are offered and then not kept; dial takes them off.
    """

    name: str = ""
    deaf_in_idle: bool = False
    cuts_wrongly: bool = False
    not_kept: frozenset[str] = frozenset()


_KNOWN: Final = {
    # 5.0.13: looks at the folder once a minute while idling, and tells of flags not at all.
    "courier": Quirks(deaf_in_idle=True),
    # 2.1.0: tells of new messages only, and refuses ENABLE CONDSTORE once a mailbox is open (RFC 7162 3.1 wants it).
    "hoodiecrow": Quirks(deaf_in_idle=True, cuts_wrongly=True, not_kept=frozenset({"CONDSTORE"})),
    # 3.15: neither new messages nor flags in forty seconds.
    "mailutils": Quirks(deaf_in_idle=True),
}

_GREETINGS: Final = (("courier-imap", "courier"), ("hoodiecrow", "hoodiecrow"))
_BARE: Final = "* ok imap4rev1"
"""All that Mailutils says of itself, anywhere."""


def detect(identity: Mapping[str, str], capabilities: frozenset[str], greeting: bytes = b"") -> Quirks:
    """identity: the server's answer to ID (RFC 2971). capabilities: after login. greeting: its first line.

    Many say nothing in ID; then the greeting tells, and at last what they offer: Courier alone has ACL2=UNION.
    """
    name = identity.get("name", "").strip().lower()
    if not name:
        said = greeting.decode("latin-1").strip().lower()
        name = next((known for words, known in _GREETINGS if words in said), "mailutils" if said == _BARE else "")
    if not name and "ACL2=UNION" in capabilities:
        name = "courier"
    known = _KNOWN.get(name.partition(" ")[0], Quirks())
    return replace(known, name=name)
