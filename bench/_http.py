"""A browser without a screen: one connection that is kept, cookies, forms, a stream of events. It renders nothing."""

from __future__ import annotations

import gzip
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.servers.application import forms_of
from tests.servers.people import Person

ACCEPT = "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\nAccept-Encoding: gzip\r\nUser-Agent: bench\r\n"


def text(head: bytes, octets: bytes) -> str:
    """A body as it was before it was packed for the way."""
    return (gzip.decompress(octets) if b"content-encoding: gzip" in head.lower() else octets).decode()


@dataclass(frozen=True)
class Answer:
    """status, raw head, and the body as it came over the wire."""

    status: int
    head: bytes
    octets: bytes

    @property
    def body(self) -> str:
        return text(self.head, self.octets)

    def header(self, name: str) -> str | None:
        found = re.search(rb"(?im)^" + name.encode() + rb": *([^\r\n]*)", self.head)
        return found[1].decode("latin-1") if found else None


class Browser:
    """Somebody at the webmail on 127.0.0.1:port."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self._sock: socket.socket | None = None

    def get(self, path: str, **headers: str) -> Answer:
        """One GET; X_Part="list" becomes X-Part: list. RuntimeError when the answer is an error."""
        return self._checked(path, self.send(self.request("GET", path, headers)))

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Answer:
        """One POST of a form, without following where it leads."""
        body = urlencode(fields).encode()
        more = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body)), **headers}
        return self._checked(path, self.send(self.request("POST", path, more) + body))

    def request(self, method: str, path: str, headers: dict[str, str]) -> bytes:
        """The octets of a request."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        first = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
        return f"{first}Cookie: {cookies}\r\n{ACCEPT}{lines}\r\n".encode()

    def send(self, request: bytes) -> Answer:
        """Send it on the kept connection, on a new one when the server closed that meanwhile."""
        for attempt in range(2):
            fresh = self._sock is None
            try:
                self.sock().sendall(request)
                return self._receive()
            except (ConnectionError, EOFError):
                self.close()
                if fresh or attempt:
                    raise
        raise AssertionError

    def sock(self) -> socket.socket:
        if self._sock is None:
            self._sock = socket.create_connection(("127.0.0.1", self.port), timeout=60)
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._sock

    def close(self) -> None:
        if self._sock:
            self._sock.close()
            self._sock = None

    def sign_in(self, person: Person) -> None:
        """By the form, as a person does."""
        form = forms_of(self.get("/login").body)[0]
        fields = dict(form.fields) | {"user": person.address, "password": person.password}
        if self.post(form.action or "/login", fields).status != 303:
            raise RuntimeError(f"{person.address} cannot sign in")

    def _receive(self) -> Answer:
        told = bytearray()
        while (at := told.find(b"\r\n\r\n")) < 0:
            told += self._more()
        head, body = bytes(told[:at]), told[at + 4 :]
        lower = head.lower()
        if b"transfer-encoding: chunked" in lower:
            octets = self._chunks(body)
        else:
            found = re.search(rb"content-length: *(\d+)", lower)
            length = int(found[1]) if found else 0
            while len(body) < length:
                body += self._more()
            octets = bytes(body)
        answer = Answer(int(head[9:12]), head, octets)
        self._keep_cookies(head)
        if b"connection: close" in lower:
            self.close()
        return answer

    def _chunks(self, told: bytearray) -> bytes:
        octets = bytearray()
        while True:
            while (at := told.find(b"\r\n")) < 0:
                told += self._more()
            size = int(told[:at], 16)
            while len(told) < at + 2 + size + 2:
                told += self._more()
            octets += told[at + 2 : at + 2 + size]
            del told[: at + 2 + size + 2]
            if not size:
                return bytes(octets)

    def _more(self) -> bytes:
        octets = self.sock().recv(262144)
        if not octets:
            raise EOFError("the web server closed the connection")
        return octets

    def _keep_cookies(self, head: bytes) -> None:
        for name, value in re.findall(rb"(?im)^set-cookie: *([^=]+)=([^;\r\n]*)", head):
            self.cookies[name.decode()] = value.decode()

    def _checked(self, path: str, answer: Answer) -> Answer:
        if answer.status >= 400 or (answer.status == 303 and "/login" in (answer.header("Location") or "")):
            raise RuntimeError(f"{path}: {answer.status} {answer.header('Location') or ''}")
        return answer
