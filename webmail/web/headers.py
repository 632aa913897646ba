"""What every answer says about itself (R14): one named policy for each kind of answer."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, g, request

from webmail.web.services import services
from webmail.web.words import language

PAGE: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types pennypost"
)
COMPOSE: Final = (
    PAGE.replace("style-src 'self'", "style-src 'self'; style-src-attr 'unsafe-inline'")
    .replace("img-src 'self'", "img-src 'self' blob:")
    .replace("trusted-types pennypost", "trusted-types pennypost dompurify")
)
"""The letter page: what is written has colours in style="", which Firefox else takes out; it has pictures that are
not uploaded yet; and the cleaner of what is pasted has a policy of its own. Sheets and scripts stay ours."""

_FRAME: Final = (
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; script-src 'none'; "
    "style-src 'unsafe-inline'; img-src {images}; form-action 'none'; base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'self'"
)
FRAME: Final = _FRAME.format(images="'self' data:")
FRAME_WITH_IMAGES: Final = _FRAME.format(images="'self' data: https: http:")
LETTER: Final = FRAME.replace("style-src 'unsafe-inline'", "style-src 'self'")
"""Plain text in a frame: our own markup and our own style."""

# A printed page is made like a frame: no script, no network. The browser may show its print dialog for it.
PRINT: Final = FRAME.replace("sandbox ", "sandbox allow-modals ").replace("style-src", "style-src 'self'")
PRINT_WITH_IMAGES: Final = FRAME_WITH_IMAGES.replace("sandbox ", "sandbox allow-modals ").replace(
    "style-src", "style-src 'self'"
)
FILE: Final = "sandbox; default-src 'none'; frame-ancestors 'none'"
"""A file of ours, opened by itself: nothing."""
PART: Final = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"

_OPEN: Final = ("static", "theme", "words")
"""Files that are the same for everybody, under addresses that name their content."""
_YEAR: Final = 31536000


def use(policy: str) -> None:
    """Choose the policy of this answer; PAGE when nobody does."""
    g.content_policy = policy


def install(app: Flask) -> None:
    """Put the headers on every answer, errors and redirects too."""
    app.after_request(_finish)


def _finish(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = g.get(
        "content_policy", FILE if request.endpoint in ("static", "words") else PAGE
    )
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["X-DNS-Prefetch-Control"] = "off"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
    headers["X-Frame-Options"] = (
        "SAMEORIGIN" if "frame-ancestors 'self'" in headers["Content-Security-Policy"] else "DENY"
    )
    headers["X-Robots-Tag"] = "noindex, nofollow"
    if services().settings.secure_cookies:
        headers["Strict-Transport-Security"] = f"max-age={_YEAR}; includeSubDomains"
    # A 304 renews what the browser keeps: "no-store" there would take the file away again.
    if request.endpoint not in _OPEN or response.status_code not in (200, 206, 304):
        # lynx keeps what is not to be stored, with all that was typed into it, but asks anew for the other word.
        headers["Cache-Control"] = "no-store, no-cache"
        response.vary.update(("Cookie", "Accept-Language"))
        if headers["Content-Security-Policy"] in (PAGE, COMPOSE) and response.mimetype == "text/html":
            headers["Content-Language"] = language().tag
    return response
