"""Where this site is, as the reader's browser knows it."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request


def own_host() -> str:
    """Our host name, from which a message may load nothing by itself (R5)."""
    return urlsplit(request.host_url).hostname or ""
