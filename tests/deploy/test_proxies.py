"""The proxies of deploy/ in front of the real server: HTTPS, who asks, streams, large files, and what stays inside."""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploy.outside import ELSEWHERE, NAME, Visitor, caddy, nginx, served
from tests.servers.authority import Authority
from tests.servers.dovecot import free_ports
from tests.servers.people import Person, letter
from webmail.config import Settings

TOKEN = "0123456789abcdef01234567"


@dataclass(frozen=True)
class Site:
    """kind: of proxy. secure, plain: its ports. log: of Pennypost."""

    kind: str
    secure: int
    plain: int
    log: Path
    folder: Path


@pytest.fixture(params=["nginx", "caddy"])
def site(request: pytest.FixtureRequest, settings: Settings, authority: Authority, tmp_path: Path) -> Iterator[Site]:
    [port] = free_ports(1)
    kind, log = request.param, tmp_path / "served.log"
    proxy = {"nginx": nginx, "caddy": caddy}[kind]
    with served(settings, log, port, METRICS_TOKEN=TOKEN), proxy(tmp_path, authority, port) as (secure, plain):
        yield Site(kind, secure, plain, log, tmp_path)


@pytest.fixture
def visitor(site: Site, authority: Authority) -> Visitor:
    return Visitor(site.secure, authority)


def test_one_signs_in_over_https_alone_and_is_who_one_is(site: Site, visitor: Visitor, alice: Person) -> None:
    line = http.client.HTTPConnection("127.0.0.1", site.plain, timeout=20)
    line.request("GET", "/login", headers={"Host": NAME})
    answer = line.getresponse()
    assert answer.status == 308
    assert answer.headers["Location"].startswith(f"https://{NAME}")
    line.close()
    token = visitor.token("/login")
    forged = {"X_Forwarded_For": "203.0.113.9", "Forwarded": "for=203.0.113.9", "X_Forwarded_Host": "evil.example"}
    form = {"csrf_token": token, "user": alice.address, "password": "wrong"}
    status, _, _ = visitor.ask("/login", form, **forged)
    assert status == 401
    assert f"sign-in from {ELSEWHERE}: SignInRefused" in site.log.read_text()
    visitor.sign_in(alice, **forged)
    [session] = [line for line in visitor.lines if line.startswith("__Host-pennypost=")][-1:]
    assert "Secure" in session
    assert "203.0.113.9" not in site.log.read_text()
    status, headers, _ = visitor.ask("/m/INBOX", Host="evil.example")
    assert status in (400, 404, 421) or headers.get("Location", f"https://{NAME}").startswith(f"https://{NAME}")


def test_a_stream_passes_as_it_comes(site: Site, visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    with visitor.stream() as events:
        assert events.status == 200
        assert events.headers["Content-Type"].startswith("text/event-stream")
        time.sleep(1)
        alice.append(letter("Hello"))
        sent, said = time.monotonic(), b""
        while b"event: mail" not in said:
            said = events.readline()
            assert said, "the stream ended"
        assert time.monotonic() - sent < 5


def test_large_files_pass_and_too_large_ones_are_told_by_us(site: Site, visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice)
    token = visitor.token("/write")

    def send(octets: int) -> tuple[int, bytes]:
        parts = {"csrf_token": token, "do": "save", "subject": "Plans", "body": "with a file", "to": ""}
        mark = "----------pennypost"
        head = "".join(
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in parts.items()
        )
        head += f'--{mark}\r\nContent-Disposition: form-data; name="att"; filename="a.bin"\r\n\r\n'
        body = head.encode() + b"x" * octets + f"\r\n--{mark}--\r\n".encode()
        status, _, said = visitor.ask("/write", body, Content_Type=f"multipart/form-data; boundary={mark}")
        return status, said

    assert send(20_000_000)[0] in (200, 303)
    assert [message.header("Subject") for message in alice.messages("Drafts")] == ["Plans"]
    status, said = send(40_000_000)
    assert status == 413
    assert b"with a file" in said, "the typed text comes back"


def test_what_is_for_machines_inside_is_not_there_from_outside(site: Site, visitor: Visitor) -> None:
    for path in ("/metrics", "/healthz", "/healthz/ready"):
        status, _, said = visitor.ask(path, Authorization=f"Bearer {TOKEN}")
        assert (status, b"pennypost_" in said, b"ready" in said) == (404, False, False), path


def test_every_request_has_the_number_of_the_proxy(site: Site, visitor: Visitor) -> None:
    status, headers, _ = visitor.ask("/nothing", X_Request_ID="of-a-stranger")
    assert status == 404
    assert "X-Request-ID" not in visitor.ask("/login")[1]
    wanted = r"[0-9a-f]{32}" if site.kind == "nginx" else r"[0-9a-f-]{36}"
    assert re.fullmatch(wanted, headers["X-Request-ID"])
    if site.kind == "nginx":
        visitor.ask("/m/Canaryfolder")
        time.sleep(0.2)
        log = (site.folder / "pennypost.log").read_text() + (site.folder / "nginx.log").read_text()
        assert headers["X-Request-ID"] in log
        assert "Canaryfolder" not in log
