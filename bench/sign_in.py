"""How long an unknown user and a wrong password take at the door, one after the other, against a real Dovecot (R18).

python -m bench.sign_in [tries of each]. The limits are off for it. Prints median and spread of both, and of our own
part: what is left when the mail server's time is taken off.
"""

from __future__ import annotations

import logging
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from app import create_app
from tests.servers.application import Visitor, settings_for
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.people import ALICE


def main() -> None:
    """Alternates, so that what else the machine does falls on both."""
    logging.disable(logging.WARNING)
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        server = Dovecot(authority).start()
        try:
            _measure(rounds, settings_for(server.port, 1, authority.ca_file, Path(folder) / "state"))
        finally:
            server.stop()


def _measure(rounds: int, settings: Any) -> None:
    app = create_app(
        replace(settings, limit_sign_in=0, limit_sign_in_address=0, limit_sign_in_account=0, limit_sign_in_all=0)
    )
    pool, waited = app.extensions["pennypost"].pool, [0.0]
    asked = pool.sign_in

    def timed(account: Any) -> None:
        began = time.perf_counter()
        try:
            asked(account)
        finally:
            waited[0] = time.perf_counter() - began

    pool.sign_in = timed
    visitor = Visitor(app)
    visitor.get("/login")
    form = visitor.form("/login")
    users = {"wrong password": ALICE.address, "unknown user": "nobody@example.org"}
    whole: dict[str, list[float]] = {name: [] for name in users}
    ours: dict[str, list[float]] = {name: [] for name in users}
    for _ in range(rounds):
        for name, user in users.items():
            began = time.perf_counter()
            visitor.send(form, user=user, password="wrong")
            whole[name].append(time.perf_counter() - began)
            ours[name].append(whole[name][-1] - waited[0])
    for title, found in (("whole", whole), ("ours", ours)):
        for name, seconds in found.items():
            low, middle, high = (1000 * each for each in statistics.quantiles(seconds, n=4))
            print(f"{title:6} {name:15} median {middle:7.1f} ms, quartiles {low:.1f} to {high:.1f}")
    pool.close()


if __name__ == "__main__":
    main()
