"""Connections for the tests of imap/: dialled by the code under test, closed at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.servers.authority import Authority
from tests.servers.people import Person
from tests.servers.scripted import Scripted
from webmail.config import Endpoint
from webmail.imap.connection import Connection, dial, tls_context
from webmail.imap.pool import Account, Pool

Connect = Callable[..., Connection]


@pytest.fixture
def endpoint_of(authority: Authority) -> Callable[[Any], Endpoint]:
    """The endpoint of anything with host and port: a person, a scripted server, a proxy."""
    return lambda place: Endpoint(place.host, place.port, "implicit", authority.ca_file)


@pytest.fixture
def account_of(endpoint_of: Callable[[Any], Endpoint]) -> Callable[..., Account]:
    """The account of a person; at: another place, such as a proxy in front of the server."""
    return lambda person, at=None: Account(endpoint_of(at or person), person.login, person.password)


@pytest.fixture
def connect(endpoint_of: Callable[[Any], Endpoint]) -> Iterator[Connect]:
    """Dial a person's server, or a scripted one: connect(alice), connect(server, login=..., read_timeout=...)."""
    made: list[Connection] = []

    def start(
        place: Person | Scripted,
        *,
        login: str | None = None,
        password: str | None = None,
        connect_timeout: float = 5,
        read_timeout: float = 10,
    ) -> Connection:
        endpoint = endpoint_of(place)
        conn = dial(
            endpoint,
            getattr(place, "login", "alice") if login is None else login,
            getattr(place, "password", "secret") if password is None else password,
            context=tls_context(endpoint.ca_file),
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
        )
        made.append(conn)
        return conn

    yield start
    for conn in made:
        conn.close()


@pytest.fixture
def pools() -> Iterator[Callable[..., Pool]]:
    """Make pools with short times; closed at the end."""
    made: list[Pool] = []

    def start(**options: Any) -> Pool:
        defaults = {"connect_timeout": 5, "read_timeout": 10, "wait_seconds": 3}
        made.append(Pool(**(defaults | options)))
        return made[-1]

    yield start
    for pool in made:
        pool.close()


@pytest.fixture
def conn(connect: Connect, alice: Person) -> Connection:
    """Alice's connection to the reference server."""
    return connect(alice)
