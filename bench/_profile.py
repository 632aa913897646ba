"""Where the time of the web server goes: the application in this process on a real Dovecot, function by function.

`scripts/bench --profile`. The profiler makes every call dearer, so read the shares and the counts, not the times.
"""

from __future__ import annotations

import cProfile
import itertools
import pstats
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter, process_time

from app import create_app
from bench._imap import Bare
from bench._mail import fill, people
from bench._reader import older_of, rows_of
from bench._servers import MailServer
from tests.servers.application import Visitor, settings_for
from tests.servers.authority import Authority

SIZE, ROUNDS = 1000, 200
LINES = 45


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="pennypost-") as folder:
        place = Path(folder)
        mail = MailServer(Authority(place), people(1))
        mail.start()
        try:
            person = mail.person(people(1)[0])
            fill(person, SIZE)
            app = create_app(settings_for(mail.port, 1, mail.authority.ca_file, place / "state"))
            visitor = Visitor(app)
            visitor.sign_in(person)
            with Bare(person) as device:
                device.command(b"SELECT INBOX")
                _show(visitor, device)
            app.extensions["pennypost"].pool.close()
        finally:
            mail.stop()
    return 0


def _show(visitor: Visitor, device: Bare) -> None:
    links = _links(visitor)

    def changed() -> None:
        sign = next(signs)
        device.command(b"UID STORE 990 %bFLAGS.SILENT (\\Flagged)" % sign)
        _get(visitor, "/m/INBOX", {})

    signs = itertools.cycle((b"+", b"-"))
    _profile("list page, nothing changed", lambda: _get(visitor, "/m/INBOX", {}))
    _profile("list page, another device set a flag", changed)
    _profile("opening a letter, pane alone", lambda: _get(visitor, next(links), {"X-Part": "message"}))
    _profile("opening a letter, whole page", lambda: _get(visitor, next(links), {}))


def _links(visitor: Visitor) -> Iterator[str]:
    """Of letters that are read, from the pages on which they stand; all pages have been seen before."""
    found: list[str] = []
    path: str | None = "/m/INBOX"
    while path:
        visitor.get(path)
        found += [link for _, link, unread in rows_of(visitor.html) if not unread]
        path = older_of(visitor.html)
    return iter(found)


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
