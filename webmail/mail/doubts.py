"""What a writer may want to think about once more before a letter goes out. Asking is all: nothing here forbids."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from webmail.mail import address, flowed
from webmail.mail.address import Address

MANY: Final = 20
"""People who see each other's addresses and need no second thought."""

FORWARDED: Final = "---------- Forwarded message ----------"


class Doubt(Enum):
    """Values are the names by which forms and settings call them. Each can be switched off by its writer."""

    MANY = "many"
    STRANGER = "stranger"
    SUBJECT = "subject"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Found:
    """detail: how many people, which addresses, or the word that speaks of a file; "" for the subject."""

    doubt: Doubt
    detail: str = ""


# What speaks of a file in the letter, as whole words; Japanese has no gaps between them, so its word stands below.
_WORDS: Final = {
    "en": r"attach(?:ed|ment|ments|ing)|enclosed",
    "de": r"angehängt\w*|anhang|anhänge|anbei|beigefügt\w*|(?:in\s+der|als)\s+anlage|hänge\s+\w+\s+an",
    "fr": r"ci[- ]joint\w*|pi[èe]ces?[- ]jointes?|en\s+p\.?j\b|joins?\s+(?:le|la|les|un|une|mon|ma)",
    "es": r"adjunt\w+",
    "pl": r"załączni\w+|załącz(?:am|ony|one|ona|eniu)|w\s+załączeniu",
    "uk": r"вкладен\w+|долуч(?:ен\w*|аю)|прикріп\w+|додаю|[ув]\s+додатку",
    "pt": r"anexo\w*|anexad\w+|anexei|em\s+anexo",
    "ar": r"(?:ال)?مرفق\w*|(?:ب|و)?المرفق\w*|أرفق\w*|مرفقات",
    "he": r"ה?מצורפ?ף?(?:ת|ים|ות)?|צירפתי|ב?נספח\w*",
}  # fmt: skip
_SPEAKS: Final = re.compile(r"(?<!\w)(?:" + "|".join(_WORDS.values()) + r")(?!\w)|添付", re.IGNORECASE)


def found(
    *, to: Sequence[Address], cc: Sequence[Address], bcc: Sequence[Address], subject: str, text: str, files: int,
    strangers: Sequence[Address] = (), asked: Collection[str] = (), off: Collection[str] = (),
) -> tuple[Found, ...]:  # fmt: skip
    """What to ask about this letter, the gravest first.

    files: how many it takes along. strangers: recipients of an answer to all that its writer never wrote with. asked:
    names of doubts that were answered for this letter; off: those that its writer never wants to be asked.
    """
    visible = {address.wire(person.address).lower() for person in (*to, *cc)}
    word = "" if files else attachment_word(text)
    raised = [
        Found(Doubt.MANY, str(len(visible))) if len(visible) > MANY else None,
        Found(Doubt.STRANGER, ", ".join(person.address for person in strangers[:5])) if strangers else None,
        Found(Doubt.FILE, word) if word else None,
        Found(Doubt.SUBJECT) if not subject.strip() else None,
    ]
    quiet = {*asked, *off}
    nobody = not (to or cc or bcc)  # it cannot be sent anyway, and that is said elsewhere
    return () if nobody else tuple(one for one in raised if one is not None and one.doubt.value not in quiet)


def attachment_word(text: str) -> str:
    """The first word of the writer's own that speaks of a file; "" without one. Quotes, what is passed on, and the
    signature are not theirs."""
    own: list[str] = []
    for line in text[:100_000].split("\n"):
        if line in (flowed.SIGNATURE, FORWARDED):
            break
        if not line.startswith(">"):
            own.append(line)
    match = _SPEAKS.search("\n".join(own))
    return match[0] if match else ""
