"""How many threads a process should have, and what a signed-in person takes of the machine.

First --crowd people look at their inbox, read a letter and keep a page open: file handles and threads of each (their
memory is what `streams` measures). Then sixty-four list and read in a closed loop, with PENNYPOST_THREADS at 4, 8, 16,
32 and 64: beside the mail server, and with one that is 20 milliseconds away, where a thread mostly waits.
"""

from __future__ import annotations

import sys
from itertools import islice

from bench._loop import HttpLine, Measured, Person, run
from bench._mail import fill, people
from bench._reader import Reader
from bench._servers import MailServer, WebServer, servers
from bench._stream import Stream
from bench._table import Table, options, percentile
from tests.servers.proxy import Proxy

SIZE, WORKERS = 200, 64
THREADS = (4, 8, 16, 32, 64)
FAR = 0.02
"""Seconds that an answer takes on its way."""


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="for each number of threads")
    parser.add_argument("--crowd", type=int, default=100, help="people with an open page")
    given = parser.parse_args()
    table = Table(given.json)
    who = people(max(WORKERS, given.crowd))
    with servers(who, store="mdbox") as (mail, web):
        for one in who:
            fill(mail.person(one), SIZE)
        _open(table, mail, web, given.crowd)
        far = Proxy(mail.port).start()
        far.delay(FAR)
        for name, port in (("near", mail.port), ("far", far.port)):
            for threads in THREADS:
                served = WebServer(mail, imap_port=port, threads=threads, streams=0)
                try:
                    _loop(table, f"{name}_{threads}_threads", mail, served, given.seconds)
                finally:
                    served.stop()
        far.stop()
    return 0


def _loop(table: Table, name: str, mail: MailServer, web: WebServer, seconds: float) -> None:
    readers = [Reader(web.port, mail.person(one)) for one in islice(mail.people.values(), WORKERS)]
    crowd = [Person(HttpLine(reader.browser, pane=True), reader.deeds()) for reader in readers]
    run(crowd, 2)
    before = web.processor()
    ours: Measured = run(crowd, seconds)
    spent = web.processor() - before
    times = [taken for each in ours.times.values() for taken in each]
    table.add(f"{name}_per_s", ours.count / ours.seconds)
    table.add(f"{name}_processor_x", spent / ours.seconds)
    table.add(f"{name}_p50_ms", percentile(times, 0.5))
    table.add(f"{name}_waiting_ms", percentile(times, 0.95))


def _open(table: Table, mail: MailServer, web: WebServer, crowd: int) -> None:
    """What each of them adds."""
    first = web.open()
    readers = []
    for one in islice(mail.people.values(), crowd):
        reader = Reader(web.port, mail.person(one))
        reader.page()
        reader.open(next(reader.walk())[1], X_Part="message")
        reader.browser.close()
        readers.append(reader)
    held = web.open()
    streams = [Stream(reader.browser) for reader in readers]
    last = web.open()
    table.add("signed_in_each_files", (held["files"] - first["files"]) / crowd)
    table.add("open_page_each_files", (last["files"] - first["files"]) / crowd)
    table.add("open_page_each_threads", (last["threads"] - held["threads"]) / crowd)
    for stream in streams:
        stream.close()


if __name__ == "__main__":
    sys.exit(main())
