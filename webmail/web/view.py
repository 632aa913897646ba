"""Plain or as designed: what the reader chose for a message holds for it until the sign-in ends, or memory does."""

from __future__ import annotations

from typing import Final

from webmail.mail.ids import MessageRef
from webmail.web import converters, session
from webmail.web.services import services

PLAIN: Final = "plain"
HTML: Final = "html"


def plain(ref: MessageRef, asked: str | None, usual: str = HTML) -> bool:
    """Whether to show the words alone. asked: ?view= of this request, which is remembered; usual: without a choice."""
    key = (session.current().record_key, converters.ref_to_text(ref), "view")
    if asked in (PLAIN, HTML):
        services().drawn.put(key, asked, 200)
        return asked == PLAIN
    return (services().drawn.get(key) or usual) == PLAIN
