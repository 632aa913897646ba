"""People at work in a closed loop, 1, 16, 64 and 200 of them: they read, star, search, send, each with a live stream.

Everybody has an account with 200 letters of their own. Of twenty deeds seven open a letter, six show the list, three
set or take a star, two search and show what was found, one shows an older page and one writes a letter and sends it,
each as a browser with script asks for it; who has an answer does the next thing at once. Letters wait ten seconds for
their Undo and go through TLS to a submission server: in the end each that was promised has to be there once.
per_core_s: requests for each second of processor time of the web server, whose threads share one core.
"""

from __future__ import annotations

import logging
import random
import re
import select
import sys
import tempfile
import threading
import time
import urllib.parse
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count, islice
from multiprocessing.connection import Connection
from pathlib import Path

from bench._beside import STOP, Beside
from bench._http import Browser, text
from bench._loop import Deed, HttpLine, Measured, Person, run
from bench._mail import fill, people
from bench._reader import Reader, older_of, rows_of
from bench._servers import MailServer, WebServer
from bench._stream import Stream
from bench._table import Table, options, percentile
from tests.servers.application import forms_of
from tests.servers.authority import Authority
from tests.servers.people import Identity
from tests.servers.submission import Submission

SIZE = 200
CROWDS = (1, 16, 64, 200)
UNDO, PATIENCE = 10, 60
DEEDS = {"open": 7, "list": 6, "star": 3, "search": 2, "older": 1, "send": 1}


class WorkLine(HttpLine):
    """A connection that sends forms too, and takes whatever is answered: an error is counted, not the end."""

    def __init__(self, browser: Browser) -> None:
        super().__init__(browser, pane=True)
        self.wrong: Counter[str] = Counter()
        self.head, self.body = b"", b""

    def ask(self, what: str) -> None:
        """A path, or a path, a space and the body of a form."""
        path, _, form = what.partition(" ")
        if not form:
            return super().ask(path)
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(form))}
        self.sock.sendall(self._browser.request("POST", path, kind) + form.encode())

    def whole(self, told: bytearray) -> bool:
        head, mark, body = bytes(told).partition(b"\r\n\r\n")
        found = re.search(rb"(?i)content-length: *(\d+)", head)
        if not mark or (len(body) < int(found[1]) if found else not told.endswith(b"\r\n0\r\n\r\n")):
            return False
        status = head[9:12].decode()
        if status not in ("200", "204", "303"):
            self.wrong[status] += 1
        self.head, self.body = head, body
        return True

    def page(self) -> str:
        """The answer as text, where it came in one piece."""
        return text(self.head, self.body)

    def leads(self) -> str:
        """Where a form has led."""
        found = re.search(rb"(?im)^location: *(\S+)", self.head)
        return found[1].decode() if found else ""


class Worker(Person):
    """Somebody at work. promised: subjects of letters that they were told are on their way."""

    def __init__(self, reader: Reader, number: int) -> None:
        self.wire = WorkLine(reader.browser)
        super().__init__(self.wire, self._deeds())
        self.promised: set[str] = set()
        self.steps = 0
        self._reader, self._number = reader, number
        self._chance = random.Random(number)
        page = reader.browser.get(reader.path).body
        self._links = [link for _, link, _ in rows_of(page)]
        self._older = older_of(page) or reader.path
        self._subject = ""

    def goes_on(self) -> bool:
        """A search leads to what it found, and a form that was fetched is sent."""
        self.steps += 1
        if self.name == "search" and (place := self.wire.leads()):
            self.say(place)
            return True
        if self.name == "send":
            if self._subject and (form := self._filled()):
                self.say(f"/write {form}")
                return True
            if self.wire.head[9:12] == b"303":
                self.promised.add(self._sent)
        return False

    def _filled(self) -> str:
        subject, self._subject = self._subject, ""
        self._sent = subject
        forms = [form for form in forms_of(self.wire.page()) if form.action == "/write"]
        if not forms:
            return ""
        fields = forms[0].filled(to="sink@example.net", subject=subject, body=f"The words of {subject}.\n", do="send")
        return urllib.parse.urlencode(fields, doseq=True)

    def _deeds(self) -> Iterator[Deed]:
        names, weights = list(DEEDS), list(DEEDS.values())
        for number in count():
            name = self._chance.choices(names, weights)[0]
            match name:
                case "open":
                    yield name, self._chance.choice(self._links)
                case "list":
                    yield name, self._reader.path
                case "older":
                    yield name, self._older
                case "star":
                    which = f"{self._reader.validity}.{self._chance.randint(1, SIZE)}"
                    yield name, f"{self._reader.path}/do {self._form(star=which)}"
                case "search":
                    yield name, f"/search {self._form(q=f'subject:{self._chance.randint(1, SIZE)}', **{'in': 'INBOX'})}"
                case _:
                    self._subject = f"work-{self._number}-{number}"
                    yield name, "/write"

    def _form(self, **fields: str) -> str:
        return urllib.parse.urlencode({"csrf_token": self._reader.token, **fields})


class Ears(threading.Thread):
    """Live streams of all who are there, read as they speak. lost: how many ended by themselves."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.lost = 0
        self._poll = select.epoll()
        self._streams: dict[int, Stream] = {}
        self._left = False
        self.start()

    def add(self, browser: Browser) -> None:
        stream = Stream(browser)
        self._streams[stream.fileno()] = stream
        self._poll.register(stream.fileno(), select.EPOLLIN)

    def run(self) -> None:
        while not self._left:
            for number, _ in self._poll.poll(0.2):
                stream = self._streams[number]
                stream.events()
                if stream.ended:
                    self.lost += 1
                    self._poll.unregister(number)

    def close(self) -> None:
        self._left = True
        self.join()
        for stream in self._streams.values():
            stream.close()


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="for each number of people")
    parser.add_argument("--crowds", type=int, nargs="+", default=CROWDS, metavar="N", help="how many people")
    given = parser.parse_args()
    table, who = Table(given.json), people(max(given.crowds))
    with ExitStack() as stack:
        authority = Authority(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pennypost-ca-"))))
        sink = Beside(_serve, authority, who)
        stack.callback(sink.stop)
        mail = MailServer(authority, who, store="mdbox")
        mail.start()
        stack.callback(mail.stop)
        for one in who:
            fill(mail.person(one), SIZE)
        for crowd in given.crowds:
            _stage(table, mail, sink, crowd, given.seconds)
    return 0


def _stage(table: Table, mail: MailServer, sink: Beside, crowd: int, seconds: float) -> None:
    """With a web server of its own, so that its memory is that of these people."""
    web = WebServer(mail, smtp_port=sink.port, undo_seconds=UNDO, session_idle_minutes=60)
    ears = Ears()
    try:
        workers = []
        for number, one in enumerate(islice(mail.people.values(), crowd)):
            reader = Reader(web.port, mail.person(one))
            ears.add(reader.browser)
            workers.append(Worker(reader, number * 1000 + crowd))
        run(workers, 3)
        before = web.processor(), mail.processor(), sum(each.steps for each in workers)
        found = run(workers, seconds)
        spent = web.processor() - before[0], mail.processor() - before[1]
        requests = sum(each.steps for each in workers) - before[2]
        memory = web.memory()["pss"] / 1e6
        _tell(table, f"work_{crowd}", found, requests, spent)
        table.add(f"work_{crowd}_memory_mb", memory)
        table.add(f"work_{crowd}_threads", web.open()["threads"])
        table.add(f"work_{crowd}_wrong_answers", sum(sum(each.wire.wrong.values()) for each in workers), 0)
        table.add(f"work_{crowd}_streams_lost", ears.lost, 0)
        _arrived(table, f"work_{crowd}", set().union(*(each.promised for each in workers)), sink)
    finally:
        ears.close()
        web.stop()


def _tell(table: Table, name: str, found: Measured, requests: int, spent: tuple[float, float]) -> None:
    table.add(f"{name}_per_s", requests / found.seconds)
    table.add(f"{name}_per_core_s", requests / spent[0])
    table.add(f"{name}_web_processor_ms", spent[0] / requests * 1000)
    table.add(f"{name}_dovecot_processor_ms", spent[1] / requests * 1000)
    for deed in DEEDS:
        for part in (50, 95, 99):
            if times := found.times.get(deed):
                table.add(f"{name}_{deed}_p{part}_ms", percentile(times, part / 100))


def _serve(line: Connection, authority: Authority, people: list[Identity]) -> None:
    """Where letters go. It answers with the subjects of all that it took, and how often each."""
    logging.disable()
    warnings.simplefilter("ignore")
    server = Submission(authority, people=people).start()
    line.send(server.port)
    while line.recv() != STOP:
        line.send(Counter(subject for letter in list(server.accepted) for subject in _subject(letter.raw)))
    server.stop()


def _subject(raw: bytes) -> list[str]:
    found = re.search(rb"(?m)^Subject: (\S+)", raw)
    return [found[1].decode()] if found else []


def _arrived(table: Table, name: str, promised: set[str], sink: Beside) -> None:
    end = time.monotonic() + UNDO + PATIENCE
    while promised - (taken := sink.ask("taken")).keys() and time.monotonic() < end:
        time.sleep(0.5)
    table.add(f"{name}_letters_promised", len(promised))
    table.add(f"{name}_letters_lost", len(promised - taken.keys()), 0)
    table.add(f"{name}_letters_twice", sum(taken[each] > 1 for each in promised), 0)


if __name__ == "__main__":
    sys.exit(main())
