"""What searching costs beside the mail server's own search: a large folder, and two hundred folders.

In one folder every round searches for something that nobody searched for before: by subject, and in the texts; the
value is the page of results from the form to its last octet, divided by the bare SEARCH of the same kind in the same
round. many: something that every letter holds, divided by something that fifty hold. again: the next page of a search
in the texts, divided by its first.

In all folders: first, from the form to the page with the first hits, divided by the slowest folder over the wire; all,
to the end of the stream, divided by every folder over the wire, one after the other. A folder counts with the median
of its answers, so that one interrupted answer is not taken for a slow folder. The inbox has 2,000 letters, each other
folder a hundred: where all are small, an answer takes a millisecond, and the page itself is all there is to measure.
"""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Callable
from functools import partial
from statistics import median
from time import perf_counter

from bench._imap import Bare
from bench._mail import fill, people
from bench._reader import Reader, medians, timed
from bench._servers import servers
from bench._table import Table, options

FOLDERS = 200
INBOX, LETTERS = 2000, 100


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--size", type=int, default=5000, help="letters of the large folder (5000)")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--indexed", action="store_true", help="a server with an index of texts (dovecot-fts-xapian)")
    given = parser.parse_args()
    table = Table(given.json)
    one, many = people(2)
    with servers([one, many], store="mdbox", shelved={one.login: given.size}, indexed=given.indexed) as (mail, web):
        large(table, Searcher(web.port, mail.person(one)), Bare(mail.person(one)), given.size, given.rounds)
        if given.indexed:
            return 0
        person = mail.person(many)
        fill(person, INBOX)
        with person.imap() as client:
            for number in range(FOLDERS):
                client.create_folder(f"Box {number}")
        fill(person, LETTERS, '"Box 0"')
        with person.imap() as client:
            client.select_folder("Box 0", readonly=True)
            for number in range(1, FOLDERS):
                client.copy("1:*", f"Box {number}")
        everywhere(table, Searcher(web.port, person), Bare(person), given.rounds)
    return 0


class Searcher(Reader):
    """A reader who types into the search field, with a browser that runs scripts."""

    def ask(self, text: str, where: str = "INBOX") -> str:
        """The page of results."""
        self.browser.cookies["tz"] = "Europe%2FBerlin"
        fields = {"csrf_token": self.token, "q": text, "in": where}
        answer = self.browser.post("/search", fields)
        return self.browser.get(answer.header("Location") or "").body

    def next(self, page: str) -> str:
        found = re.search(r'href="([^"]+)" rel="next"', page)
        assert found
        return self.browser.get(html.unescape(found[1])).body


def large(table: Table, reader: Searcher, bare: Bare, size: int, rounds: int) -> None:
    bare.command(b"SELECT INBOX")
    step = iter(range(size - 10, 10, -1))
    pages: dict[str, str] = {}

    def keep(name: str, work: Callable[[], str]) -> None:
        pages[name] = work()

    ways: dict[str, Callable[[int], float]] = {
        "subject": lambda _: timed(lambda: reader.ask(f"subject:{next(step)}")),
        "wire_subject": lambda _: timed(lambda: bare.command(b'UID SEARCH SUBJECT "%d"' % next(step))),
        "body": lambda _: timed(lambda: keep("body", lambda: reader.ask(f"body:talked -subject:{next(step)}"))),
        "again": lambda _: timed(lambda: reader.next(pages["body"])),
        "wire_body": lambda _: timed(
            lambda: bare.command(b'UID SEARCH RETURN (ALL) BODY "talked" NOT SUBJECT "%d"' % next(step))
        ),
        "few": lambda n: timed(lambda: reader.ask(f'from:example larger:{n + 100} subject:"port {size // 100}"')),
        "many": lambda n: timed(lambda: reader.ask(f"from:example larger:{n + 100}")),
    }
    found = medians(rounds, ways)
    for name in ("subject", "body", "many"):
        table.add(f"search_{name}_at_{size}_ms", found[name])
    for name in ("subject", "body"):
        table.add(f"search_{name}_at_{size}_x", found[name] / found[f"wire_{name}"], 1.2)
    table.add(f"search_many_at_{size}_x", found["many"] / found["few"], 1.2)
    table.add(f"search_again_at_{size}_x", found["again"] / found["body"])


def everywhere(table: Table, reader: Searcher, bare: Bare, rounds: int) -> None:
    names = ["INBOX", *(f"Box {number}" for number in range(FOLDERS))]
    firsts, totals = [], []
    wires: list[list[float]] = []
    for number in range(rounds // 3 + 1):
        begun = perf_counter()
        page = reader.ask(f"what follows larger:{number + 100}", "")
        rest = re.search(r'data-rest="([^"]+)"', page)
        assert rest
        firsts.append(_first(reader, page, html.unescape(rest[1]), begun))
        totals.append((perf_counter() - begun) * 1000)
        wires.append([timed(partial(_folder, bare, name, number)) for name in names])
    first, total, wire = median(firsts), median(totals), median(map(sum, wires))
    slow = max(map(median, zip(*wires, strict=True)))
    table.add("search_everywhere_first_ms", first)
    table.add("search_everywhere_first_x", first / slow, 2)
    table.add("search_everywhere_ms", total)
    table.add("search_everywhere_x", total / wire, 1.5)


def _first(reader: Searcher, page: str, rest: str, begun: float) -> float:
    """Milliseconds until the first hits were there; the stream is read to its end."""
    at = (perf_counter() - begun) * 1000 if '<section class="hits"' in page else 0.0
    sock = reader.browser.sock()
    sock.sendall(reader.browser.request("GET", rest, {}))
    told = bytearray()
    while not told.endswith(b"\r\n0\r\n\r\n"):
        told += sock.recv(262144)
        if not at and b'<section class="hits"' in told:
            at = (perf_counter() - begun) * 1000
    return at


def _folder(bare: Bare, name: str, number: int) -> None:
    words = b"%b %b" % (_anywhere(b"what"), _anywhere(b"follows"))
    bare.command(b'EXAMINE "%b"' % name.encode())
    bare.command(b"UID SEARCH RETURN (ALL) %b LARGER %d" % (words, number + 100))


def _anywhere(word: bytes) -> bytes:
    return b'OR SUBJECT "%b" OR FROM "%b" OR TO "%b" OR CC "%b" BODY "%b"' % ((word,) * 5)


if __name__ == "__main__":
    sys.exit(main())
