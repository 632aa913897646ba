"""Honest remarks above a message: what of it could not be shown, what was odd in it, what to beware of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from webmail.languages import N_
from webmail.mail.budget import Excess, excess
from webmail.mail.headers import Headers
from webmail.mail.message import Message, Part
from webmail.mail.tnef import is_tnef
from webmail.reading import Bodies
from webmail.sanitize.html import Reason
from webmail.web.words import _

# Translators: stands for the quote at the end of a message, which unfolds.
QUOTED: Final = N_("Quoted text")
"""Stands for the quote at the end of a message."""

_WARNINGS: Final = {
    Reason.MISLEADING_LINK: N_(
        "A link in this message names one site and leads to another. Look before you follow it."
    ),
    Reason.FORM: N_("This message asked for input; its form was left out. Never type a password into a message."),
}
_EXCESS: Final = {
    Excess.HEADER: N_("The header of this message is too long to be read whole; its end is not shown."),
    Excess.ADDRESSES: N_("This message names more than 1,000 people; not all of them are shown."),
    Excess.PARTS: N_(
        "This message has too many parts inside each other or side by side to tell them all apart; the last one holds "
        "what follows it."
    ),
}
_WHOLE: Final = N_("Nothing of it is lost: the menu above has it whole as a download (.eml).")
_REPAIRED: Final = N_(
    "This message is not built as it should be. We show what we could make of it; its source is complete."
)
_TOO_LARGE: Final = N_(
    "A part of this message is too large or too complicated to show safely. You can download it below."
)


def notes(message: Message, bodies: Bodies, facts: Headers, *, cards: bool) -> tuple[str, ...]:
    """Sentences, the most important ones first; () for an ordinary message. cards: what it says stands on cards."""
    over = excess(message, facts)
    found = [f"{_(_EXCESS[each])} {_(_WHOLE)}" for each in over]
    if message.repaired and not over:
        found.append(_(_REPAIRED))
    if bodies.too_large:
        found.append(_(_TOO_LARGE))
    blocked = {b.reason for b in bodies.html.blocked} if bodies.html else set()
    found += [_(sentence) for reason, sentence in _WARNINGS.items() if reason in blocked]
    if not (bodies.html or bodies.texts or bodies.too_large or cards):
        found.append(_without_text(bodies.shown.attachments))
    return tuple(found)


def _without_text(files: Sequence[Part]) -> str:
    if any(is_tnef(part) for part in files):
        return _("Outlook packed the text of this message in a file. Open it below.")
    return _("This message has no text. Its files are below.") if files else _("This message has no text.")
