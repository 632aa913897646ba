"""What is beside an open message in its list."""

from __future__ import annotations

from typing import Any

from flask import url_for

from webmail.imap.pages import Page
from webmail.mail.ids import MessageRef
from webmail.web import converters, filters
from webmail.web.rows import holds
from webmail.web.words import _


def around(page: Page, ref: MessageRef) -> tuple[MessageRef | None, MessageRef | None]:
    """The messages (of conversations the newest) above and below in the page at hand, None where the page ends."""
    refs, at = [row.ref for row in page.rows], _at(page, ref)
    if at is None:
        return None, None
    return refs[at - 1] if at else None, refs[at + 1] if at + 1 < len(refs) else None


def chosen(page: Page, ref: MessageRef, after_move: str) -> str:
    """Pick of the message that opens when this one is moved away, "" for the list. after_move: as in the settings."""
    newer, older = around(page, ref)
    following = {"older": older, "newer": newer}.get(after_move)
    return converters.pick_to_text(following) if following else ""


def url_of(ref: MessageRef | None, query: dict[str, Any]) -> str | None:
    """Its page, with its place in the list; None for none."""
    return url_for("message.show", mailbox=ref.mailbox, pick=ref, **query) if ref else None


def position(page: Page, ref: MessageRef) -> str:
    """As in: 3 of 1,200, or 3 when nobody counted. Empty when it is not in the page."""
    at = _at(page, ref)
    if at is None:
        return ""
    here = filters.number(page.first + at)
    # Translators: "3 of 1,200": which message of its list is open.
    return here if page.total is None else _("%(here)s of %(total)s", here=here, total=filters.number(page.total))


def _at(page: Page, ref: MessageRef) -> int | None:
    return next((at for at, row in enumerate(page.rows) if holds(row, ref)), None)
