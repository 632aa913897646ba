"""The production server: gunicorn, one process with threads, so that a user's IMAP connections live in one place."""

from __future__ import annotations

import os
import threading
import time
from typing import Any, Final

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from webmail import draining
from webmail.config import Settings

_SEND_OFF: Final = 10
"""Seconds in which a process that ends sends what still waits for its writer to think again."""


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with settings of ours. run() returns when the site was stopped."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app, self._settings = app, settings
        super().__init__()

    def load_config(self) -> None:
        """Settings of gunicorn that are ours to choose."""
        for name, value in {
            "bind": self._settings.listen,
            "worker_class": "gthread",
            "workers": 1,
            "threads": self._settings.threads + self._settings.streams,
            "worker_connections": 1000 + self._settings.streams,
            "timeout": 120,
            "graceful_timeout": 20,
            "keepalive": 15,
            "loglevel": "warning",
            "control_socket_disable": True,
            # gunicorn alone would believe X-Forwarded-Proto and SCRIPT_NAME from loopback; proxy_hops decides (R30).
            "forwarded_allow_ips": "",
            "post_worker_init": self._mind,
            "worker_exit": self._close,
        }.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def run(self) -> None:
        """Serve until told to stop."""
        _Master(self, self._settings.drain_seconds).run()

    def load(self) -> Flask:
        """The application."""
        return self._app

    def _mind(self, worker: Any) -> None:
        """When the worker is told to stop, streams end politely: they would hold it up for all of graceful_timeout."""
        threading.Thread(target=self._end_streams, args=(worker,), name="streams-end", daemon=True).start()

    def _end_streams(self, worker: Any) -> None:
        # Its parent can be killed, too: nobody tells it then, and no new one could have its port.
        while worker.alive and worker.ppid == os.getppid():
            time.sleep(0.25)
        self._app.extensions["pennypost"].watcher.close()

    def _close(self, server: Any, worker: Any) -> None:
        """The last request was answered: hang up, so that the mail server need not find out by itself."""
        self._app.extensions["pennypost-jobs"].close()
        self._app.extensions["pennypost-outbox"].close(_SEND_OFF)
        self._app.extensions["pennypost"].pool.close()
        self._app.extensions["pennypost-kept"].close()


class _Master(Arbiter):  # type: ignore[misc]
    """The process that hears SIGTERM. seconds: for which the one that serves goes on after it, as draining.py says."""

    def __init__(self, server: Server, seconds: int) -> None:
        self._seconds = seconds
        super().__init__(server)

    def handle_term(self) -> None:
        """SIGTERM; a second one, or SIGINT, waits no longer."""
        draining.begin()
        end = time.monotonic() + self._seconds
        while time.monotonic() < end and self.SIG_QUEUE.empty():
            time.sleep(0.1)
        super().handle_term()
