"""The looks that an administrator gives a site: its icon, and a sheet that colours links and buttons.

They have addresses that name their content, as static files do, so a browser may keep them for ever.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Final

from flask import Flask, Response, abort, request

from webmail import looks
from webmail.config import Settings

_YEAR: Final = 31536000
_TYPES: Final = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png"}
_DOT: Final = '<circle cx="25" cy="7" r="6.500" fill="#d23f2f" stroke="#fff" stroke-width="2"/>'


def install(app: Flask, settings: Settings) -> None:
    """/theme/<hash>/<name>, and for templates: icon_url(name) and theme_url ("" where nothing is set)."""
    files = _files(settings)
    version = hashlib.sha256(b"\0".join(files[name] for name in sorted(files))).hexdigest()[:16]

    def theme(version_asked: str, name: str) -> Response:
        if name not in files:
            abort(404)
        answer = Response(files[name], content_type=_TYPES[Path(name).suffix])
        kept = version_asked == version
        answer.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable" if kept else "no-cache"
        return answer

    def url(name: str) -> str:
        return f"{request.script_root}/theme/{version}/{name}"

    app.add_url_rule("/theme/<string(length=16):version_asked>/<name>", "theme", theme)
    static_url: Callable[[str], str] = app.jinja_env.globals["static_url"]  # type: ignore[assignment]

    def icon_url(name: str) -> str:
        """name: "icon.svg", "icon-unread.svg", or of a PNG file "icon-192.png" and the others of static/img."""
        return url(name if name in files else "icon.png") if settings.icon else static_url(f"img/{name}")

    def theme_url() -> str:
        return url("theme.css") if settings.accent else ""

    app.add_template_global(icon_url, "icon_url")
    app.add_template_global(theme_url, "theme_url")
    # The same for all pages of this process, so also for templates that know nothing of the page.
    app.jinja_env.globals |= {
        "own_icon": bool(settings.icon), "support_url": settings.support_url, "support_text": settings.support_text,
    }  # fmt: skip


def icons(settings: Settings, icon_url: Callable[[str], str]) -> list[dict[str, str]]:
    """The icons of a web app manifest."""
    if settings.icon:
        _, side = looks.picture(Path(settings.icon))
        return [{"src": icon_url("icon.png"), "sizes": f"{side}x{side}", "type": "image/png"}]
    sizes = {"icon-192.png": "192x192", "icon-512.png": "512x512"}
    found = [{"src": icon_url(name), "sizes": size, "type": "image/png"} for name, size in sizes.items()]
    whole = {"src": icon_url("icon-maskable.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"}
    return [*found, whole]


def _files(settings: Settings) -> dict[str, bytes]:
    files = {}
    if settings.accent:
        files["theme.css"] = _sheet(*looks.accents(settings.accent, settings.accent_dark)).encode()
    if settings.icon:
        octets, _ = looks.picture(Path(settings.icon))
        files |= {"icon.png": octets, "icon.svg": _drawn(octets, ""), "icon-unread.svg": _drawn(octets, _DOT)}
    return files


def _drawn(octets: bytes, above: str) -> bytes:
    """The icon as SVG, which can have a dot above it."""
    image = f"data:image/png;base64,{b64encode(octets).decode()}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<image href="{image}" width="32" height="32"/>{above}</svg>'
    ).encode()


def _sheet(light: looks.Accent, dark: looks.Accent) -> str:
    night = _tokens(dark)
    return (
        f":root{{{_tokens(light)}}}\n"
        f':root[data-theme="dark"]{{{night}}}\n'
        f'@media (prefers-color-scheme: dark){{:root:not([data-theme="light"]){{{night}}}}}\n'
    )


def _tokens(one: looks.Accent) -> str:
    named = {"accent": one.accent, "accent-btn": one.accent, "accent-btn-hover": one.hover, "on-accent": one.ink}
    return ";".join(f"--{name}:{colour}" for name, colour in named.items())
