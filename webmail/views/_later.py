"""Sending later: up to when the submission server holds mail (RFC 4865), when it was asked for, and what is said."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import request

from webmail import errors
from webmail.views import _sending
from webmail.web import filters
from webmail.web.words import _


def asked_for() -> datetime:
    """The moment that was asked for, in the reader's zone. Raises NotHeldSoLong for one that is none."""
    try:
        when = datetime.fromisoformat(request.form.get("at", "")).replace(tzinfo=filters.zone_of(request))
    except ValueError:
        raise errors.NotHeldSoLong from None
    if when <= datetime.now(UTC):
        raise errors.NotHeldSoLong
    return when


def told(when: datetime) -> str:
    """What was done, and that it is done."""
    zone = filters.zone_of(request)
    # Translators: when: a day and a time. zone: whose time that is: "Europe/Berlin".
    return _(
        "Handed to the mail server, which sends it on %(when)s (%(zone)s). It cannot be taken back here.",
        when=filters.full_time(when.astimezone(zone)), zone=zone.key,
    )  # fmt: skip


def latest() -> str:
    """How long the submission server holds mail back (RFC 4865), "" where it does not."""
    offer = _sending.outbox().offer(_sending.how())
    if offer is None or not offer.hold:
        return ""
    until = min(datetime.now(UTC) + offer.hold, datetime.max.replace(tzinfo=UTC, year=9000))
    return f"{until.astimezone(filters.zone_of(request)):%Y-%m-%dT%H:%M}"
