"""No foreign page makes us change anything: a token in every form, and where the request came from (R13)."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, request
from flask_wtf.csrf import CSRFError, CSRFProtect

_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def install(app: Flask) -> None:
    """Origin first (cheap, and the body is not read), then Flask-WTF's token on every unsafe method."""
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    # Flask-WTF compares the Referer, which our own no-referrer policy removes; Origin below does that work.
    app.config["WTF_CSRF_SSL_STRICT"] = False
    app.before_request(check_origin)
    CSRFProtect(app)


def check_origin() -> None:
    """Raises CSRFError when the browser says that another site made this request."""
    if request.method not in _UNSAFE:
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise CSRFError("cross-site")
    origin = request.headers.get("Origin")
    if origin is not None and origin != "null" and urlsplit(origin).netloc != request.host:
        raise CSRFError("foreign origin")
    # Under Referrer-Policy: no-referrer browsers send "Origin: null" for a form post of our own page; Sec-Fetch-Site
    # above tells those from a sandboxed foreign page, and engines without it still have to show the token.
