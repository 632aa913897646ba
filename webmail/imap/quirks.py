"""One named field per server oddity that some code here answers to, and how it is recognised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quirks:
    """name: what the server calls itself, lower case, or ""."""

    name: str = ""


def detect(identity: Mapping[str, str], capabilities: frozenset[str]) -> Quirks:
    """identity: the server's answer to ID (RFC 2971). capabilities: after login."""
    return Quirks(name=identity.get("name", "").lower())
