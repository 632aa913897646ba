"""What is answered beside the site, to machines of the operator: whether it is well, and figures.

It stands in front of the application, because who asks is a balancer or a container engine: it calls us by an address
that is none of our names, has no cookie, and must get an answer also when pages cannot be made.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from webmail.web.figures import CONTENT_TYPE, Figures

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PLAIN: Final = "text/plain; charset=utf-8"


class Beside:
    """/healthz: this process answers. /healthz/ready: it can serve, too. /metrics: figures, for who knows the token.

    closing: whether the process is about to end. shared: whether what all machines share answers. figures: None where
    the operator wants none; then there is no such address. token: what a scrape has to show (RFC 6750 2.1).
    """

    def __init__(
        self, site: WSGIApplication, *, state: Path, closing: Callable[[], bool], shared: Callable[[], bool],
        figures: Figures | None, token: str,
    ) -> None:  # fmt: skip
        self._site, self._state, self._closing, self._shared = site, state, closing, shared
        self._figures, self._token = figures, token
        self._answers = {"/healthz": self._live, "/healthz/ready": self._ready}
        if figures is not None:
            self._answers["/metrics"] = self._metrics

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer = self._answers.get(environ["PATH_INFO"])
        if answer is None:
            return self._site(environ, start_response)
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            status, kind, body = "405 Method Not Allowed", _PLAIN, b"GET only\n"
        else:
            status, kind, body = answer(environ)
        headers = [
            ("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]  # fmt: skip
        if status.startswith("401"):
            headers.append(("WWW-Authenticate", "Bearer"))
        start_response(status, headers)
        return [body if environ["REQUEST_METHOD"] == "GET" else b""]

    def _live(self, environ: WSGIEnvironment) -> tuple[str, str, bytes]:
        return "200 OK", _PLAIN, b"ok\n"

    def _ready(self, environ: WSGIEnvironment) -> tuple[str, str, bytes]:
        """Not whether mail servers answer: nobody is helped when all nodes leave the balancer because of that."""
        if self._closing():
            return "503 Service Unavailable", _PLAIN, b"ending\n"
        try:
            # It may be deleted at any time; whoever signs in next makes it anew, and so do we.
            self._state.mkdir(mode=0o700, parents=True, exist_ok=True)
            writable = os.access(self._state, os.W_OK | os.X_OK)
        except OSError:
            writable = False
        if not writable:
            return "503 Service Unavailable", _PLAIN, b"the state directory cannot be written\n"
        if not self._shared():
            return "503 Service Unavailable", _PLAIN, b"what all machines share does not answer\n"
        return "200 OK", _PLAIN, b"ready\n"

    def _metrics(self, environ: WSGIEnvironment) -> tuple[str, str, bytes]:
        assert self._figures is not None
        shown = environ.get("HTTP_AUTHORIZATION", "").encode("latin-1")
        if not hmac.compare_digest(shown, b"Bearer " + self._token.encode("ascii")):
            return "401 Unauthorized", _PLAIN, b"a token is needed\n"
        return "200 OK", CONTENT_TYPE, self._figures.text()
