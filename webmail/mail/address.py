"""Addresses (RFC 5322 3.4): the value, reading received ones with patience and typed ones with care."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """name: decoded display name, cleaned of controls and bidi marks, may be empty. address: addr-spec, may be empty."""

    name: str
    address: str
