"""What is fetched from the web for a reader: public addresses only, pictures only, and nothing of ours goes along."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.mail.test_picture import png
from tests.servers.authority import Authority
from tests.servers.web import Web, answer, dripping
from webmail import errors, remote
from webmail.remote import Remote, public

PNG = png(30, 20)
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


@pytest.fixture
def web() -> Iterator[Web]:
    made = Web()
    made.pages["/a.png"] = answer(200, PNG, Content_Type="text/html", Set_Cookie="x=1")
    yield made
    made.stop()


@pytest.fixture
def secure(authority: Authority) -> Iterator[Web]:
    made = Web(authority)
    made.pages["/a.png"] = answer(200, PNG)
    yield made
    made.stop()


@pytest.fixture
def make(authority: Authority) -> Callable[..., Remote]:
    def made(**more: Any) -> Remote:
        context = ssl.create_default_context(cafile=str(authority.ca_file))
        return Remote(context, **{"most": 4, "each": 2, "allowed": LOOPBACK, **more})

    return made


def test_a_picture_comes_with_the_type_that_it_is(make: Callable[..., Remote], web: Web) -> None:
    found = make().picture("me", web.url("/a.png?u=1"))
    assert (found.type, found.content) == ("image/png", PNG)


def test_r23_nothing_of_the_reader_goes_along(make: Callable[..., Remote], web: Web) -> None:
    fetcher = make()
    fetcher.picture("me", web.url("/a.png"))
    fetcher.picture("me", web.url("/a.png"))
    for _, _, headers, _ in web.asked:
        assert headers.keys() <= {"host", "user-agent", "accept", "accept-encoding", "connection"}


def test_https_is_checked_for_its_name(make: Callable[..., Remote], secure: Web) -> None:
    assert make().picture("me", secure.url("/a.png")).content == PNG
    with pytest.raises(errors.RemoteFailed):
        make().picture("me", secure.url("/a.png", host="127.0.0.2"))


@pytest.mark.parametrize(
    "url",
    [
        "http://{host}/a.png", "ftp://localhost/a.png", "file:///etc/passwd", "http://user:pw@localhost/a.png", "http:///a.png",
        "http://localhost:99999/a.png", "http://localhost/a\r\nX: y", "http://localhost/ a", "http://localhost/ä",
        "http://[::1", "", "http://localhost/" + "a" * 5000,
    ],
)  # fmt: skip
@pytest.mark.asvs("1.3.6", "13.2.4")
def test_r23_only_plain_web_addresses_of_the_public_internet_are_asked(
    make: Callable[..., Remote], web: Web, url: str
) -> None:
    fetcher = make(allowed=())
    with pytest.raises((errors.RemoteRefused, errors.RemoteFailed)):
        fetcher.picture("me", url.replace("{host}", f"localhost:{web.port}"))
    assert web.asked == []


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("93.184.215.14", True), ("2606:2800:21f:cb07::1", True), ("10.0.0.1", False), ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("100.64.1.1", False), ("169.254.169.254", False), ("192.0.2.1", False), ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("::1", False), ("::", False), ("fe80::1", False), ("fd00::1", False), ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False), ("2002:7f00:1::", False), ("64:ff9b::7f00:1", False), ("2001:db8::1", False),
    ],
)  # fmt: skip
def test_r23_what_is_public(address: str, expected: bool) -> None:
    assert public(ipaddress.ip_address(address)) is expected


def test_r23_a_name_is_looked_up_once_and_that_address_is_asked(make: Callable[..., Remote], web: Web) -> None:
    """A name server that answers differently the second time (rebinding) is not asked a second time."""
    asked: list[str] = []

    def lookup(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    assert make(lookup=lookup).picture("me", web.url("/a.png", host="pics.example")).content == PNG
    assert asked == ["pics.example"]
    assert web.asked[0][2]["host"] == f"pics.example:{web.port}"


def test_r23_a_name_with_one_address_inside_is_refused_whole(make: Callable[..., Remote], web: Web) -> None:
    def lookup(host: str, port: int, **_: Any) -> list[Any]:
        return [(2, 1, 6, "", ("93.184.215.14", port)), (2, 1, 6, "", ("127.0.0.1", port))]

    with pytest.raises(errors.RemoteRefused):
        make(allowed=(), lookup=lookup).picture("me", web.url("/a.png", host="pics.example"))


def test_redirects_are_followed_three_times(make: Callable[..., Remote], web: Web) -> None:
    for number in range(5):
        web.pages[f"/{number}"] = answer(302, Location=f"/{number - 1}" if number else "/a.png")
    assert make().picture("me", web.url("/2")).content == PNG
    with pytest.raises(errors.RemoteRefused):
        make().picture("me", web.url("/3"))


@pytest.mark.parametrize(
    "to", ["http://10.0.0.1/a.png", "file:///etc/passwd", "//169.254.169.254/", "", "javascript:x"]
)
@pytest.mark.asvs("15.3.2")
def test_r23_a_redirect_inside_is_refused(make: Callable[..., Remote], web: Web, to: str) -> None:
    web.pages["/out"] = answer(302, Location=to)
    with pytest.raises(errors.RemoteRefused):
        make().picture("me", web.url("/out"))


def test_a_redirect_never_leaves_https(make: Callable[..., Remote], web: Web, secure: Web) -> None:
    secure.pages["/out"] = answer(302, Location=web.url("/a.png"))
    with pytest.raises(errors.RemoteRefused):
        make().picture("me", secure.url("/out"))
    assert web.asked == []


@pytest.mark.parametrize(
    ("page", "error"),
    [
        (answer(200, b"<svg xmlns='http://www.w3.org/2000/svg'/>", Content_Type="image/svg+xml"), errors.RemoteRefused),
        (answer(200, b"<!doctype html>", Content_Type="image/png"), errors.RemoteRefused),
        (answer(200, png(60_000, 60_000)), errors.RemoteRefused),
        (answer(200, PNG, Content_Encoding="gzip"), errors.RemoteRefused),
        (answer(200, PNG + bytes(remote.LARGEST)), errors.RemoteRefused),
        (answer(404, PNG), errors.RemoteFailed),
        (lambda request: request.wfile.write(b"\0\1\2\3\r\n\r\n"), errors.RemoteFailed),
    ],
    ids=["svg", "page", "pixels", "packed", "large", "404", "noise"],
)
def test_what_is_no_picture_does_not_pass(make: Callable[..., Remote], web: Web, page: Any, error: Any) -> None:
    web.pages["/x"] = page
    with pytest.raises(error):
        make().picture("me", web.url("/x"))


@pytest.mark.parametrize("slow", ["body", "header"])
def test_r33_octet_by_octet_ends_all_the_same(
    make: Callable[..., Remote], web: Web, monkeypatch: pytest.MonkeyPatch, slow: str
) -> None:
    monkeypatch.setattr(remote, "_TOTAL", 0.5)
    head = b"HTTP/1.0 200 OK\r\nX-Long: " + b"a" * 5000
    web.pages["/x"] = dripping(PNG * 100, 0.1) if slow == "body" else lambda request: _drip(request, head)
    with pytest.raises((errors.RemoteFailed, errors.RemoteRefused)):
        make().picture("me", web.url("/x"))


def _drip(request: Any, octets: bytes) -> None:
    for octet in octets:
        request.wfile.write(bytes([octet]))
        request.wfile.flush()
        threading.Event().wait(0.1)


def test_one_reader_has_so_many_at_once_and_leaves_room_for_others(make: Callable[..., Remote], web: Web) -> None:
    held, go = threading.Semaphore(0), threading.Event()

    def wait(request: Any) -> None:
        held.release()
        go.wait(20)
        answer(200, PNG)(request)

    web.pages["/slow"] = wait
    fetcher = make()
    threads = [threading.Thread(target=fetcher.picture, args=("me", web.url("/slow"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        assert all(held.acquire(timeout=20) for _ in threads)
        with pytest.raises(errors.RemoteBusy):
            fetcher.picture("me", web.url("/a.png"))
        assert fetcher.picture("you", web.url("/a.png")).content == PNG
    finally:
        go.set()
        for thread in threads:
            thread.join(20)
    assert fetcher.picture("me", web.url("/a.png")).content == PNG


def test_a_post_goes_over_https_once_and_follows_nothing(make: Callable[..., Remote], web: Web, secure: Web) -> None:
    secure.pages["/u"] = answer(302, Location="/a.png")
    assert (
        make().post("me", secure.url("/u"), b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded") == 302
    )
    assert [(method, path, body) for method, path, _, body in secure.asked] == [
        ("POST", "/u", b"List-Unsubscribe=One-Click")
    ]
    with pytest.raises(errors.RemoteRefused):
        make().post("me", web.url("/u"), b"x", "text/plain")
