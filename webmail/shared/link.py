"""The way of one process to Redis or Valkey: short patience, and one error for whatever keeps it from answering."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from webmail import errors

log = logging.getLogger("pennypost")

T = TypeVar("T")

PREFIX: Final = "pennypost:"
"""Of every name there, so that others may live in the same one."""

_MOST: Final = 64
_CONNECT: Final = 1.0
_ANSWER: Final = 2.0
"""Seconds. It lies in the next room and answers in a millisecond: who waits longer waits for nothing."""

_REST: Final = 1.0
"""Seconds in which it is not asked again after it did not answer, so that pages do not queue for it."""


class Link:
    """url: redis://, rediss:// or unix://. It may hold a password, so it is in no message and in no log.

    Nothing is asked twice by itself: whether the first was done before the line was lost is not known, and a step of
    the journal must not be taken twice. Safe between threads, and after a fork.
    """

    def __init__(self, url: str) -> None:
        """Raises ValueError for what is no such URL."""
        pool = redis.BlockingConnectionPool.from_url(
            url, max_connections=_MOST, timeout=_ANSWER, socket_connect_timeout=_CONNECT, socket_timeout=_ANSWER,
            retry=Retry(NoBackoff(), 0), health_check_interval=15, decode_responses=True,
        )  # fmt: skip
        self._client: Any = redis.Redis(connection_pool=pool)
        self._scripts: dict[str, Any] = {}
        self._rest = -1e9
        self.away = False
        """It did not answer when it was asked last."""

    def ask(self, work: Callable[[Any], T]) -> T:
        """What it answers. Raises SharedAway."""
        if time.monotonic() < self._rest:
            raise errors.SharedAway
        try:
            told = work(self._client)
        except (redis.RedisError, OSError) as error:
            # Full, read only, still loading, another password: it is there, and of no use.
            if isinstance(error, redis.ConnectionError | redis.TimeoutError | OSError):
                self._rest = time.monotonic() + _REST
            if not self.away:
                # The class, never the words: they may hold the address (R17).
                log.error("what all machines share is away: %s", type(error).__name__)
            self.away = True
            raise errors.SharedAway from None
        if self.away:
            log.warning("what all machines share is back")
            self.away = False
        return told

    def run(self, script: str, keys: list[str], arguments: list[str | int | float]) -> Any:
        """A script, as one step that nobody divides. Raises SharedAway."""
        if script not in self._scripts:
            self._scripts[script] = self._client.register_script(script)
        return self.ask(lambda client: self._scripts[script](keys, arguments, client=client))

    def well(self) -> bool:
        """Whether it answers now."""
        try:
            return bool(self.ask(lambda client: client.ping()))
        except errors.SharedAway:
            return False

    def close(self) -> None:
        """The process ends."""
        self._client.connection_pool.disconnect()
