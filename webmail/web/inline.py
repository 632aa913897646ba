"""Pictures that travel inside a message, as addresses of ours."""

from __future__ import annotations

from collections.abc import Callable

from flask import url_for

from webmail.mail import parts
from webmail.mail.message import Message


def urls(message: Message) -> Callable[[str], str | None]:
    """Content-ID -> the part's URL in this message, so that inline pictures come from our own host."""
    shown = parts.choose(message.root)

    def url(content_id: str) -> str | None:
        part = shown.inline.get(content_id)
        if part is None:
            return None
        return url_for("part.show", mailbox=message.ref.mailbox, pick=message.ref, part_id=part.id)

    return url
