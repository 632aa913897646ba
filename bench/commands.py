"""How many IMAP commands a page costs, counted in what the mail server received (Dovecot's rawlog), and which.

Each figure is the most that one request of several took, with what came within a moment after its answer. A page in
the background (IDLE, NOOP) counts too.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from bench._mail import fill, people
from bench._reader import Device, Reader
from bench._servers import servers
from bench._table import Table, options

ROUNDS = 8
_AFTER = 0.15  # seconds
# What Bare sends has tags of its own: T and seven digits.
_COMMAND = re.compile(rb"^(?:\d+\.\d+ )?(?!T\d{7} )([A-Za-z0-9]+) (UID [A-Za-z]+|[A-Za-z]+)([^\r\n]*)\r?$", re.M)


class Wire:
    """What the mail server received from everybody but the bench itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def commands(self) -> list[str]:
        """All until now, by connection, in order."""
        told = [path.read_bytes() for path in sorted(self.folder.glob("*.in"))]
        return [match[2].decode().upper() for octets in told for match in _COMMAND.finditer(octets)]

    def during(self, work: Callable[[], object]) -> list[str]:
        """What work made the web server say."""
        before = Counter(self.commands())
        work()
        time.sleep(_AFTER)
        return sorted((Counter(self.commands()) - before).elements())


def main() -> int:
    table = Table(options(__doc__).parse_args().json)
    who = people(1)
    with tempfile.TemporaryDirectory(prefix="rawlog-") as folder:
        Path(folder).chmod(0o777)
        with servers(who, commands=Path(folder)) as (mail, web):
            person, wire = mail.person(who[0]), Wire(Path(folder))
            fill(person, 1000)
            count(table, wire, Reader(web.port, person), Device(person))
    return 0


def count(table: Table, wire: Wire, reader: Reader, device: Device) -> None:
    read = (link for _, link, unread in reader.walk() if not unread)
    unread = (link for _, link, unread in reader.walk() if unread)

    def cases(number: int) -> dict[str, tuple[Callable[[], object], float | None]]:
        links = next(read), next(read), next(unread)
        return {
            "list": (reader.page, 1),
            "list_pane": (lambda: reader.page(X_Part="list"), 1),
            "open": (lambda: reader.open(links[0], X_Part="message"), 2),
            "open_page": (lambda: reader.open(links[1]), 2),
            "open_unread": (lambda: reader.open(links[2], X_Part="message"), 2),
            "star": (lambda: reader.star(995, number % 2 == 0), None),
        }

    said: dict[str, list[list[str]]] = {}
    goals: dict[str, float | None] = {}
    for number in range(-2, ROUNDS):
        for name, (work, goal) in cases(number).items():
            told = wire.during(work)
            if number >= 0:
                said.setdefault(name, []).append(told)
                goals[name] = goal
        device.star(997, number % 2 == 0)
        told = wire.during(reader.page)
        if number >= 0:
            said.setdefault("list_changed", []).append(told)
            goals["list_changed"] = 1
    for name, each in said.items():
        worst = max(each, key=len)
        print(f"{name}: {', '.join(worst) or 'nothing'}", file=sys.stderr)
        table.add(f"{name}_imap_commands", len(worst), goals[name])


if __name__ == "__main__":
    sys.exit(main())
