"""Styles, scripts and pictures under an address that names their content, so that a browser may keep them for ever.

What a page needs comes in few requests: modules and sheets are joined here, when they are first asked for, and kept in
memory with their codings. Nothing is made before the server starts, and nothing is written.
"""

from __future__ import annotations

import functools
import hashlib
import mimetypes
import threading
from pathlib import Path
from typing import Final

from flask import Flask, Response, abort, request

from webmail import places
from webmail.web import codings, modules, sheets
from webmail.web.services import services

FOLDER: Final = places.folder("static")
_YEAR: Final = 31536000
_TYPES: Final = {".js": "text/javascript", ".mjs": "text/javascript", ".svg": "image/svg+xml", ".css": "text/css"}
_BEST: Final = 11


class Assets:
    """The files, read once, and what is joined from them. Raises Unjoinable when that cannot be done."""

    def __init__(self, folder: Path, templates: Path) -> None:
        self._files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        self._sheets = sheets.named(templates)
        read = {name: path.read_text("utf-8") for name, path in self._files.items() if name.startswith(("js/", "css/"))}
        self._styles = {name[4:-4]: text for name, text in read.items() if name.startswith("css/")}
        scripts = {name[3:-3]: text for name, text in read.items() if name.startswith("js/")}
        self._scripts = modules.Joined(scripts, modules.entries(templates))
        self.version = self._version()
        self._made: dict[tuple[str, codings.Coding], bytes] = {}
        self._lock = threading.Lock()

    def _version(self) -> str:
        digest = hashlib.sha256("\0".join(sorted(self._sheets)).encode())
        for name, path in sorted(self._files.items()):
            content = path.read_bytes()
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
        # How they are joined is part of what a browser gets.
        for made_by in (modules, sheets):
            digest.update(Path(str(made_by.__file__)).read_bytes())
        return digest.hexdigest()[:16]

    def plain(self, name: str) -> bytes | None:
        """The body of this address, each module and sheet joined with what it needs; None where there is nothing."""
        folder, _, file = name.partition("/")
        if folder == "css" and file[:-4] in self._sheets | self._styles.keys():
            return sheets.joined(file[:-4], self._styles).encode()
        if folder == "js" and name in self._files:
            return self._scripts.script(file[:-3]).encode()
        return self._files[name].read_bytes() if name in self._files else None

    def single(self, name: str) -> bytes | None:
        """The same for whoever changes the files: as they are written, at this moment."""
        folder, _, file = name.partition("/")
        if folder == "css" and file[:-4] in self._sheets:
            return b"\n".join(self._files[f"css/{one}.css"].read_bytes() for one in file[:-4].split("+"))
        return self._files[name].read_bytes() if name in self._files else None

    def body(self, name: str, coding: codings.Coding) -> bytes | None:
        """Joined, in that coding. Made when it is first asked for: a start does not wait for all of them."""
        if (name, coding) not in self._made:
            with self._lock:
                content = self.plain(name)
                if content is None:
                    return None
                self._made.setdefault((name, coding), codings.coded(content, coding, _BEST))
        return self._made[name, coding]


@functools.cache
def _assets() -> Assets:
    return Assets(FOLDER, places.folder("templates"))


def install(app: Flask) -> None:
    """/static/<hash of the whole tree>/<path>: scripts fetch each other by relative paths, so one hash serves all.

    Raises Unjoinable when the modules of the tree cannot be joined.
    """
    assets = _assets()

    def static(version_asked: str, filename: str) -> Response:
        joined = services().settings.join_assets
        answer = _answer(assets, filename) if joined else _single(assets, filename)
        # A tab from before a deploy still gets its files, today's, but is not told to keep them.
        return _kept(answer, joined and version_asked == assets.version)

    def static_url(name: str) -> str:
        # As url_for would say, which takes longer than all else that an icon needs. name: a constant of a template.
        return f"{request.script_root}/static/{assets.version}/{name}"

    def sheet_url(*parts: str) -> str:
        return static_url(f"css/{'+'.join(parts)}.css")

    app.add_url_rule("/static/<string(length=16):version_asked>/<path:filename>", "static", static)
    app.add_template_global(static_url, "static_url")
    app.add_template_global(sheet_url, "sheet_url")


def script(body: bytes, *, kept: bool) -> Response:
    """A script that is made, as the answer to this request. kept: its address names this content."""
    coding = codings.chosen(request.accept_encodings)
    body = _coded(body, coding)
    return _kept(_conditional(_response(body, _TYPES[".js"], coding), body), kept)


@functools.lru_cache(maxsize=64)
def _coded(body: bytes, coding: codings.Coding) -> bytes:
    return codings.coded(body, coding, _BEST)


def _kept(answer: Response, kept: bool) -> Response:
    answer.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable" if kept else "no-cache"
    return answer


def _answer(assets: Assets, name: str) -> Response:
    kind = _kind(name)
    coding = codings.chosen(request.accept_encodings) if kind != "application/octet-stream" else ""
    body = assets.body(name, coding)
    if body is None:
        abort(404)
    return _conditional(_response(body, kind, coding), body)


def _single(assets: Assets, name: str) -> Response:
    body = assets.single(name)
    if body is None:
        abort(404)
    return _conditional(_response(body, _kind(name)), body)


def _kind(name: str) -> str:
    return _TYPES.get(Path(name).suffix, mimetypes.guess_type(name)[0] or "application/octet-stream")


def _response(body: bytes, kind: str, coding: codings.Coding = "") -> Response:
    answer = Response(body, content_type=f"{kind}; charset=utf-8" if kind in _TYPES.values() else kind)
    answer.vary.add("Accept-Encoding")
    if coding:
        answer.headers["Content-Encoding"] = coding
    return answer


def _conditional(answer: Response, body: bytes) -> Response:
    """ETag, 304, ranges and HEAD. Each coding has octets, and so a tag, of its own (RFC 9110 8.8.3.3)."""
    answer.set_etag(hashlib.sha256(body).hexdigest()[:16])
    answer.make_conditional(request.environ, accept_ranges=True, complete_length=len(body))
    return answer
