"""What this site is: its version, what its administrator has set in words, and whose work is in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, render_template

from webmail import places
from webmail.web import assets
from webmail.web.services import services
from webmail.web.words import _, ngettext

blueprint = Blueprint("about", __name__)

VERSION: Final = places.version()


@dataclass(frozen=True, slots=True)
class Part:
    """Somebody else's work that is handed out with ours. path: of its licence, below static/."""

    name: str
    version: str
    licence: str
    path: str


@dataclass(frozen=True, slots=True)
class AboutPage:
    """facts: sentences about this site. parts: in the browser."""

    version: str
    facts: tuple[str, ...]
    parts: tuple[Part, ...]


@blueprint.get("/about")
def show() -> str:
    """The page; for those who are signed in, because a version is nobody else's business."""
    return render_template("about/show.html", page=AboutPage(VERSION, _facts(), _parts()))


def _parts() -> tuple[Part, ...]:
    told = json.loads((assets.FOLDER / "vendor" / "vendor.json").read_text("utf-8"))
    return tuple(
        Part(name, one["version"], one["license"].strip("()").replace(" OR ", " or "), f"vendor/{licence}")
        for name, one in sorted(told.items())
        for licence in one["files"]
        if licence.endswith("LICENSE")
    )


def _back(wait: int) -> str:
    return ngettext(
        "A letter can be taken back for %(count)s seconds after Send.",
        "A letter can be taken back for %(count)s seconds after Send.",
        wait,
    )


def _facts() -> tuple[str, ...]:
    settings = services().settings
    wait = settings.undo_seconds
    return (
        _("Files of a letter have %(megabytes)s MB at most.", megabytes=settings.upload_limit_mb),
        _back(wait) if wait else _("A letter goes out at once."),
        _("Images of other sites are fetched by this site, once you agree.")
        if settings.image_proxy
        else _("Images of other sites are fetched by your browser, once you agree."),
        _("Your mail server tells who really wrote a message, and this site shows it.")
        if settings.authserv_ids()
        else _("This site does not know whether a message is really from its sender."),
        _("No mail is kept here. It lies on your mail server, with your settings, and is fetched when you look at it."),
    )
