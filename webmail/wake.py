"""Brings back the snoozed letters of one account that are due: `pennypost wake alice@example.org`.

For an administrator's clock, where nobody need be signed in. It reads the settings of the site; the password comes from
WAKE_PASSWORD, or is the first line of the standard input, never an argument that other users could see.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from webmail import config, errors
from webmail.actions import snooze
from webmail.failed import Failed
from webmail.imap.connection import dial, tls_context


def main(arguments: Sequence[str]) -> int:
    """Returns 0 when all that is due is back. Raises Failed, ConfigError."""
    parser = argparse.ArgumentParser("pennypost wake", description="Bring back snoozed letters that are due.")
    parser.add_argument("address", help="whose letters; the domain says which mail server")
    parser.add_argument("--login", help="what to sign in as, where that is not the address (a master user)")
    chosen = parser.parse_args(arguments)
    settings = config.load()
    server = settings.server_for(chosen.address.rpartition("@")[2].lower())
    if server is None:
        raise Failed(2, "the settings name no mail server for this address")
    password = os.environ.get("WAKE_PASSWORD") or sys.stdin.readline().rstrip("\r\n")
    try:
        count = _woken(settings, server, chosen.login or server.login_of(chosen.address), password)
    except errors.SignInRefused:
        raise Failed(1, "the mail server does not take this login and password") from None
    except errors.MailError as error:
        raise Failed(1, f"{type(error).__name__} {error.server_text}".strip()) from None
    print(f"{count} letter{'' if count == 1 else 's'} came back.")
    return 0


def _woken(settings: config.Settings, server: config.MailServer, login: str, password: str) -> int:
    conn = dial(
        server.imap, login, password,
        context=tls_context(server.imap.ca_file),
        connect_timeout=settings.connect_timeout, read_timeout=settings.command_timeout,
    )  # fmt: skip
    conn.begin(reused=False)
    try:
        return snooze.wake(conn)
    finally:
        conn.logout()
