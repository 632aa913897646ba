"""What a reader has chosen about sending."""

from __future__ import annotations

from webmail.web.services import services


def undo_seconds() -> int:
    """How long a letter waits in which its writer can undo sending; 0: not at all."""
    return services().settings.undo_seconds
