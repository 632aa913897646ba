"""What a server says before anybody has signed in: for the command that tells an administrator what will work."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass

from webmail.config import Endpoint
from webmail.imap import faults
from webmail.imap.connection import greeted, start_tls


@dataclass(frozen=True, slots=True)
class Greeting:
    """text: its first line, untrusted. capabilities: upper case, as told under TLS. tls: "TLSv1.3". ends: when its
    certificate does, as time.time() counts."""

    text: str
    capabilities: frozenset[str]
    tls: str
    ends: float


def greet(endpoint: Endpoint, *, context: ssl.SSLContext, connect_timeout: float, read_timeout: float) -> Greeting:
    """Connect, begin TLS, hear what is offered, leave. Timeouts in seconds. Raises as dial does."""
    end = time.monotonic() + connect_timeout + read_timeout
    client = greeted(endpoint, context, connect_timeout, read_timeout)
    try:
        with faults.translated():
            capabilities = client.greeted()
            if endpoint.tls == "starttls":
                capabilities = start_tls(client, capabilities, end)
            text = client.greeting.decode("utf-8", "replace").strip()
            return Greeting(text, capabilities, client.link.tls, client.link.ends)
    finally:
        client.link.shutdown()
