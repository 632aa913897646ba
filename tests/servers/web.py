"""A web server that others run: pictures, redirects, slowness. Real HTTP on loopback."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.servers.authority import Authority


class Web:
    """Answers by path; with an authority over TLS, as localhost or as these names.

    asked: every request, as (method, path, headers, body).
    """

    def __init__(self, authority: Authority | None = None, *names: str) -> None:
        self.pages: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                web.asked.append((self.command, self.path, headers, self.rfile.read(length)))
                web.pages.get(self.path.partition("?")[0], answer(404))(self)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *args: Any) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, *args: Any) -> None:
                pass  # clients that hang up are what these tests are about

        self._server = Quiet(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.scheme = "http"
        if authority is not None:
            context = (authority.naming(*names) if names else authority.good()).server_context()
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self.scheme = "https"
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def url(self, path: str, host: str = "localhost") -> str:
        """The address of a page of it."""
        return f"{self.scheme}://{host}:{self.port}{path}"

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()


def answer(status: int, body: bytes = b"", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """A plain answer. headers: with _ for -."""

    def send(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return send


def dripping(body: bytes, seconds: float) -> Callable[[BaseHTTPRequestHandler], None]:
    """One octet at a time."""

    def send(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        for octet in body:
            request.wfile.write(bytes([octet]))
            time.sleep(seconds)

    return send
