"""The formatted body of a draft that another program made: which part of the message it is, whole."""

from __future__ import annotations

from webmail.mail import resend
from webmail.mail.message import Part
from webmail.mail.parts import Shown

_PLAIN = frozenset({"7bit", "8bit", "quoted-printable", "base64"})
"""Transfer encodings that need no extension beyond RFC 6152."""


def body_of(root: Part, shown: Shown) -> Part | None:
    """The part that holds the HTML with all that belongs to it: its pictures, and the same words as text.

    None when it cannot be told from the files of the letter (Apple Mail puts files between paragraphs).
    """
    if shown.html is None or shown.more:
        return None
    part = root
    while part.type == "multipart/mixed":
        part = next(child for child in part.children if _holds(child, shown.html))
    inside = {id(each) for each in part.walk()}
    return None if any(id(file) in inside for file in shown.attachments) else part


def belongings(body: Part) -> tuple[Part, ...]:
    """What is left of such a body when only its words stay: its pictures and other files."""
    leaves = (part for part in body.walk() if not part.children)
    return tuple(part for part in leaves if part.type not in ("text/plain", "text/html"))


def travels(body: Part, octets: bytes) -> bool:
    """Whether such a body can be sent as it lies there. octets: its own, without its header."""
    leaves = (part for part in body.walk() if not part.children)
    return resend.passes(octets) and all(part.encoding in _PLAIN for part in leaves)


def _holds(part: Part, wanted: Part) -> bool:
    return any(each is wanted for each in part.walk())
