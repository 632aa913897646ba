"""A demo mail server for each test that asks, and people who sign in to it."""

from __future__ import annotations

import contextlib
import ssl
import time
from collections.abc import Callable, Iterator

import pytest
from imapclient import IMAPClient

from demo.accounts import PEOPLE, empty_accounts
from demo.server import DemoServer

Connect = Callable[..., IMAPClient]


@pytest.fixture
def server() -> Iterator[DemoServer]:
    """With all the sample mail."""
    with DemoServer() as started:
        yield started


@pytest.fixture
def empty_server() -> Iterator[DemoServer]:
    """With the people, and no mail."""
    with DemoServer(empty_accounts()) as started:
        yield started


def sign_in(server: DemoServer, person: int = 0) -> IMAPClient:
    """0 is Ana, 1 is Ben."""
    context = ssl.create_default_context(cafile=str(server.ca_file))
    client = IMAPClient(server.host, server.imap_port, ssl=True, ssl_context=context, timeout=10)
    client.login(*PEOPLE[person])
    return client


def wait_until_told(client: IMAPClient, wanted: tuple[object, ...]) -> tuple[object, ...]:
    """The first answer in IDLE that begins so; others may come before it."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        for told in client.idle_check(timeout=1):
            if told[: len(wanted)] == wanted:
                return tuple(told)
    pytest.fail(f"{wanted} was never told")


@contextlib.contextmanager
def _closing(clients: list[IMAPClient]) -> Iterator[None]:
    try:
        yield
    finally:
        for client in clients:
            try:
                client.logout()
            except (OSError, client.Error):  # in IDLE, or gone
                client.shutdown()


@pytest.fixture
def ana(server: DemoServer) -> Iterator[Connect]:
    """Signs Ana in, as often as asked: ana()."""
    clients: list[IMAPClient] = []

    def connect() -> IMAPClient:
        clients.append(sign_in(server))
        return clients[-1]

    with _closing(clients):
        yield connect


@pytest.fixture
def newcomer(empty_server: DemoServer) -> Iterator[Connect]:
    """Ana on a server without mail."""
    clients: list[IMAPClient] = []

    def connect() -> IMAPClient:
        clients.append(sign_in(empty_server))
        return clients[-1]

    with _closing(clients):
        yield connect
