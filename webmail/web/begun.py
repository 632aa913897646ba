"""Letters that begin from a link or a name: kept for a moment under a random word, so that no address is in a URL."""

from __future__ import annotations

import secrets
from dataclasses import replace

from flask import url_for

from webmail.web import letter, session
from webmail.web.letter import Letter
from webmail.web.services import services


def url(written: Letter) -> str:
    """Where this letter goes on. The page can be reloaded, and stays the same letter."""
    word = secrets.token_urlsafe(16)
    whole = replace(written, message_id=letter.new_message_id(session.current().address))
    texts = (whole.to, whole.cc, whole.bcc, whole.subject, whole.body)
    services().drawn.put(_key(word), whole, 1000 + 4 * sum(map(len, texts)))
    return url_for("compose.new", start=word)


def found(word: str) -> Letter | None:
    """The letter; None when it was given to another sign-in, or long ago."""
    kept = services().drawn.get(_key(word[:100]))
    return kept if isinstance(kept, Letter) else None


def _key(word: str) -> tuple[str, ...]:
    return (session.current().record_key, "begun", word)
