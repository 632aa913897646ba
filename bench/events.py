"""How long until the browser knows what another device did: a flag, a new letter, a removal.

A connection that IDLEs beside the webmail says when the mail server announces the change by itself (Dovecot waits half
a second by default); the event's way from there to the browser is ours. Below zero: the server told the webmail before
it told the one that IDLEs. whole: from the command of the other device until the event.
"""

from __future__ import annotations

import random
import re
import select
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

from bench._imap import Bare
from bench._mail import fill, people, plain
from bench._reader import Device, Reader
from bench._servers import servers
from bench._stream import Event, Stream
from bench._table import Table, options, percentile
from tests.servers.people import Person

SIZE = 1000
PATIENCE, LONG = 10.0, 30.0


class Idle:
    """A bare connection that IDLEs in the inbox and notes when the server says something."""

    def __init__(self, person: Person) -> None:
        self.bare = Bare(person)
        self.bare.command(b"SELECT INBOX")
        self.bare.send(b"IDLE")
        self.bare.sock.recv(4096)

    def fileno(self) -> int:
        return self.bare.sock.fileno()

    def said(self) -> bytes:
        told = self.bare.sock.recv(65536)
        while self.bare.sock.pending():
            told += self.bare.sock.recv(65536)
        return told


@dataclass
class Times:
    """Milliseconds, one a change. vague: events that only say that something changed."""

    behind: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    vague: int = 0


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    given = parser.parse_args()
    table = Table(given.json)
    who = people(1)
    with servers(who) as (mail, web):
        person = mail.person(who[0])
        fill(person, SIZE)
        reader, device, idle = Reader(web.port, person), Device(person), Idle(person)
        stream = Stream(reader.browser)
        assert stream.until(PATIENCE, "counts"), "a stream begins with the counts"
        watch = Watch(stream, idle, device)
        for name, change in (("flags", watch.flag), ("mail", watch.deliver), ("removal", watch.remove)):
            watch.times = Times()
            for number in range(given.rounds):
                change(number)
            report(table, name, watch.times)
        others(table, watch, max(5, given.rounds // 3))
    return 0


class Watch:
    """Makes changes and waits until both have heard."""

    def __init__(self, stream: Stream, idle: Idle, device: Device) -> None:
        self.stream, self.idle, self.device = stream, idle, device
        self.times = Times()

    def flag(self, number: int) -> None:
        uid = SIZE - number % 40
        self._change(
            lambda: self.device.star(uid, number % 80 < 40),
            rb"\* \d+ FETCH ",
            lambda event: str(uid) in event.data.get("flags", {}),
        )

    def deliver(self, number: int) -> None:
        raw = plain(SIZE + number)
        self._change(
            lambda: self.device.bare.command(b"APPEND INBOX {%d+}\r\n%s" % (len(raw), raw)),
            rb"\* \d+ EXISTS",
            lambda event: bool(event.data.get("added")),
        )

    def remove(self, number: int) -> None:
        uid = number + 1

        def work() -> None:
            self.device.bare.command(b"UID STORE %d +FLAGS.SILENT (\\Deleted)" % uid)
            self.device.bare.command(b"UID EXPUNGE %d" % uid)

        self._change(work, rb"\* \d+ EXPUNGE", lambda event: uid in event.data.get("removed", []))

    def _change(self, work: Callable[[], object], announced: bytes, wanted: Callable[[Event], bool]) -> None:
        # The server's own clock ticks in whole waits: begin anywhere within one.
        time.sleep(random.uniform(0.05, 0.6))
        begun = perf_counter()
        work()
        told = heard = 0.0
        end = begun + PATIENCE
        while not (told and heard):
            ready, _, _ = select.select([self.stream, self.idle], [], [], max(0, end - perf_counter()))
            if not ready or self.stream.ended:
                raise RuntimeError(f"announced: {bool(told)}, at the browser: {bool(heard)}, after {PATIENCE:.0f} s")
            if self.idle in ready and re.search(announced, self.idle.said()):
                told = told or perf_counter()
            if self.stream in ready:
                for event in self.stream.events():
                    vague = event.kind == "changed" and event.data.get("m") == "INBOX"
                    if not heard and (vague or (event.kind == "mail" and wanted(event))):
                        heard = event.at
                        self.times.vague += vague
        self.times.behind.append((heard - told) * 1000)
        self.times.whole.append((heard - begun) * 1000)


def report(table: Table, name: str, times: Times) -> None:
    table.add(f"event_{name}_behind_p50_ms", percentile(times.behind, 0.5), 100)
    table.add(f"event_{name}_behind_p95_ms", percentile(times.behind, 0.95), 300)
    table.add(f"event_{name}_whole_p50_ms", percentile(times.whole, 0.5))
    table.add(f"event_{name}_whole_p95_ms", percentile(times.whole, 0.95), 1000)
    if times.vague:
        table.add(f"event_{name}_vague_events", times.vague)


def others(table: Table, watch: Watch, rounds: int) -> None:
    """A letter in a folder that is not open: its count at the browser, LONG when it never comes."""
    times = []
    for number in range(rounds):
        time.sleep(random.uniform(0.05, 0.6))
        raw = plain(number)
        begun = perf_counter()
        watch.device.bare.command(b"APPEND Archive {%d+}\r\n%s" % (len(raw), raw))
        while True:
            event = watch.stream.until(LONG, "counts")
            if event is None or "Archive" in event.data.get("folders", {}):
                times.append((event.at - begun if event else LONG) * 1000)
                break
    table.add("event_other_folder_whole_p50_ms", percentile(times, 0.5))
    table.add("event_other_folder_whole_p95_ms", percentile(times, 0.95))


if __name__ == "__main__":
    sys.exit(main())
