"""Whether a large mailbox is slower: the same deeds at 1,000 and 100,000 letters, with --million at 1,000,000 too.

All sizes lie on one server in one store (mdbox, which is what servers keep such mailboxes in: in a Maildir a flag that
is set elsewhere makes the server itself read a directory of 100,000 names). They are filled once and kept for the next
run, in BENCH_CACHE or among the temporary files: 250 MB for 100,000 letters, 2.5 GB for a million.

The value is ours at that size divided by ours at 1,000. wire: the same deed over a bare socket, which is what the mail
server itself takes more. The middle is compared with the first page twice: when both were seen before, and when the
rows of neither were (a page near the top that nobody had open stands for the first one then).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

from bench._imap import Bare, rows_command
from bench._mail import people
from bench._reader import Device, Reader, medians, timed
from bench._servers import servers
from bench._table import Table, options
from tests.servers.people import Person

SMALL, LARGE, HUGE = 1_000, 100_000, 1_000_000
GOALS = {LARGE: 1.2, HUGE: 1.3}
DEEDS = ("list", "list_changed", "open", "open_page", "flag")


class Place:
    """One person with one mailbox of that size, and what is done there."""

    def __init__(self, size: int, port: int, person: Person) -> None:
        self.size = size
        self.reader, self.device, self.bare = Reader(port, person), Device(person), Bare(person)
        self.bare.command(b"SELECT INBOX")
        self._read = ((uid, link) for uid, link, unread in self.reader.walk() if not unread)

    def deeds(self) -> dict[str, Callable[[int], float]]:
        """Named for medians()."""
        rows = rows_command(range(self.size - 49, self.size + 1))
        ways = {
            "list": lambda _: self.reader.page(),
            "list_changed": self._changed,
            "open": lambda _: self._open(X_Part="message"),
            "open_page": lambda _: self._open(),
            "flag": lambda n: self.reader.star(self.size - 2, n % 2 == 0),
            "wire_list": lambda _: timed(lambda: self.bare.command(rows)),
            "wire_open": self._fetch,
            "wire_flag": lambda n: timed(lambda: self.device.star(self.size - 4, n % 2 == 0)),
        }
        return {f"{name}_{self.size}": way for name, way in ways.items()}

    def _changed(self, number: int) -> float:
        self.device.star(self.size - 6, number % 2 == 0)
        return self.reader.page()

    def _open(self, **headers: str) -> float:
        link = next(self._read)[1]
        return self.reader.open(link, **headers)

    def _fetch(self, _: int) -> float:
        uid = next(self._read)[0]
        return timed(lambda: self.bare.command(b"UID FETCH %d (BODY.PEEK[1])" % uid))

    def tidy(self) -> None:
        """Leave no star behind: the mailbox is kept."""
        for uid in (2, 4, 6):
            self.device.star(self.size - uid, False)


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--million", action="store_true", help="also 1,000,000 letters")
    parser.add_argument("--rounds", type=int, default=60)
    given = parser.parse_args()
    table = Table(given.json)
    sizes = (SMALL, LARGE, HUGE) if given.million else (SMALL, LARGE)
    who = people(len(sizes))
    shelved = {identity.login: size for identity, size in zip(who, sizes, strict=True)}
    with servers(who, store="mdbox", shelved=shelved) as (mail, web):
        places = [Place(shelved[one.login], web.port, mail.person(one)) for one in who]
        sizes_compared(table, places, given.rounds)
        middle(table, places[1].reader, given.rounds)
        for place in places:
            place.tidy()
    return 0


def sizes_compared(table: Table, places: list[Place], rounds: int) -> None:
    found = medians(rounds, {name: way for place in places for name, way in place.deeds().items()})
    for deed in DEEDS:
        table.add(f"{deed}_at_{SMALL}_ms", found[f"{deed}_{SMALL}"])
    for place in places[1:]:
        for deed in DEEDS:
            value = found[f"{deed}_{place.size}"] / found[f"{deed}_{SMALL}"]
            table.add(f"{deed}_at_{place.size}_x", value, GOALS[place.size])
        for deed in ("wire_list", "wire_open", "wire_flag"):
            table.add(f"{deed}_at_{place.size}_x", found[f"{deed}_{place.size}"] / found[f"{deed}_{SMALL}"])


def middle(table: Table, reader: Reader, rounds: int) -> None:
    def windows(below: int) -> Iterator[str]:
        return (f"?before={uid}" for uid in range(below, 0, -50))

    top, deep = windows(LARGE - 2000), windows(LARGE // 2 - 2000)
    half = f"?before={LARGE // 2}"
    found = medians(
        rounds,
        {
            "first": lambda _: reader.page(),
            "middle": lambda _: reader.page(half),
            "top": lambda _: reader.page(next(top)),
            "deep": lambda _: reader.page(next(deep)),
        },
    )
    table.add("middle_ms", found["middle"])
    table.add("middle_unseen_ms", found["deep"])
    table.add("middle_x", found["middle"] / found["first"], 1.5)
    table.add("middle_unseen_x", found["deep"] / found["top"], 1.5)


if __name__ == "__main__":
    sys.exit(main())
