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

SYSTEM: Final = (SEEN, ANSWERED, FLAGGED, DELETED, DRAFT)
INVITATION: Final = (ACCEPTED, TENTATIVE, DECLINED)
KEYWORDS: Final = (FORWARDED, JUNK, NOT_JUNK, MDN_SENT, SUBMIT_PENDING, SUBMITTED, *INVITATION)

_SPELLING: Final = {flag.lower(): flag for flag in (*SYSTEM, *KEYWORDS)}

Flags = frozenset[str]


def normal(flag: str) -> str:
    """The spelling we use for a flag: flags compare without case (RFC 9051 2.3.2), and servers differ."""
    return _SPELLING.get(flag.lower(), flag)
