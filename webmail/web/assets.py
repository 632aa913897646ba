"""Styles, scripts and pictures under an address that names their content, so that a browser may keep them for ever."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from flask import Flask, Response, request, send_from_directory

FOLDER: Final = Path(__file__).resolve().parents[2] / "static"
_YEAR: Final = 31536000


def install(app: Flask) -> None:
    """/static/<hash of the whole tree>/<path>: modules import each other by relative paths, so one hash serves all."""
    version = _version()

    def static(version_asked: str, filename: str) -> Response:
        answer = send_from_directory(FOLDER, filename)
        # A tab from before a deploy still gets its files, today's, but is not told to keep them.
        kept = version_asked == version and answer.status_code == 200
        answer.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable" if kept else "no-cache"
        return answer

    def static_url(name: str) -> str:
        # As url_for would say, which takes longer than all else that an icon needs. name: a constant of a template.
        return f"{request.script_root}/static/{version}/{name}"

    app.add_url_rule("/static/<string(length=16):version_asked>/<path:filename>", "static", static)
    app.add_template_global(static_url, "static_url")


def _version() -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in FOLDER.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(FOLDER).as_posix()}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
