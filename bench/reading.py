"""Opening an HTML letter of 100 KB, page and body; files of 25 and 100 MB, one by one and as ZIP; two bombs.

Each letter is opened for the first time, from the page of the list on which it stands, on a warm connection: nothing of
it is known but its row. Beside it the same part by plain IMAPClient and by a bare socket. A file is read as fast as it
comes and thrown away; how much memory the serving process needs for it is its peak while it streams, less what it had.
"""

from __future__ import annotations

import re
import sys
from base64 import encodebytes
from collections.abc import Iterator
from pathlib import Path

from imapclient import IMAPClient

from bench._http import Browser
from bench._imap import Bare, plain_client
from bench._mail import fill, people
from bench._reader import WARM, Reader, medians, timed
from bench._servers import WebServer, servers
from bench._table import Table, options
from bench.clean import newsletter
from tests.mail import bombs
from tests.servers.people import Person

KB = 1024
ROUNDS = 40
FILES = (25, 100)  # MB
_FRAME = re.compile(r'<iframe[^>]* src="([^"]+)"')


def main() -> int:
    parser = options(__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    table = Table(given.json)
    who = people(1)
    with servers(who, command_timeout=60) as (mail, web):
        person = mail.person(who[0])
        fill(person, 20)
        first = person.append_all([_letter(n) for n in range(given.rounds + WARM)])
        reader, bare = Reader(web.port, person), Bare(person)
        bare.command(b"SELECT INBOX")
        with plain_client(person) as client:
            _html(table, given.rounds, first, web, reader, client, bare)
        _bombs(table, person, reader)
        for size in FILES:
            _file(table, size, person, web, reader, bare)
    return 0


def _letter(number: int) -> bytes:
    """A newsletter of its own: nothing that is kept of another one helps."""
    page = newsletter(100 * KB).replace("What is new this week", f"What is new in week {number}").encode()
    return bombs.letter(b"Content-Type: text/html; charset=utf-8\r\n", page.replace(b"\n", b"\r\n"), b"News")


def _html(
    table: Table, rounds: int, uids: list[int], web: WebServer, reader: Reader, client: IMAPClient, bare: Bare
) -> None:
    for _ in reader.walk():
        pass
    waiting = iter(uids)
    spent: list[float] = []

    def opened(_: int) -> float:
        uid = next(waiting)
        before = web.processor()
        taken = timed(lambda: _page_and_body(reader, uid))
        spent.append(web.processor() - before)
        return taken

    found = medians(
        rounds,
        {
            "bare": lambda n: timed(lambda: bare.command(b"UID FETCH %d (BODY.PEEK[1])" % uids[n])),
            "floor": lambda n: timed(lambda: client.fetch([uids[n]], [b"BODY.PEEK[1]"])),
            "open": opened,
            "again": lambda n: timed(lambda: _page_and_body(reader, uids[n])),
        },
    )
    table.add("html_100kb_bare_socket_ms", found["bare"])
    table.add("html_100kb_floor_ms", found["floor"])
    table.add("html_100kb_page_and_body_ms", found["open"], 10)
    table.add("html_100kb_processor_ms", sum(spent[WARM:]) / len(spent[WARM:]) * 1000, 10)
    table.add("html_100kb_x", found["open"] / found["floor"])
    table.add("html_100kb_again_ms", found["again"])


def _page_and_body(reader: Reader, uid: int) -> None:
    page = reader.browser.get(f"{reader.path}/{reader.validity}.{uid}", X_Part="message").body
    frame = _FRAME.search(page)
    assert frame, "the letter has no frame"
    assert "Story 9" in reader.browser.get(frame[1].replace("&amp;", "&")).body


def _bombs(table: Table, person: Person, reader: Reader) -> None:
    for name, make in (("10000_parts", bombs.many_parts), ("1000_deep", bombs.deep_multiparts)):
        uid = person.append(make())
        reader.page()
        taken = reader.open(f"{reader.path}/{reader.validity}.{uid}", X_Part="message")
        table.add(f"bomb_{name}_ms", taken, 1000)


def _file(table: Table, size: int, person: Person, web: WebServer, reader: Reader, bare: Bare) -> None:
    uid = person.append(_with_file(size))
    reader.page()
    bare.command(b"NOOP")
    here = f"{reader.path}/{reader.validity}.{uid}"
    reader.open(here)
    raw = min(timed(lambda: bare.command(b"UID FETCH %d (BODY.PEEK[2])" % uid)) for _ in range(3))
    table.add(f"file_{size}mb_bare_socket_mb_per_s", size / raw * 1000)
    for name, path in (("file", f"{here}/part/2?dl=1"), ("zip", f"{here}/files.zip")):
        before = _rss(web, "VmRSS")
        Path(f"/proc/{web.worker()}/clear_refs").write_text("5")
        took = min(timed(lambda path=path: _drain(reader.browser, path, size)) for _ in range(3))  # type: ignore[misc]
        table.add(f"{name}_{size}mb_mb_per_s", size / took * 1000)
        table.add(f"{name}_{size}mb_share_x", raw / took)
        table.add(f"{name}_{size}mb_memory_kb", (max(_rss(web, "VmHWM"), _rss(web, "VmRSS")) - before) / 1000, 20_000)


def _with_file(size: int) -> bytes:
    """Two files, so that there is an archive; the second is a few octets."""
    line = encodebytes(bytes(range(57))).replace(b"\n", b"\r\n")
    head = b"Content-Type: multipart/mixed; boundary=b\r\n"
    attached = b"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=%b\r\n\r\n%b\r\n"
    parts = (
        b"Content-Type: text/plain\r\n\r\n" + bombs.WORDS,
        b"Content-Type: video/mp4\r\n" + attached % (b"film.mp4", line * (size * 1_000_000 // 57)),
        b"Content-Type: video/mp4\r\n" + attached % (b"short.mp4", line),
    )
    return bombs.letter(head, b"".join(b"--b\r\n" + part for part in parts) + b"--b--\r\n", b"Films")


def _drain(browser: Browser, path: str, size: int) -> None:
    """Read the answer to its end, keeping nothing."""
    browser.close()
    browser.sock().sendall(browser.request("GET", path, {}))
    octets, tail = 0, b""
    for piece in _pieces(browser):
        octets += len(piece)
        tail = (tail + piece)[-7:]
        if tail.endswith(b"\r\n0\r\n\r\n"):
            break
    browser.close()
    assert octets > size * 990_000, f"{path}: {octets} octets only"


def _pieces(browser: Browser) -> Iterator[bytes]:
    while piece := browser.sock().recv(1 << 18):
        yield piece


def _rss(web: WebServer, word: str) -> int:
    """Octets: VmRSS now, VmHWM at the peak (proc_pid_status(5))."""
    found = re.search(rf"^{word}:\s+(\d+) kB", Path(f"/proc/{web.worker()}/status").read_text(), re.M)
    assert found
    return int(found[1]) * 1024


if __name__ == "__main__":
    sys.exit(main())
