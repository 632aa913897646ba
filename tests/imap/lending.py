"""For the tests of the pool."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from webmail.config import Endpoint
from webmail.imap.pool import Account


def account(server: Any, endpoint_of: Callable[[Any], Endpoint], login: str = "alice") -> Account:
    return Account(endpoint_of(server), login, "secret")


def wait_until(true: Callable[[], bool], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)
