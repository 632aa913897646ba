"""Who asks: a person who opens a page, or a browser that fetches it ahead."""

from __future__ import annotations

from flask import request


def is_reading() -> bool:
    """A person opening the page: not a HEAD, not a prefetch, and not a page of another site that names our URL."""
    purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    foreign = request.headers.get("Sec-Fetch-Site") == "cross-site"
    return request.method == "GET" and "prefetch" not in purpose and not foreign
