"""What a reader has chosen about sending."""

from __future__ import annotations

from webmail.mail.preferences import AS_SITE
from webmail.web import preferences
from webmail.web.services import services


def undo_seconds() -> int:
    """How long a letter waits in which its writer can undo sending; 0: not at all. Unless chosen: the site's."""
    chosen = preferences.undo_seconds()
    return services().settings.undo_seconds if chosen == AS_SITE else chosen
