"""Listing and opening in a closed loop by 1, 16 and 64 people at once, against a bare IMAP socket doing the same.

Everybody has an account of their own with 1,000 letters, and reads: ten times the list and one letter of it, then the
next page. Ours is the whole list page and the letter as the script asks for it; load_16_whole: the letter as a whole
page. The bare loop fetches the same rows, and for a letter its flags, structure, header and part in one command; slices
of both take turns. Processor time is that of the process group of the web server, and of Dovecot, while ours runs.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench._http import Browser
from bench._imap import Bare, rows_command
from bench._loop import Deed, HttpLine, ImapLine, Measured, Person, run
from bench._mail import fill, people
from bench._reader import Reader
from bench._servers import MailServer, WebServer, servers
from bench._table import Table, options, percentile

SIZE, PAGE, LETTERS = 1000, 50, 10
CROWDS = (1, 16, 64)


@dataclass
class Sides:
    """One person both ways."""

    reader: Reader
    bare: Bare
    browser: Browser = field(init=False)

    def __post_init__(self) -> None:
        self.browser = self.reader.browser

    def by_web(self, pane: bool) -> Person:
        return Person(HttpLine(self.browser, pane), self._paths())

    def by_wire(self) -> Person:
        return Person(ImapLine(self.bare), self._commands())

    def _paths(self) -> Iterator[Deed]:
        path, validity = self.reader.path, self.reader.validity
        for top, uid in _walk():
            place = "" if top == SIZE else f"?before={top + 1}"
            yield "list", path + place
            yield "open", f"{path}/{validity}.{uid}{place}"

    def _commands(self) -> Iterator[Deed]:
        for top, uid in _walk():
            yield "list", rows_command(range(top - PAGE + 1, top + 1)).decode()
            yield (
                "open",
                f"UID FETCH {uid} (FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE BODY.PEEK[HEADER] BODY.PEEK[1])",
            )


def _walk() -> Iterator[tuple[int, int]]:
    """(highest uid of a page, uid of a letter on it), over and over, never the same letter in one round."""
    for turn in itertools.count():
        for top in range(SIZE, 0, -PAGE):
            for number in range(LETTERS):
                yield top, top - (number * (PAGE // LETTERS) + turn) % PAGE


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--seconds", type=float, default=12.0, help="of each side for each number of people")
    given = parser.parse_args()
    table = Table(given.json)
    who = people(max(CROWDS))
    with servers(who, store="mdbox") as (mail, web):
        crowd = []
        for one in who:
            person = mail.person(one)
            fill(person, SIZE)
            bare = Bare(person)
            bare.command(b"SELECT INBOX")
            # What Dovecot makes of a letter once, it keeps; neither side is to pay for that.
            bare.command(rows_command(range(1, SIZE + 1)))
            bare.command(b"UID FETCH 1:* (BODYSTRUCTURE)")
            bare.command(b"UID STORE 1:* +FLAGS.SILENT (\\Seen)")
            crowd.append(Sides(Reader(web.port, person), bare))
        _same_links(crowd[0])
        for count in CROWDS:
            measure(table, f"load_{count}", crowd[:count], mail, web, given.seconds, pane=True)
        measure(table, "load_16_whole", crowd[:16], mail, web, given.seconds, pane=False)
    return 0


def _same_links(sides: Sides) -> None:
    """The links that are made up above are those that the page shows."""
    shown = {link for _, link, _ in itertools.islice(sides.reader.walk(), 2 * PAGE)}
    made = {path for name, path in itertools.islice(sides._paths(), 4 * LETTERS) if name == "open"}
    assert made <= shown, sorted(made - shown)[:2]


def measure(
    table: Table, name: str, crowd: list[Sides], mail: MailServer, web: WebServer, seconds: float, *, pane: bool
) -> None:
    ours, wire = Measured(), Measured()
    by_web, by_wire = [one.by_web(pane) for one in crowd], [one.by_wire() for one in crowd]
    run(by_web, 2)
    spent = {"web": 0.0, "dovecot": 0.0}
    for _ in range(4):
        wire.join(run(by_wire, seconds / 4))
        before = web.processor(), mail.processor()
        ours.join(run(by_web, seconds / 4))
        spent["web"] += web.processor() - before[0]
        spent["dovecot"] += mail.processor() - before[1]
    share = (ours.count / ours.seconds) / (wire.count / wire.seconds)
    table.add(f"{name}_share_x", share, 0.25, at_least=True)
    table.add(f"{name}_per_s", ours.count / ours.seconds)
    table.add(f"{name}_wire_per_s", wire.count / wire.seconds)
    table.add(f"{name}_web_processor_ms", spent["web"] / ours.count * 1000, 5)
    table.add(f"{name}_dovecot_processor_ms", spent["dovecot"] / ours.count * 1000, 1.5)
    for deed in ("list", "open"):
        table.add(f"{name}_{deed}_p50_ms", percentile(ours.times[deed], 0.5))
        table.add(f"{name}_{deed}_p95_ms", percentile(ours.times[deed], 0.95))


if __name__ == "__main__":
    sys.exit(main())
