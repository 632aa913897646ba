"""200 people signed in, each with a live stream: what one of them costs the web tier in memory, and whether that grows.

Memory is what all processes of the web server have of their own (PSS without files), less what it was when five people
had done the same and all of its threads had worked. Everybody has looked at the list and one letter, so that stream,
watcher and warm state are in it.
Then comes churn: browsers connect again, look at the list and at letters, letters come and go, stars are set. The
growth is that of the second half of the churn (two minutes, with --hour an hour, and --full), when everything was seen
once. With --full everybody has looked at all rows and read a hundred letters before, so that the memories that have
limits have reached them: what grows then was not meant to. At the end everybody gets one more letter, and each stream
has to say so.
"""

from __future__ import annotations

import random
import select
import statistics
import sys
from collections import deque
from time import perf_counter

from bench._http import Browser
from bench._imap import Bare
from bench._loop import HttpLine, Person, run
from bench._mail import fill, people, plain
from bench._reader import Reader
from bench._servers import MailServer, WebServer, servers
from bench._stream import Stream
from bench._table import Table, options
from tests.servers.people import Identity

FIRST, CROWD = 5, 200
SIZE, LARGE = 120, 300
"""Letters of a mailbox; with --full."""
READ = 100
"""Letters after which somebody's memory of headers is full; the rows of their mailbox fill that of rows."""
HEARTBEAT = 16.0
"""Seconds, a little more than the server's."""
NOISE = 10
"""Kilobytes a person by which the allocator may differ from one look to the next; a leak is far over it in an hour."""


class Member:
    """One person with a live stream."""

    def __init__(self, mail: MailServer, web: WebServer, who: Identity, size: int) -> None:
        self.person = mail.person(who)
        fill(self.person, size)
        self.size = self.highest = size
        self.reader = Reader(web.port, self.person)
        self.reader.page()
        self.reader.open(next(self.reader.walk())[1], X_Part="message")
        self.reader.browser.close()
        self.stream = Stream(self.reader.browser)
        self.news: deque[int] = deque(maxlen=10)

    def take(self) -> None:
        """What the stream says; a browser connects again when it ends."""
        for event in self.stream.events():
            self.news.extend(event.data.get("added", ()))
        if self.stream.ended:
            self.again()

    def again(self) -> None:
        self.stream.close()
        self.stream = Stream(self.reader.browser)

    def deliver(self) -> None:
        """Another device puts a letter there and takes the oldest away: the mailbox keeps its size."""
        with Bare(self.person) as bare:
            raw = plain(self.highest)
            bare.command(b"APPEND INBOX {%d+}\r\n%s" % (len(raw), raw))
            self.highest += 1
            bare.command(b"SELECT INBOX")
            bare.command(b"UID STORE %d +FLAGS.SILENT (\\Deleted)" % (self.highest - self.size))
            bare.command(b"UID EXPUNGE %d" % (self.highest - self.size))

    def look(self) -> None:
        self.reader.page()
        self.reader.browser.close()

    def star(self) -> None:
        self.reader.star(self.highest, random.random() < 0.5)
        self.reader.browser.close()

    def read(self) -> None:
        link = next(link for _, link, _ in self.reader.walk())
        self.reader.open(link, X_Part="message")
        self.reader.browser.close()

    def study(self) -> None:
        for at, (_, link, _) in enumerate(self.reader.walk()):
            if at < READ:
                self.reader.open(link, X_Part="message")
        self.reader.browser.close()


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--full", action="store_true", help="begin with memories that are full")
    parser.add_argument("--hour", action="store_true", help="an hour of that")
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--crowd", type=int, default=CROWD)
    given = parser.parse_args()
    full = given.full or given.hour
    size = LARGE if full else SIZE
    table = Table(given.json)
    who = people(FIRST + given.crowd)
    room = {"streams": 2 * len(who), "connections_total": 3 * len(who)}
    with servers(who, store="mdbox", **room) as (mail, web):
        first = [Member(mail, web, one, size) for one in who[:FIRST]]
        _all_threads(first)
        before = web.memory()
        crowd = first + [Member(mail, web, one, size) for one in who[FIRST:]]
        _listen(crowd, 3.0)
        after = web.memory()
        each = {word: (after[word] - before[word]) / given.crowd / 1000 for word in after}
        table.add("stream_memory_per_user_kb", each["own"], 250)
        table.add("stream_memory_per_user_rss_kb", each["rss"])
        table.add("stream_imap_connections_per_user", _connections(mail) / len(crowd))
        _churn(table, mail, web, crowd, 60.0 if given.hour else given.minutes, full)
        _everybody(table, crowd)
    return 0


def _all_threads(first: list[Member]) -> None:
    """Every thread of the server has worked, and has what it keeps."""
    lines = [HttpLine(_second(member.reader.browser), True) for member in first for _ in range(8)]
    crowd = [Person(line, iter([("list", "/m/INBOX")] * 10_000)) for line in lines]
    run(crowd, 5.0)
    for line in lines:
        line.sock.close()


def _second(browser: Browser) -> Browser:
    """Another connection of the same browser."""
    other = Browser(browser.port)
    other.cookies = browser.cookies
    return other


def _listen(crowd: list[Member], seconds: float) -> None:
    end = perf_counter() + seconds
    with select.epoll() as poll:
        by_number = {}
        for member in crowd:
            by_number[member.stream.fileno()] = member
            poll.register(member.stream.fileno(), select.EPOLLIN)
        while (left := end - perf_counter()) > 0:
            for number, _ in poll.poll(left):
                member = by_number[number]
                member.take()
                if member.stream.fileno() != number:
                    by_number[member.stream.fileno()] = member
                    poll.register(member.stream.fileno(), select.EPOLLIN)


def _churn(table: Table, mail: MailServer, web: WebServer, crowd: list[Member], minutes: float, studied: bool) -> None:
    # What is made once (a thread for each browser that connects before its last stream is missed) is no growth.
    for member in crowd:
        for deed in (member.again, member.deliver, member.look, member.read, member.star, member.again):
            deed()
        if studied:
            member.study()
    _listen(crowd, 1.0)
    sizes: list[tuple[float, int]] = []
    begun = perf_counter()
    opened = web.open(), _connections(mail)
    _say(0, web.memory()["own"], *opened, 0)
    deeds = told = 0
    while (now := perf_counter() - begun) < minutes * 60:
        for _ in range(20):
            member = random.choice(crowd)
            random.choice([member.again, member.deliver, member.look, member.read, member.star])()
            deeds += 1
        _listen(crowd, 0.2)
        sizes.append((now, web.memory()["own"]))
        if now > 300 * (told + 1):
            told += 1
            _say(told * 5, sizes[-1][1], web.open(), _connections(mail), deeds)
    half = [size for at, size in sizes if minutes * 30 <= at < minutes * 45]
    last = [size for at, size in sizes if at >= minutes * 45]
    growth = (statistics.median(last) - statistics.median(half)) / 1000
    table.add("stream_churn_deeds", deeds)
    table.add("stream_memory_whole_kb", sizes[-1][1] / 1000)
    table.add("stream_growth_kb", growth, NOISE * len(crowd))
    # A stream that a browser left is found out by the next two heartbeats, at most.
    _listen(crowd, 2 * HEARTBEAT)
    now_open = web.open(), _connections(mail)
    table.add("stream_threads_more", now_open[0]["threads"] - opened[0]["threads"])
    table.add("stream_files_more", now_open[0]["files"] - opened[0]["files"])
    table.add("stream_imap_connections_more", now_open[1] - opened[1])


def _say(minutes: int, memory: int, opened: dict[str, int], connections: int, deeds: int) -> None:
    words = f"{memory / 1e6:.1f} MB, {opened['threads']} threads, {opened['files']} files, {connections} connections"
    print(f"after {minutes} min: {words}, {deeds} deeds", file=sys.stderr, flush=True)


def _connections(mail: MailServer) -> int:
    return len(mail.doveadm("-f", "tab", "who", "-1").splitlines()) - 1


def _everybody(table: Table, crowd: list[Member]) -> None:
    """Streams that do not say within ten seconds that a letter came."""
    wanted = {}
    begun = perf_counter()
    for member in crowd:
        member.deliver()
        wanted[member] = member.highest
    spent = perf_counter() - begun
    _listen(crowd, 10.0)
    missing = sum(uid not in member.news for member, uid in wanted.items())
    print(f"{len(crowd)} letters delivered in {spent:.1f} s", file=sys.stderr)
    table.add("stream_deaf_users", missing, 0)


if __name__ == "__main__":
    sys.exit(main())
