"""Help: one short page of words, with what this very site has set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, render_template

from webmail.languages import N_
from webmail.web.services import services
from webmail.web.words import _, ngettext

blueprint = Blueprint("help", __name__)

EXAMPLES: Final = (
    ("from:nora ferry", N_("from Nora, with the word ferry")),
    ("to:team cc:otto bcc:me", N_("by who it went to")),
    ('subject:"board meeting"', N_("these words beside each other in the subject")),
    ("body:invoice", N_("in the text alone")),
    ("list:gardeners", N_("from a mailing list")),
    ("has:attachment filename:pdf", N_("with a file of that name")),
    ("is:unread", N_("unread; also read, starred, answered, draft and others")),
    ("label:travel", N_("with this label")),
    ("after:2026-07-01 before:2026-08-01", N_("from July")),
    ("on:2026-07-14", N_("of that day")),
    ("newer_than:7d", N_("of the last seven days; also w, m and y")),
    ("older_than:1y larger:5M", N_("old and large; smaller: is the opposite")),
    ("smaller:20K", N_("small ones")),
    ("in:Archive plumber", N_("in that folder; without it, where you are")),
    ("from:nora OR from:otto", N_("one of both")),
    ("ferry -ticket", N_("without that word")),
    ("(oslo OR bergen) from:nora", N_("brackets hold together")),
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
        examples=tuple((typed, _(found)) for typed, found in EXAMPLES),
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
    if minutes >= 2880 and minutes % 1440 == 0:
        return ngettext("%(count)s day", "%(count)s days", minutes // 1440)
    if minutes >= 120 and minutes % 60 == 0:
        return ngettext("%(count)s hour", "%(count)s hours", minutes // 60)
    return ngettext("%(count)s minutes", "%(count)s minutes", minutes)
