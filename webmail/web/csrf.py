"""No foreign page makes us change anything: a token in every form, and where the request came from (R13)."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import Forbidden

_ASK_THEMSELVES = ("webmail.views.share.take",)
"""What browsers themselves post to asks for the token unless it was such a browser (web/handed.py)."""

_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class ForeignRequest(Forbidden):
    """Another site made this request. No form of ours answers it: its cookie would take the place of the reader's own
    (SameSite keeps cookies from being sent, not from being set)."""


def install(app: Flask) -> None:
    """Origin before all else (cheap, and the body is not read), Flask-WTF's token on every unsafe method."""
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    # Flask-WTF compares the Referer, which our own no-referrer policy removes; Origin below does that work.
    app.config["WTF_CSRF_SSL_STRICT"] = False
    app.before_request_funcs.setdefault(None, []).insert(0, check_origin)
    protection = CSRFProtect(app)
    for view in _ASK_THEMSELVES:
        protection.exempt(view)


def check_origin() -> None:
    """Raises ForeignRequest when the browser says that another site made this request."""
    if request.method not in _UNSAFE:
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise ForeignRequest
    origin = request.headers.get("Origin")
    if origin is not None and origin != "null" and _host(origin) != request.host:
        raise ForeignRequest
    # Under Referrer-Policy: no-referrer browsers send "Origin: null" for a form post of our own page; Sec-Fetch-Site
    # above tells those from a sandboxed foreign page, and engines without it still have to show the token.


def _host(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None
