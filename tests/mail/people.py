"""Who writes in these tests, and when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from webmail.mail.address import Address
from webmail.mail.draft import Draft

ALICE: Final = Address("Alice Owner", "alice@pennypost.test")
BOB: Final = Address("Bob Sharer", "bob@pennypost.test")
CHARLIE: Final = Address("Charlie", "charlie@elsewhere.test")
NOON: Final = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def letter(**changed: Any) -> Draft:
    """A letter from alice to bob; keyword arguments replace its fields."""
    fields: dict[str, Any] = {
        "sender": ALICE, "to": (BOB,), "cc": (), "bcc": (), "subject": "Garden", "text": "The beans are up.\n",
        "in_reply_to": None, "references": (), "message_id": "<1@pennypost.test>", "date": NOON,
    }  # fmt: skip
    return Draft(**(fields | changed))
