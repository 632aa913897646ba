"""Keeping what a reader chose, on whatever page: in the mailbox, or on a shared computer for this sign-in alone."""

from __future__ import annotations

from collections.abc import Mapping

from webmail.actions.preferences import keep as store
from webmail.mail.address import Address
from webmail.mail.note import Scalar
from webmail.web import preferences, session


def keep(changes: Mapping[str, Scalar | None]) -> None:
    """key -> value, None takes it back. On a shared computer nothing is written. Raises what storing raises."""
    who = session.current()
    if who.shared:
        preferences.hold(changes)
    else:
        preferences.learn(session.borrow(lambda conn: store(conn, Address("", who.address), changes)))
