"""Figures for the operator's Prometheus (docs/decisions/0052): how much, how fast, how often; never whose.

Labels are names of our own code: endpoints, IMAP commands, states. So their number is bounded whatever people do.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from webmail.meter import Meter

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
_QUICK: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Figures(Meter):
    """One for each application, with a registry of its own."""

    def __init__(self, version: str) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        kept = self._registry
        Info("pennypost", "Which version this is.", registry=kept).info({"version": version})
        self._requests = Counter(
            "pennypost_requests", "Requests answered, by page and HTTP status.", ("endpoint", "status"), registry=kept
        )
        self._seconds = Histogram(
            "pennypost_request_seconds",
            "Seconds until an answer began, by page.",
            ("endpoint",),
            buckets=_QUICK,
            registry=kept,
        )
        self._busy = Gauge(
            "pennypost_requests_in_progress", "Requests being worked on; streams are not.", registry=kept
        )
        self._commands = Histogram(
            "pennypost_imap_command_seconds", "Seconds of IMAP commands, by outcome; SIGN-IN is all of dialling.",
            ("command", "outcome"), buckets=_QUICK, registry=kept,
        )  # fmt: skip
        self._cleaned = Histogram(
            "pennypost_clean_seconds",
            "Seconds that making the HTML of a message harmless took.",
            buckets=_QUICK,
            registry=kept,
        )
        self._letters = Counter(
            "pennypost_letters", "How far letters came: states of the journal.", ("state",), registry=kept
        )
        self._limits = Counter(
            "pennypost_limits_hit", "How often somebody was told to wait, by the limit.", ("limit",), registry=kept
        )

    # --- what the rooms tell ------------------------------------------------------------------------------------------

    def command(self, name: bytes, seconds: float, outcome: str) -> None:
        """As Meter says."""
        self._commands.labels(name.decode("ascii"), outcome).observe(seconds)

    def cleaned(self, seconds: float) -> None:
        """As Meter says."""
        self._cleaned.observe(seconds)

    def noted(self, state: str) -> None:
        """As Meter says."""
        self._letters.labels(state).inc()

    def limited(self, limit: str) -> None:
        """As Meter says."""
        self._limits.labels(limit).inc()

    # --- what is looked at when somebody asks -------------------------------------------------------------------------

    def watch(self, name: str, help_text: str, read: Callable[[], float]) -> None:
        """A number that is read at every scrape. name: with its unit, behind "pennypost_"."""
        Gauge(f"pennypost_{name}", help_text, registry=self._registry).set_function(read)

    def install(self, app: Flask) -> None:
        """Count requests. Before all others that have something to do with a request."""
        app.before_request(self._begin)
        app.after_request(self._answered)
        app.teardown_request(self._end)

    def _begin(self) -> None:
        g.began = time.perf_counter()
        self._busy.inc()

    def _answered(self, response: Response) -> Response:
        # What no page of ours answers has no name: an address is somebody's words.
        endpoint = request.endpoint or "none"
        self._requests.labels(endpoint, response.status_code).inc()
        if "began" in g:
            self._seconds.labels(endpoint).observe(time.perf_counter() - g.began)
        return response

    def _end(self, error: BaseException | None) -> None:
        if g.pop("began", None) is not None:
            self._busy.dec()

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return bytes(generate_latest(self._registry))
