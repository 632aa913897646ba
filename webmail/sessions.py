"""Ends sign-ins from the command line: `pennypost sessions end alice@example.org`, `end --all` for everybody's.

It deletes their records, as signing out does (ASVS 7.4.5). A running site need not be told: it looks at the record with
every request, and open pages look every few seconds. Run it as the user that the site runs as.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from webmail import config, errors, keeping
from webmail.failed import Failed
from webmail.web.store import owner


def main(arguments: Sequence[str]) -> int:
    """Returns 0 when they are ended, if any. Raises Failed when the state cannot be read, ConfigError."""
    parser = argparse.ArgumentParser("pennypost sessions", description="End sign-ins.")
    parser.add_argument("do", choices=["end"], metavar="end")
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("address", nargs="?", help="whose sign-ins")
    whose.add_argument("--all", action="store_true", help="those of everybody")
    chosen = parser.parse_args(arguments)
    try:
        count = _end(config.load(), None if chosen.all else chosen.address)
    except OSError as error:
        raise Failed(1, f"{error.filename}: {error.strerror}") from None
    except errors.SharedAway:
        raise Failed(1, "PENNYPOST_SHARED: it does not answer, or not as it should") from None
    print(f"{count} {'sign-in was' if count == 1 else 'sign-ins were'} ended.")
    return 0


def _end(settings: config.Settings, address: str | None) -> int:
    """Delete the records of one address, or all. Raises OSError, SharedAway."""
    if not settings.shared:
        list(Path(settings.state_dir, "sign-ins").absolute().iterdir())  # a wrong directory is an error, not nobody
    store = keeping.kept(settings).store
    found = store.all() if address is None else store.of(owner(address, settings.kept_key()))
    keys = [key for key, _, _ in found]
    for key in keys:
        store.delete(key)
    return len(keys)
