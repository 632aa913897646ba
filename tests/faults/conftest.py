"""Somebody whose way to the mail server has something in it that goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from tests.servers.application import Visitor
from tests.servers.authority import Authority
from tests.servers.proxy import Rewrite, Rewriter, Side
from webmail.config import Settings


@pytest.fixture
def at(settings: Settings, make_app: Callable[[Settings], Flask]) -> Callable[..., Visitor]:
    """A visitor of a webmail in front of the IMAP server at this port, who need not wait long: at(port, page_size=10).

    The submission server is the usual one. More settings can be given.
    """

    def visit(port: int, **more: Any) -> Visitor:
        given = {"imap_port": port, "connect_timeout": 2, "command_timeout": 2} | more
        return Visitor(make_app(replace(settings, **given)))

    return visit


@pytest.fixture
def rewriter(authority: Authority) -> Iterator[Callable[..., Rewriter]]:
    """Puts a proxy that reads along and rewrites lines in front of a port: rewriter(dovecot.port, client=shout)."""
    started: list[Rewriter] = []

    def start(port: int, **rewrite: Rewrite) -> Rewriter:
        sides: Mapping[Any, Rewrite] = rewrite
        started.append(Rewriter(port, authority.good().server_context(), authority.client_context(), sides))
        started[-1].start()
        return started[-1]

    yield start
    for each in started:
        each.stop()


__all__ = ["Side"]
