"""R23: where this site connects to when a domain names its servers itself, and where never."""

from __future__ import annotations

import socket
from dataclasses import replace
from typing import Any

import pytest

from tests.servers.authority import Authority
from tests.servers.names import IMAP, Names
from webmail import errors
from webmail.config import Endpoint
from webmail.imap.connection import dial, tls_context
from webmail.smtp import offer

INSIDE = [
    ["127.0.0.1"], ["10.0.0.1"], ["192.168.1.1"], ["172.16.0.1"], ["169.254.169.254"], ["100.64.0.1"], ["0.0.0.0"],
    ["::1"], ["fe80::1"], ["fd00::1"], ["::ffff:127.0.0.1"], ["::ffff:10.0.0.1"], ["64:ff9b::7f00:1"],
    ["8.8.8.8", "10.0.0.1"], ["2606:4700::1111", "127.0.0.1"],
]  # fmt: skip


def never(*_: Any) -> None:
    raise AssertionError("a socket was opened")


@pytest.mark.asvs("1.3.6", "13.2.4")
@pytest.mark.parametrize("addresses", INSIDE, ids=str)
def test_r23_a_server_that_a_domain_names_never_leads_inside(
    names: Names, addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    names.lead(IMAP, *addresses)
    monkeypatch.setattr(socket.socket, "connect", never)
    context = tls_context(None)
    for tls in ("implicit", "starttls"):
        endpoint = Endpoint(IMAP, 993, tls, None, ())  # type: ignore[arg-type]
        with pytest.raises(errors.ServerInside):
            dial(endpoint, "a", "b", context=context, connect_timeout=1, read_timeout=1)
        with pytest.raises(errors.ServerInside):
            offer(replace(endpoint, port=587), "a", "b", context=context, connect_timeout=1, command_timeout=1)


@pytest.mark.parametrize("port", [22, 25, 80, 443, 6379, 11211])
def test_r23_a_server_that_a_domain_names_has_a_port_of_mail(
    names: Names, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    names.lead(IMAP, "8.8.8.8")
    monkeypatch.setattr(socket.socket, "connect", never)
    with pytest.raises(errors.ServerInside):
        dial(
            Endpoint(IMAP, port, "implicit", None, ()), "a", "b", context=tls_context(None), connect_timeout=1,
            read_timeout=1,
        )  # fmt: skip


def test_r23_a_name_that_turns_inside_later_is_refused_then(
    authority: Authority, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: each connection looks up once, and connects to what was judged."""
    went: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _, place: went.append(place[0]) or never_mind())
    names.known[IMAP] = [["8.8.8.8"], ["127.0.0.1"]]
    endpoint = Endpoint(IMAP, 993, "implicit", authority.ca_file, ())
    for expected in (errors.ServerUnreachable, errors.ServerInside):
        with pytest.raises(expected):
            dial(endpoint, "a", "b", context=tls_context(None), connect_timeout=1, read_timeout=1)
    assert went == ["8.8.8.8"]
    assert names.asked == [IMAP, IMAP]


def never_mind() -> None:
    raise OSError("no network here")
