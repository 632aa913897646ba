"""Help: one short page of words, with what this very site has set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, render_template

from webmail.web.services import services

blueprint = Blueprint("help", __name__)

EXAMPLES: Final = (
    ("from:nora ferry", "from Nora, with the word ferry"),
    ("to:team cc:otto bcc:me", "by who it went to"),
    ('subject:"board meeting"', "these words beside each other in the subject"),
    ("body:invoice", "in the text alone"),
    ("list:gardeners", "from a mailing list"),
    ("has:attachment filename:pdf", "with a file of that name"),
    ("is:unread", "unread; also read, starred, answered, draft and others"),
    ("label:travel", "with this label"),
    ("after:2026-07-01 before:2026-08-01", "from July"),
    ("on:2026-07-14", "of that day"),
    ("newer_than:7d", "of the last seven days; also w, m and y"),
    ("older_than:1y larger:5M", "old and large; smaller: is the opposite"),
    ("smaller:20K", "small ones"),
    ("in:Archive plumber", "in that folder; without it, where you are"),
    ("from:nora OR from:otto", "one of both"),
    ("ferry -ticket", "without that word"),
    ("(oslo OR bergen) from:nora", "brackets hold together"),
)
"""What can be typed into the search field, and what it finds."""


@dataclass(frozen=True, slots=True)
class HelpPage:
    """What the words speak of. examples: (typed, found). shared: a computer here is shared whatever its user says."""

    examples: tuple[tuple[str, str], ...]
    shared: bool
    quiet_minutes: int
    idle: str
    keep_days: int
    undo_seconds: int
    proxied: bool


@blueprint.get("/help")
def show() -> str:
    """The page; for everybody, because those who cannot get in need it too."""
    settings = services().settings
    page = HelpPage(
        examples=EXAMPLES,
        shared=settings.shared_computers == "always",
        quiet_minutes=settings.shared_idle_minutes,
        idle=_span(settings.session_idle_minutes),
        keep_days=settings.keep_days,
        undo_seconds=settings.undo_seconds,
        proxied=settings.image_proxy,
    )
    return render_template("help/show.html", page=page)


def _span(minutes: int) -> str:
    """90 minutes, 12 hours, 3 days."""
    for unit, size in (("days", 1440), ("hours", 60)):
        if minutes >= 2 * size and minutes % size == 0:
            return f"{minutes // size} {unit}"
    return f"{minutes} minutes"
