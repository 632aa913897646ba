"""Lines of the log: every request has a number, which its lines, its error page and its answer have too.

A line says what happened and where in our code, never whose or which: no path, subject, address or word (R17).
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
from datetime import UTC, datetime
from typing import Final

from flask import Flask, Response, g, has_request_context, request

from webmail.web.services import services

HEADER: Final = "X-Request-ID"
_GIVEN: Final = re.compile(r"[A-Za-z0-9-]{8,64}")

log = logging.getLogger("pennypost.requests")


def number() -> str:
    """The number of this request, "-" outside of one. A proxy of ours may have given it one already (R30)."""
    if not has_request_context():
        return "-"
    if "number" not in g:
        given = request.headers.get(HEADER, "") if services().settings.proxy_hops else ""
        g.number = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
    return str(g.number)


def start(kind: str, *, requests: bool) -> None:
    """Begin to write to standard error. kind: "text" or "json". requests: a line for each of them, too."""
    handler = logging.StreamHandler()
    handler.setFormatter(Json() if kind == "json" else Text())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    log.setLevel(logging.INFO if requests else logging.WARNING)


def install(app: Flask) -> None:
    """Give every request its number. Before all others that have something to do with a request."""
    app.before_request(_begin)
    app.after_request(_told)


def _begin() -> None:
    g.since = time.perf_counter()


def _told(response: Response) -> Response:
    if response.status_code >= 400:
        # Not on all of them: of a first visit, which is counted in octets, it would be a hundred.
        response.headers[HEADER] = number()
    if log.isEnabledFor(logging.INFO):
        seconds = time.perf_counter() - g.get("since", time.perf_counter())
        facts = {
            "method": request.method, "page": request.endpoint or "none", "status": response.status_code,
            "ms": round(seconds * 1000, 1),
        }  # fmt: skip
        log.info(" ".join(f"{name}=%s" for name in facts), *facts.values(), extra={"facts": facts})
    return response


class Text(logging.Formatter):
    """2026-12-01T08:00:00+00:00 WARNING pennypost [3f9c...] ServerTooSlow"""

    def format(self, record: logging.LogRecord) -> str:
        """One line for each record."""
        return f"{_when(record)} {record.levelname} {record.name} [{number()}] {_said(record)}"


class Json(logging.Formatter):
    """An object a line, with the facts of a request as fields of their own."""

    def format(self, record: logging.LogRecord) -> str:
        """One line for each record."""
        line = {
            "time": _when(record), "level": record.levelname, "logger": record.name, "request": number(),
            "message": _said(record),
        }  # fmt: skip
        return json.dumps(line | getattr(record, "facts", {}))


def _when(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _said(record: logging.LogRecord) -> str:
    """What libraries say of an exception could be somebody's words: its class is enough (R17)."""
    said = record.getMessage().replace("\n", " ").replace("\r", " ")
    return f"{said} ({record.exc_info[0].__name__})" if record.exc_info and record.exc_info[0] else said
