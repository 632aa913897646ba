"""What this site is: its version, what its administrator has set in words, and whose work is in it."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import Blueprint, render_template

from webmail.web import assets
from webmail.web.services import services

blueprint = Blueprint("about", __name__)

_ROOT: Final = Path(__file__).resolve().parents[2]
VERSION: Final = str(tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"])


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


def _facts() -> tuple[str, ...]:
    settings = services().settings
    wait = settings.undo_seconds
    return (
        f"Files of a letter have {settings.upload_limit_mb} MB at most.",
        f"A letter can be taken back for {wait} seconds after Send." if wait else "A letter goes out at once.",
        "Images of other sites are fetched by this site, once you agree."
        if settings.image_proxy
        else "Images of other sites are fetched by your browser, once you agree.",
        "Your mail server tells who really wrote a message, and this site shows it."
        if settings.authserv_ids()
        else "This site does not know whether a message is really from its sender.",
        "No mail is kept here. It lies on your mail server, with your settings, and is fetched when you look at it.",
    )
