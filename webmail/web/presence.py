"""Shared computers: whether any page of a sign-in is still open, so that closing the last one signs out.

A page with script says "here" under a name of its own, and "left" when it goes. "Left" counts when that page was the
last one to speak and no other has been opened since: a page that is opened answers before the old one goes, so neither
a link nor a reload nor Back ends anything. Then another page has CLOSED_SECONDS to say that it is there. A page without
script says nothing, and what it took the place of does not count as the last: then only quiet minutes end the sign-in.
"""

from __future__ import annotations

import re
import time

from flask import Flask, Response, request
from flask_login import current_user

from webmail.web import session
from webmail.web.services import services

_NAME = re.compile(r"[A-Za-z0-9-]{8,64}")


def install(app: Flask) -> None:
    """Note every page that is opened."""
    app.after_request(_opened)


def here(page: str) -> None:
    """This page is open. page: a random name that it gave itself."""
    who = session.current()
    if who.shared and _NAME.fullmatch(page):
        services().store.change(who.record_key, {"page": page, "left": 0})


def left(page: str) -> None:
    """This page was closed, or its tab has gone on."""
    who = session.current()
    found = services().store.get(who.record_key)
    if who.shared and found is not None and _NAME.fullmatch(page) and found[0].get("page") == page:
        services().store.change(who.record_key, {"left": int(time.time())})


def _opened(response: Response) -> Response:
    if request.endpoint not in session.PUBLIC and _is_page(response) and current_user.is_authenticated:
        who = session.current()
        found = services().store.get(who.record_key) if who.shared else None
        if found is not None and (found[0].get("page") or found[0].get("left")):
            services().store.change(who.record_key, {"page": "", "left": 0})
    return response


def _is_page(response: Response) -> bool:
    """What takes the place of the page in a tab: neither a way on to another address, nor a download, nor a part."""
    if response.status_code in (204, 205) or 300 <= response.status_code < 400:
        return False
    if response.headers.get("Content-Disposition", "").startswith("attachment"):
        return False
    destination = request.headers.get("Sec-Fetch-Dest")
    by_script = "X-Background" in request.headers or "X-Part" in request.headers
    return destination == "document" if destination else not by_script
