"""Which pages go out compressed, and why no others (docs/decisions/0042).

What is compressed together tells about itself by its length: whoever can put words beside a reader's mail, have the
page sent, and watch the line, learns whether they match. So a page is compressed only when its reader goes
there, never when another site, a letter that has just come, or the clock had it sent; and its length is blurred.
"""

from __future__ import annotations

import re
import secrets
from typing import Final

from flask import Flask, Response, request

from webmail.web import codings

_PAGES: Final = frozenset({"login.show", "mailbox.show", "message.show"})
_DOOR: Final = "login.show"
_LIST: Final = "mailbox.show"
_BETWEEN: Final = re.compile(rb">[ \n]*\n[ \n]*<")
"""White space between tags, with a line end in it: one says as much, on a page without text that keeps its own."""
_LEAST: Final = 1024
_EFFORT: Final = 7
_BLUR: Final = 96


def install(app: Flask) -> None:
    """Compress what may be, after everything else was said about it."""
    app.after_request(_shrink)


def _shrink(response: Response) -> Response:
    if request.endpoint not in _PAGES or response.status_code != 200 or response.mimetype != "text/html":
        return response
    response.vary.add("Accept-Encoding")
    coding = codings.chosen(request.accept_encodings) if request.method == "GET" and _wanted() else ""
    body = response.get_data() if coding else b""
    if len(body) >= _LEAST:
        if request.endpoint in (_LIST, _DOOR):
            body = _BETWEEN.sub(b">\n<", body)
        # Beside the secret of the form the door without a query holds nothing that anybody could choose.
        blur = b"" if request.endpoint == _DOOR else _blur()
        response.set_data(codings.coded(body + blur, coding, _EFFORT))
        response.headers["Content-Encoding"] = coding
    return response


def _wanted() -> bool:
    """Whether a reader's own hand is behind it, as far as the browser says so. One that says nothing gets it plain."""
    if request.endpoint == _DOOR:
        return not request.args  # nothing in it is of anybody's choice
    told = request.headers
    if told.get("Sec-Fetch-Site") not in ("same-origin", "none") or "refresh" in request.args:
        return False
    if "X-Part" in told:
        # Opening a letter beside the list. Lists and folders are fetched by script, whenever mail comes.
        return told["X-Part"] == "message" and "X-Background" not in told
    return told.get("Sec-Fetch-Dest") == "document" and told.get("Sec-Fetch-Mode") == "navigate"


def _blur() -> bytes:
    """A comment of a length by chance, the sum of two so that it has no sharp ends; it does not compress to less."""
    return f"<!--{secrets.token_urlsafe(1 + secrets.randbelow(_BLUR) + secrets.randbelow(_BLUR))}-->".encode()
