"""Brings back the snoozed letters of one account that are due: `python -m webmail.wake alice@example.org`.

For an administrator's clock, where nobody need be signed in. It reads the settings of the site; the password comes from
WAKE_PASSWORD, or is the first line of the standard input, never an argument that other users could see.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TextIO

from webmail import config, errors
from webmail.actions import snooze
from webmail.imap.connection import dial, tls_context


def main(arguments: Sequence[str] | None = None, given: TextIO = sys.stdin) -> int:
    """Returns 0 when all that is due is back, 1 when it could not be, 2 for wrong settings or arguments."""
    parser = argparse.ArgumentParser("python -m webmail.wake", description="Bring back snoozed letters that are due.")
    parser.add_argument("address", help="whose letters; the domain says which mail server")
    parser.add_argument("--login", help="what to sign in as, where that is not the address (a master user)")
    chosen = parser.parse_args(arguments)
    try:
        settings = config.load()
    except config.ConfigError as error:
        return _failed(2, str(error))
    server = settings.server_for(chosen.address.rpartition("@")[2].lower())
    if server is None:
        return _failed(2, "the settings name no mail server for this address")
    password = os.environ.get("WAKE_PASSWORD") or given.readline().rstrip("\r\n")
    try:
        count = _woken(settings, server, chosen.login or server.login_of(chosen.address), password)
    except errors.SignInRefused:
        return _failed(1, "the mail server does not take this login and password")
    except errors.MailError as error:
        return _failed(1, f"{type(error).__name__} {error.server_text}".strip())
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


def _failed(code: int, why: str) -> int:
    print(f"pennypost: {why}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
