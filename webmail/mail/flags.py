"""System flags and the keywords we set (RFC 9051 2.3.2); those with a "$" are registered (RFC 5788)."""

from __future__ import annotations

from typing import Final

SEEN: Final = "\\Seen"
ANSWERED: Final = "\\Answered"
FLAGGED: Final = "\\Flagged"
DELETED: Final = "\\Deleted"
DRAFT: Final = "\\Draft"
FORWARDED: Final = "$Forwarded"
JUNK: Final = "$Junk"
NOT_JUNK: Final = "$NotJunk"
MDN_SENT: Final = "$MDNSent"
SUBMIT_PENDING: Final = "$SubmitPending"
SUBMITTED: Final = "$Submitted"
ACCEPTED: Final = "Invitation-Accepted"
TENTATIVE: Final = "Invitation-Tentative"
DECLINED: Final = "Invitation-Declined"
"""What was answered to an invitation; no keyword is registered for that (docs/decisions/0016)."""

MUTED: Final = "$Muted"
PINNED: Final = "$Pinned"
"""Of a conversation whose answers are put away, and of a message that is to be found again (docs/decisions/0030)."""

WOKEN: Final = "$Woken"
"""Of a letter that was snoozed and came back; it counts while the letter is unread (docs/snooze.md)."""

SYSTEM: Final = (SEEN, ANSWERED, FLAGGED, DELETED, DRAFT)
INVITATION: Final = (ACCEPTED, TENTATIVE, DECLINED)
KEYWORDS: Final = (FORWARDED, JUNK, NOT_JUNK, MDN_SENT, SUBMIT_PENDING, SUBMITTED, WOKEN, *INVITATION)
CHOSEN: Final = (MUTED, PINNED)
"""Keywords that a person asks for by name, so that a mailbox that does not keep them must say so."""

TAGS: Final = ("$label1", "$label2", "$label3", "$label4", "$label5")
"""The five labels that Thunderbird begins with; what they mean is in mail/labels.py."""

_SPELLING: Final = {flag.lower(): flag for flag in (*SYSTEM, *KEYWORDS, *CHOSEN, *TAGS)}

Flags = frozenset[str]


def normal(flag: str) -> str:
    """The spelling we use for a flag: flags compare without case (RFC 9051 2.3.2), and servers differ."""
    return _SPELLING.get(flag.lower(), flag)
