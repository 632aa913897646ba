"""What makes an app of the site: its manifest, its service worker, and the page that is shown without a connection.

The worker keeps that page and what belongs to it, asked for without cookies, and nothing else: never mail.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, Final

from flask import Blueprint, Response, current_app, render_template, url_for

from webmail.web import assets, theme
from webmail.web.services import services
from webmail.web.words import _, language

blueprint = Blueprint("shell", __name__)

_FETCHED: Final = re.compile(r'(?:href|src)="(/(?:static|theme|words)/[^"#]+)')
_LIGHT: Final = "#f1efe9"
"""--canvas of static/css/base.css."""


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """Web App Manifest (W3C). What is shared goes by POST: in an address it would stay in the history."""
    brand = services().settings.brand
    shared = {
        "title": "title", "text": "text", "url": "url",
        "files": [{"name": "att", "accept": ["*/*"]}],
    }  # fmt: skip
    told: dict[str, Any] = {
        "id": "/", "name": brand, "short_name": brand[:12],
        "description": _("Your mail, as it lies on your mail server."),
        "start_url": url_for("mailbox.home"), "scope": "/", "display": "standalone", "lang": language().tag,
        "theme_color": _LIGHT, "background_color": _LIGHT,
        "icons": theme.icons(services().settings, current_app.jinja_env.globals["icon_url"]),  # type: ignore[arg-type]
        "shortcuts": [{"name": _("Write"), "url": url_for("compose.new")}],
        "share_target": {
            "action": url_for("share.take"), "method": "POST", "enctype": "multipart/form-data", "params": shared,
        },
        "protocol_handlers": [{"protocol": "mailto", "url": f"{url_for('people.link')}?u=%s"}],
    }  # fmt: skip
    return Response(json.dumps(told), content_type="application/manifest+json")


@blueprint.get("/sw.js")
def worker() -> Response:
    """The service worker. Its first line names what it keeps; another line is another worker, so browsers see a new
    version of the site in it."""
    page, code = _page(), (assets.FOLDER / "js" / "worker.js").read_text("utf-8")
    files = list(dict.fromkeys([url_for("shell.offline"), *_FETCHED.findall(page)]))
    version = hashlib.sha256(f"{page}\0{code}".encode()).hexdigest()[:16]
    shell = json.dumps({"name": f"shell-{version}", "files": files})
    return Response(f"const SHELL = {shell};\n{code}", content_type="text/javascript; charset=utf-8")


@blueprint.get("/offline")
def offline() -> str:
    """The page that the worker shows where another could not be fetched. The same for everybody."""
    return _page()


def _page() -> str:
    return render_template("shell/offline.html", user=None)
