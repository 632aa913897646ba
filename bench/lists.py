"""Lists by conversation and in other orders, in a folder of --size letters, half of which answer another.

first: nothing is known of the account (signed out and in again), and the bare THREAD command over a socket, both in
turns. kept: nothing has changed since, against the flat page in the same state. arrived: a letter has come. deep: the
first page beyond what is asked for first, for which the whole folder is threaded.
"""

from __future__ import annotations

import sys
from time import perf_counter

from bench._imap import Bare
from bench._mail import people, talks
from bench._reader import Reader, medians, timed
from bench._servers import servers
from bench._table import Table, options
from tests.servers.people import Person
from webmail.imap.ordering import PART

THREAD = b"UID THREAD REFS UTF-8 ALL"
SORT = b"UID SORT (FROM REVERSE ARRIVAL) UTF-8 ALL"
NEW = b"From: Dora <dora@example.net>\r\nSubject: New\r\nMessage-ID: <%d.new@example.net>\r\n\r\nx\r\n"


class Place:
    """One person at the webmail and at the wire."""

    def __init__(self, port: int, person: Person, size: int) -> None:
        self.reader, self.bare, self.size = Reader(port, person), Bare(person), size
        self.bare.command(b"SELECT INBOX")
        self.last: bytes | None = None

    def together(self, on: bool) -> None:
        """Conversations in this folder, or messages one by one."""
        path = f"{self.reader.path}/conversations"
        self.reader.browser.post(path, {"csrf_token": self.reader.token, "on": str(int(on))})

    def first(self, _: int) -> float:
        """A list page when nothing is known: the connection is there, and was asked for the list of folders."""
        browser = self.reader.browser
        browser.post("/logout", {"csrf_token": self.reader.token})
        fresh = Reader(browser.port, self.reader.person, "Trash")
        fresh.path, self.reader = self.reader.path, fresh
        return fresh.page()

    def arrived(self, number: int) -> float:
        raw = NEW % number
        self.bare.command(b"APPEND INBOX (\\Seen) {%d+}\r\n%b" % (len(raw), raw))
        return self.reader.page()

    def tidy(self) -> None:
        """The letters that arrived go: the mailbox is kept."""
        self.bare.command(b"NOOP")
        self.bare.command(b"UID STORE %d:* +FLAGS.SILENT (\\Deleted)" % (self.size + 1))
        self.bare.command(b"EXPUNGE")


def deep(place: Place) -> float:
    """Down to the first page that the newest letters cannot answer; its milliseconds."""
    path = place.reader.path
    worst = 0.0
    for _ in range(PART // 50):
        begun = perf_counter()
        page = place.reader.browser.get(path).body
        worst = max(worst, (perf_counter() - begun) * 1000)
        older = page.rpartition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
        if " of " in page.partition('class="num">')[2][:40].partition("<")[0] or not older:
            break
        path = older
    return worst


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--size", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()
    table = Table(given.json)
    who = people(2)
    with servers(who, store="mdbox", shelved={one.login: given.size for one in who}, make=talks) as (mail, web):
        one, flat = (Place(web.port, mail.person(identity), given.size) for identity in who)
        flat.together(False)
        bare = {
            "thread": lambda _: timed(lambda: one.bare.command(THREAD)),
            "sort": lambda _: timed(lambda: one.bare.command(SORT)),
        }
        new = medians(max(3, given.rounds // 4), {"first": one.first, "flat": flat.first, **bare})
        kept = medians(
            given.rounds,
            {
                "talks": lambda _: one.reader.page(),
                "flat": lambda _: flat.reader.page(),
                "sorted": lambda _: one.reader.page("?sort=sender"),
            },
        )
        come = medians(max(3, given.rounds // 4), {"talks": one.arrived, "flat": flat.arrived, **bare})
        down = deep(one)
        report(table, new, kept, come)
        table.add("talks_deep_ms", down)
        table.add("talks_deep_x", down / new["thread"])
        for place in (one, flat):
            place.tidy()
    return 0


def report(table: Table, new: dict[str, float], kept: dict[str, float], come: dict[str, float]) -> None:
    table.add("thread_ms", new["thread"])
    table.add("flat_first_ms", new["flat"])
    table.add("flat_kept_ms", kept["flat"])
    table.add("talks_first_x", new["first"] / new["thread"], 1.0)
    table.add("talks_kept_x", kept["talks"] / kept["flat"], 2.0)
    table.add("sorted_kept_x", kept["sorted"] / kept["flat"], 2.0)
    table.add("talks_arrived_x", come["talks"] / come["thread"])
    table.add("flat_arrived_x", come["flat"] / come["thread"])


if __name__ == "__main__":
    sys.exit(main())
