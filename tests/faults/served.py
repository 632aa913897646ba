"""The production server in a process of its own, so that its memory can be measured, and a browser for it."""

from __future__ import annotations

import http.client
import http.cookiejar
import os
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Self

from tests.servers.application import forms_of
from tests.servers.dovecot import free_ports
from tests.servers.people import Person
from webmail.config import Settings

ROOT = Path(__file__).resolve().parent.parent.parent


class Served:
    """app.py as an administrator starts it, and one person who visits it with cookies and without script."""

    def __init__(self, settings: Settings) -> None:
        [self.port] = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        given = {
            name: getattr(settings, name) for name in ("imap_host", "imap_port", "smtp_host", "smtp_port", "ca_file")
        }
        given |= {"listen": f"127.0.0.1:{self.port}", "state_dir": settings.state_dir, "secure_cookies": "false"}
        environment = {f"PENNYPOST_{name.upper()}": str(value) for name, value in given.items()}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PENNYPOST_")}
        self._process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=kept | environment)
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)

    def __enter__(self) -> Self:
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                assert self._process.poll() is None, "it did not start"
                assert time.monotonic() < deadline, "it does not answer"
                time.sleep(0.05)

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)

    def open(self, path: str, data: dict[str, str] | None = None) -> http.client.HTTPResponse:
        """Open a page or send a form; the answer is read by the caller."""
        body = urllib.parse.urlencode(data).encode() if data else None
        answer: http.client.HTTPResponse = self._opener.open(urllib.parse.urljoin(self.url, path), body, timeout=60)
        return answer

    def read(self, path: str) -> str:
        """The whole of a page."""
        with self.open(path) as answer:
            return answer.read().decode()

    def sign_in(self, person: Person) -> str:
        """The page behind the sign-in."""
        [form] = [form for form in forms_of(self.read("/login")) if form.action == "/login"]
        data = {name: values[0] for name, values in form.filled(user=person.address, password=person.password).items()}
        with self.open(form.action, data) as answer:
            return answer.read().decode()

    # --- memory -------------------------------------------------------------------------------------------------------

    def forget_peak(self) -> None:
        """Begin to measure the peak anew (Linux: proc(5), clear_refs)."""
        Path(f"/proc/{self._worker}/clear_refs").write_text("5")

    @property
    def memory(self) -> tuple[int, int]:
        """Octets in use by the process that answers: now, and at the peak."""
        told = dict(line.split(":", 1) for line in Path(f"/proc/{self._worker}/status").read_text().splitlines())
        now, peak = (int(told[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM"))
        return now, peak

    @property
    def _worker(self) -> int:
        """gunicorn's one child."""
        parent = self._process.pid
        return int(Path(f"/proc/{parent}/task/{parent}/children").read_text().split()[0])
