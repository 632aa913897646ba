"""What can be counted while the site works. This meter counts nothing; web/figures.py has one that does.

Whoever works is given one and tells it, so that no room knows who listens, and nobody has to ask whether somebody does.
Names come from our own code, never from a user or a server: a count has no mailbox, address or word in it.
"""

from __future__ import annotations


class Meter:
    """Seconds are measured by the monotonic clock. Safe between threads."""

    def command(self, name: bytes, seconds: float, outcome: str) -> None:
        """An IMAP command, or SIGN-IN for all of dialling. outcome: OK, NO, BAD, or LOST when no answer came."""

    def cleaned(self, seconds: float) -> None:
        """The HTML of a message was made harmless."""

    def noted(self, state: str) -> None:
        """A letter came that far: a state of journal.py."""

    def limited(self, limit: str) -> None:
        """Somebody has to wait: "sign-in", "send", "search" or "upload"."""


SILENT = Meter()
