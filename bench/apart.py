"""Half of the people have a slow mail server: what the other half notices of it.

Two domains of one site, one of them behind a line on which every answer takes a second longer, or on which no answer
comes at all. The near half lists and opens in a closed loop alone, then beside the other half: healthy, slow, silent;
these take turns, and each begins some seconds before it is measured: onset is what the near half took of its slowest
then. What is compared is the 95th percentile of the near half: beside the far half (apart_slow_x, apart_silent_x)
against alone. `tight`: no streams, and less threads than there are people at the slow server. Who is told that the
server is too slow waits two seconds before the next try.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from contextlib import ExitStack
from itertools import repeat
from multiprocessing.connection import Connection
from operator import itemgetter
from pathlib import Path

from bench._beside import STOP, Beside
from bench._loop import Measured, Person, run
from bench._mail import fill, people
from bench._reader import Reader
from bench._servers import MailServer, WebServer
from bench._table import Table, options, percentile
from bench.work import Ears, WorkLine
from tests.servers.authority import Authority
from tests.servers.people import Identity
from tests.servers.proxy import Proxy

SIZE, HALF = 100, 32
SLOW = 1.0
"""Seconds that each answer comes later."""
PATIENCE = 6
"""Seconds that the web server waits for one."""
ONE_BY_ONE = 4.0
"""Seconds in which the far half begins, one after the other: nobody clicks when all others do."""
LEAD = {"alone": ONE_BY_ONE, "healthy": ONE_BY_ONE, "slow": ONE_BY_ONE + 2, "silent": ONE_BY_ONE + 2}


class Patient(Person):
    """Somebody who does not try again at once what could not be had, as a person does."""

    def rests(self) -> float:
        assert isinstance(self.line, WorkLine)
        return 2.0 if self.line.head[9:12] >= b"500" else 0.0


def _carry(line: Connection, port: int) -> None:
    """The way to the far server: told to be healthy, slow or silent."""
    proxy = Proxy(port).start()
    line.send(proxy.port)
    while (what := line.recv()) != STOP:
        proxy.pass_on()
        if what == "slow":
            proxy.delay(SLOW)
        elif what == "silent":
            proxy.stall()
        line.send(what)
    proxy.stop()


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each turn")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--half", type=int, default=HALF)
    given = parser.parse_args()
    table, half = Table(given.json), given.half
    near = people(half)
    far = [Identity(f"far{n}@slow.example", f"secret-{n}", f"Far {n}") for n in range(half)]
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pennypost-ca-")))
        mail = MailServer(Authority(place), near + far, store="mdbox")
        mail.start()
        stack.callback(mail.stop)
        line = Beside(_carry, mail.port)
        stack.callback(line.stop)
        for one in near + far:
            fill(mail.person(one), SIZE)
        config = place / "pennypost.toml"
        config.write_text(f'[domains."slow.example"]\nimap_port = {line.port}\n')
        for name, settings in (("apart", {}), ("apart_tight", {"streams": 0, "threads": half * 3 // 4})):
            web = WebServer(mail, config=config, command_timeout=PATIENCE, **settings)
            try:
                _stage(table, name, mail, web, line, given.rounds, given.seconds)
            finally:
                line.ask("healthy")
                web.stop()
    return 0


def _stage(
    table: Table, name: str, mail: MailServer, web: WebServer, line: Beside, rounds: int, seconds: float
) -> None:
    crowd: dict[str, list[Person]] = {"near": [], "far": []}
    ears = Ears() if "tight" not in name else None
    for one in mail.people.values():
        reader = Reader(web.port, mail.person(one))
        if ears:
            ears.add(reader.browser)
        where = "far" if one.address.endswith("slow.example") else "near"
        person = Patient(WorkLine(reader.browser), zip(repeat(where), map(itemgetter(1), reader.deeds())))
        if where == "far":
            person.later = ONE_BY_ONE * len(crowd["far"]) / len(mail.people) * 2
        crowd[where].append(person)
    run(crowd["near"] + crowd["far"], 3)
    found = {way: Measured() for way in ("alone", "healthy", "slow", "silent")}
    onset = dict.fromkeys(found, 0.0)
    for _ in range(rounds):
        for way, measured in found.items():
            line.ask(way if way != "alone" else "healthy")
            here = crowd["near"] if way == "alone" else crowd["near"] + crowd["far"]
            # Nobody is waited for at the end who hangs.
            end = threading.Timer(LEAD[way] + seconds, line.ask, ("healthy",))
            end.start()
            turn = run(here, seconds, LEAD[way])
            end.join()
            measured.join(turn)
            onset[way] = max(onset[way], *turn.before["near"])
    for way, measured in found.items():
        times = measured.times["near"]
        table.add(f"{name}_{way}_p50_ms", percentile(times, 0.5))
        table.add(f"{name}_{way}_p95_ms", percentile(times, 0.95))
        table.add(f"{name}_{way}_onset_ms", onset[way])
        table.add(f"{name}_{way}_per_s", len(times) / measured.seconds)
        table.add(f"{name}_{way}_other_per_s", len(measured.times.get("far", ())) / measured.seconds)
    alone = percentile(found["alone"].times["near"], 0.95)
    for way in ("healthy", "slow", "silent"):
        goal = 1.2 if way != "healthy" else None
        table.add(f"{name}_{way}_x", percentile(found[way].times["near"], 0.95) / alone, goal)
    wrong = sum(sum(each.line.wrong.values()) for each in crowd["near"] if isinstance(each.line, WorkLine))
    table.add(f"{name}_wrong_answers", wrong, 0)
    if ears:
        ears.close()


if __name__ == "__main__":
    sys.exit(main())
