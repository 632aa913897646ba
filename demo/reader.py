"""Pennypost itself as a child process, with settings that point it at the demo's mail server."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final

from demo.server import DemoServer

ROOT: Final = Path(__file__).resolve().parent.parent
ADDRESS: Final = "127.0.0.1"
_PATIENCE: Final = 5.0  # seconds a child gets to end by itself


class Reader:
    """start(), then answers() until it does, then stop(). It has a process group of its own: Ctrl-C is the demo's."""

    def __init__(self, server: DemoServer, state: Path, port: int, host: str = ADDRESS) -> None:
        self.port = port
        self._environ = {name: value for name, value in os.environ.items() if not name.startswith("PENNYPOST_")}
        self._environ |= {
            "PENNYPOST_IMAP_HOST": server.host,
            "PENNYPOST_IMAP_PORT": str(server.imap_port),
            "PENNYPOST_SMTP_HOST": server.host,
            "PENNYPOST_SMTP_PORT": str(server.smtp_port),
            "PENNYPOST_CA_FILE": str(server.ca_file),
            "PENNYPOST_LISTEN": f"{host}:{port}",
            "PENNYPOST_STATE_DIR": str(state),
            "PENNYPOST_SECURE_COOKIES": "0",  # plain HTTP
            "PENNYPOST_BRAND": "Pennypost demo",
        }
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{ADDRESS}:{self.port}/"

    def start(self) -> None:
        """What it has to say on standard error goes to the terminal."""
        self._child = subprocess.Popen(
            [sys.executable, "-m", "webmail", "serve"], cwd=ROOT, env=self._environ,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    def ended(self) -> int | None:
        """The exit status, or None while it runs."""
        return self._child.poll() if self._child else None

    def answers(self) -> bool:
        """True when a page can be had."""
        connection = http.client.HTTPConnection(ADDRESS, self.port, timeout=2)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        """Asks gunicorn for a quick end, then insists: no process of the group stays behind."""
        if self._child is None:
            return
        try:
            self._signal(signal.SIGINT)
            self._child.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            pass
        self._signal(signal.SIGKILL)  # the group: workers of a parent that died are in it, too
        self._child.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self._child:
            try:
                os.killpg(self._child.pid, number)
            except (ProcessLookupError, PermissionError):
                pass


def free_port(preferred: int, host: str = ADDRESS) -> int:
    """The preferred port of that address, or any free one when it is taken. 0 asks for any."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("No free port on this computer")
