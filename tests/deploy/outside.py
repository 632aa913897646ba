"""Somebody outside: the real server in a process, a proxy in front of it, and a browser without script over TLS."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.servers.authority import Authority
from tests.servers.dovecot import free_ports
from tests.servers.people import Person
from webmail.config import Settings

ROOT = Path(__file__).resolve().parents[2]
NAME = "localhost"
ELSEWHERE = "127.0.0.2"
"""The visitor's address: no proxy's."""


def program(name: str) -> str:
    """Where a program is; without it the test is skipped."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") or pytest.skip(
        f"no {name}"
    )


def environment(settings: Settings, port: int, **more: str) -> dict[str, str]:
    """As an administrator sets it who has a proxy with HTTPS in front."""
    names = ("imap_host", "imap_port", "smtp_host", "smtp_port", "ca_file", "state_dir")
    site = {name.upper(): str(getattr(settings, name)) for name in names}
    site |= {"LISTEN": f"127.0.0.1:{port}", "PROXY_HOPS": "1", "TRUSTED_HOSTS": NAME, "UNDO_SECONDS": "0"} | more
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PENNYPOST_")}
    return kept | {f"PENNYPOST_{name}": value for name, value in site.items()}


@contextmanager
def running(command: list[str], log: Path, *ports: int, **options: object) -> Iterator[subprocess.Popen[bytes]]:
    """A process that answers at all of these ports; it is ended at the end."""
    with log.open("ab") as stream:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, **options)  # type: ignore[call-overload]
    try:
        deadline = time.monotonic() + 30
        for port in ports:
            while not _answers(port):
                assert process.poll() is None, log.read_text(errors="replace")
                assert time.monotonic() < deadline, log.read_text(errors="replace")
                time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def served(settings: Settings, log: Path, port: int, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """`pennypost serve` at this port."""
    command = [sys.executable, "-m", "webmail", "serve"]
    with running(command, log, port, cwd=ROOT, env=environment(settings, port, **more)) as process:
        yield process


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    return False


def nginx(folder: Path, authority: Authority, behind: int) -> AbstractContextManager[tuple[int, int]]:
    """deploy/nginx.conf with other ports, files and name. Its ports: HTTPS and HTTP."""
    site = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    return nginx_with(folder, authority, site.replace("127.0.0.1:8025", f"127.0.0.1:{behind}"))


@contextmanager
def nginx_with(folder: Path, authority: Authority, site: str) -> Iterator[tuple[int, int]]:
    """site: deploy/nginx.conf, or what was made of it, as it would stand on a machine of its own."""
    secure, plain = free_ports(2)
    chain = authority.good()
    site = re.sub(r"listen \[::\]:.*\n", "", site).replace("webmail.example.org;", f"{NAME};")
    site = site.replace("listen 443", f"listen 127.0.0.1:{secure}").replace("listen 80;", f"listen 127.0.0.1:{plain};")
    site = site.replace("/var/log/nginx", str(folder))
    site = re.sub(r"ssl_certificate /\S+;", f"ssl_certificate {chain.chain};", site)
    site = re.sub(r"ssl_certificate_key /\S+;", f"ssl_certificate_key {chain.key};", site)
    (folder / "site.conf").write_text(site, "utf-8")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; worker_processes 1; user root;\n"
        f"events {{ }}\nhttp {{ {places} include {folder}/site.conf; }}\n",
        "utf-8",
    )
    command = [program("nginx"), "-e", str(folder / "nginx.log"), "-c", str(folder / "nginx.conf")]
    with running(command, folder / "nginx.log", secure, plain):
        yield secure, plain


@contextmanager
def caddy(folder: Path, authority: Authority, behind: int) -> Iterator[tuple[int, int]]:
    """deploy/Caddyfile with other ports and name, and a certificate of the tests in place of a public one."""
    secure, plain = free_ports(2)
    chain = authority.good()
    site = (ROOT / "deploy" / "Caddyfile").read_text("utf-8").replace("127.0.0.1:8025", f"127.0.0.1:{behind}")
    site = site.replace(
        "webmail.example.org {", f"{NAME}:{secure} {{\n\tbind 127.0.0.1\n\ttls {chain.chain} {chain.key}"
    )
    options = f"{{\n\tadmin off\n\thttp_port {plain}\n\thttps_port {secure}\n\tstorage file_system {folder}/caddy\n}}\n"
    (folder / "Caddyfile").write_text(options + site, "utf-8")
    command = [program("caddy"), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]
    home = os.environ | {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with running(command, folder / "caddy.log", secure, plain, env=home):
        yield secure, plain


class Visitor:
    """A browser with cookies and without script, from another address than the proxy's."""

    def __init__(self, port: int, authority: Authority) -> None:
        self.port, self.context = port, authority.client_context()
        self.cookies: dict[str, str] = {}
        self.lines: list[str] = []

    def connect(self, seconds: float = 60) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(
            NAME, self.port, timeout=seconds, context=self.context, source_address=(ELSEWHERE, 0)
        )

    def ask(
        self, path: str, form: dict[str, str] | bytes | None = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """One request on a connection of its own; nothing is followed."""
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"Cookie": kept, "Origin": f"https://{NAME}:{self.port}"} | headers
        body = urllib.parse.urlencode(form).encode() if isinstance(form, dict) else form
        if isinstance(form, dict):
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        line = self.connect()
        try:
            line.request(
                "GET" if body is None else "POST", path, body, {name.replace("_", "-"): v for name, v in sent.items()}
            )
            answer = line.getresponse()
            told = answer.read()
        finally:
            line.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            self.lines.append(cookie)
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.headers, told

    def token(self, path: str) -> str:
        """The form token of that page."""
        found = re.search(rb'name="csrf_token"[^>]* value="([^"]+)"', self.ask(path)[2])
        assert found
        return found[1].decode()

    def sign_in(self, person: Person, **headers: str) -> None:
        form = {"csrf_token": self.token("/login"), "user": person.address, "password": person.password}
        status, told, _ = self.ask("/login", form, **headers)
        assert (status, told["Location"]) == (303, "/m/INBOX")
        assert self.ask("/m/INBOX")[0] == 200

    @contextmanager
    def stream(self) -> Iterator[http.client.HTTPResponse]:
        """The events of the open page."""
        line = self.connect(20)
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        line.request("GET", "/events?m=INBOX", headers={"Cookie": kept, "Accept": "text/event-stream"})
        answer = line.getresponse()
        try:
            yield answer
        finally:
            line.close()
