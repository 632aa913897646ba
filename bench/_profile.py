"""Where the time of the web server goes: the application in this process on a real Dovecot, function by function.

`scripts/bench --profile`. The profiler makes every call dearer, so read the shares and the counts, not the times.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

from app import create_app
from bench._imap import Bare
from bench._mail import fill, people
from bench._servers import MailServer
from tests.servers.application import Visitor, settings_for
from tests.servers.authority import Authority

ROUNDS = 200
LINES = 45


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="pennypost-") as folder:
        place = Path(folder)
        mail = MailServer(Authority(place), people(1))
        mail.start()
        try:
            person = mail.person(people(1)[0])
            fill(person, 1000)
            app = create_app(settings_for(mail.port, 1, mail.authority.ca_file, place / "state"))
            visitor = Visitor(app)
            visitor.sign_in(person)
            with Bare(person) as device:
                validity = device.command(b"SELECT INBOX").partition(b"UIDVALIDITY ")[2].partition(b"]")[0].decode()
                _show(visitor, device, validity)
            app.extensions["pennypost"].pool.close()
        finally:
            mail.stop()
    return 0


def _show(visitor: Visitor, device: Bare, validity: str) -> None:
    letters = iter(uid for uid in range(1000, 0, -1) if uid % 10)

    def get(path: str, **headers: str) -> Callable[[], None]:
        return lambda: _get(visitor, path, headers)

    def changed() -> None:
        device.command(b"UID STORE 990 FLAGS.SILENT (\\Flagged)")
        _get(visitor, "/m/INBOX", {})

    _profile("list page, nothing changed", get("/m/INBOX"))
    _profile("list page, another device set a flag", changed)
    _profile(
        "opening a letter, pane alone",
        lambda: _get(visitor, f"/m/INBOX/{validity}.{next(letters)}", {"X-Part": "message"}),
    )
    _profile("opening a letter, whole page", lambda: _get(visitor, f"/m/INBOX/{validity}.{next(letters)}", {}))


def _get(visitor: Visitor, path: str, headers: dict[str, str]) -> None:
    answer = visitor.client.get(path, base_url=visitor.base, headers=headers)
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code}")


def _profile(name: str, work: Callable[[], None]) -> None:
    for _ in range(5):
        work()
    begun, spent = perf_counter(), process_time()
    for _ in range(ROUNDS):
        work()
    whole, busy = (perf_counter() - begun) / ROUNDS, (process_time() - spent) / ROUNDS
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(ROUNDS):
        work()
    profile.disable()
    print(f"\n=== {name}: {whole * 1000:.2f} ms, of them {busy * 1000:.2f} ms processor (with the test client)")
    print(f"=== calls and seconds of {ROUNDS} requests under the profiler")
    stats = pstats.Stats(profile, stream=sys.stdout)
    stats.strip_dirs().sort_stats("tottime").print_stats(LINES)
    stats.sort_stats("cumulative").print_stats(r"\.py", LINES)


if __name__ == "__main__":
    sys.exit(main())
